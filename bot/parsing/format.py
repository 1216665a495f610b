"""A request as a person would type it; reading that gives the request back.

Prompts are written plainly where that reads back, in quotes where it does not, and with
backslashes where quotes do not help either.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.chat.catalogue import COMMANDS
from bot.domain.models import Models
from bot.domain.request import ImageRequest
from bot.errors import WrongInput
from bot.parsing import grammar, values
from bot.parsing.flags import FLAGS, Flag
from bot.parsing.grammar import Takes
from bot.parsing.words import DASHES, QUOTES

_UNASKED = ImageRequest(prompt="", model="")  # the default of every field
# Every closing quote: what is read before these has left no quote open behind it.
_CLOSERS = "x\" x' x\u00bb"
_NEEDS_ESCAPE = re.compile(rf"(?<!\S)(?=[{re.escape(DASHES)}])|(?=[{QUOTES}\\])")


def format_request(request: ImageRequest, *, models: Models, default_model: str) -> str:
    """Give prompt and flags in one line, as they may follow `/imagine`."""
    prompt = format_prompt(request.prompt)
    first = prompt.partition(" ")[0].lower()
    start = "--" if first in {command.name for command in COMMANDS} else ""
    flags = format_flags(request, models=models, default_model=default_model)
    return " ".join(filter(None, [start, prompt, flags]))


def format_prompt(prompt: str) -> str:
    """Give the prompt such that none of it is read as a flag."""
    prompt = values.read_text(prompt)
    *better, last = _forms(prompt)
    return next((form for form in better if _is_read_as(prompt, form)), last)


def format_flags(request: ImageRequest, *, models: Models, default_model: str) -> str:
    """Give the flags alone; what the bot would choose by itself is left out."""
    default = replace(_UNASKED, model=values.read_model(default_model, models).name)
    shown = [
        _format_flag(flag, getattr(request, flag.field), models)
        for flag in FLAGS
        if getattr(request, flag.field) != getattr(default, flag.field)
    ]
    return " ".join(shown)


def _format_flag(flag: Flag, value: object, models: Models) -> str:
    if flag.takes is Takes.NOTHING:
        return f"--{flag.name}"
    shown = values.read_text(flag.show(value, models))
    if flag.takes in {Takes.WORDS, Takes.LIST}:
        *better, last = _forms(shown)
        shown = next((form for form in better if _is_value(shown, form, flag)), last)
    return f"--{flag.name} {shown}"


def _forms(text: str) -> Iterator[str]:
    """Give ways to write *text*, the most readable first; the last is never misread."""
    yield text
    yield f'"{text}"'
    yield _NEEDS_ESCAPE.sub(r"\\", text)


def _is_read_as(prompt: str, form: str) -> bool:
    try:
        typed = grammar.read(f"{form} --no {_CLOSERS}", FLAGS)
    except WrongInput:
        return False
    return typed.prompt == prompt and [one.value for one in typed.given] == [_CLOSERS]


def _is_value(value: str, form: str, flag: Flag) -> bool:
    try:
        typed = grammar.read(f"--{flag.name} {form} --seed {_CLOSERS}", FLAGS)
    except WrongInput:
        return False
    return [one.value for one in typed.given] == [value, 'x"']
