"""`/imagine …` where the whole command is one line of text: sub-commands and prompts. Pure."""

import re
from collections.abc import Mapping

from bot.chat.commands import (
    AskBatch,
    Cancel,
    Command,
    Find,
    Generate,
    Help,
    History,
    Origin,
    Show,
    ShowSettings,
    Stats,
    SubmitBatch,
)

_WITHOUT_ARGUMENTS: Mapping[str, type[Help | History | ShowSettings | Stats]] = {
    "help": Help,
    "history": History,
    "settings": ShowSettings,
    "stats": Stats,
}
_NOT_A_COMMAND = re.compile(r"(?:--|—|–)\s+(?P<prompt>.*)", re.DOTALL)


def read_slash(text: str, origin: Origin) -> Command:
    """Read what follows `/imagine`; `-- history of art` is a prompt that begins so."""
    text = text.strip()
    if not text:
        return Help(origin=origin)
    return read_subcommand(text, origin) or read_prompt(text, origin)


def read_subcommand(text: str, origin: Origin) -> Command | None:
    """Read `search WORDS` and its like; None when the first word is none of them."""
    word, *more = text.split(maxsplit=1)
    word, rest = word.lower(), more[0].strip() if more else ""
    if make := _WITHOUT_ARGUMENTS.get(word):
        return make(origin=origin)
    match word:
        case "search":
            return Find(origin=origin, text=rest)
        case "show":
            return Show(origin=origin, target=rest)
        case "cancel":
            return Cancel(origin=origin, target=rest or None)
        case "batch":
            return read_lines(rest, origin)
        case _:
            return None


def read_lines(text: str, origin: Origin) -> AskBatch | SubmitBatch:
    """Read what follows `batch`: flags for all on its own line, then a prompt a line.

    Without a line the form is asked for.
    """
    if not text:
        return AskBatch(origin=origin)
    first, _, rest = text.partition("\n")
    if first.lstrip().startswith(("--", "—", "–")) and rest.strip():
        return SubmitBatch(origin=origin, content=rest.encode(), flags=first.strip())
    return SubmitBatch(origin=origin, content=text.encode())


def read_prompt(text: str, origin: Origin) -> Generate:
    """Read a prompt, without the dashes that keep its first word from being a command."""
    escaped = _NOT_A_COMMAND.fullmatch(text)
    return Generate(origin=origin, text=escaped["prompt"] if escaped else text)
