"""The application commands, built from the catalogue of what can be typed."""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import discord
from discord import app_commands

from adapters.discord.desk import Desk
from adapters.discord.words import cut
from bot.chat.catalogue import Catalogue, CommandInfo, Option, ValueKind
from bot.chat.commands import (
    Cancel,
    Command,
    Find,
    Generate,
    Help,
    History,
    MessageRef,
    Origin,
    Reproduce,
    Show,
    ShowSettings,
    Stats,
)

LONGEST_PROMPT = 6000  # characters of a text option, Discord's own limit
MOST_CHOICES = 25
_LONGEST_CHOICE = 100
_AUTOCOMPLETED = "tags"  # from the person's own pictures

_Interaction = discord.Interaction[Any]
_Made = app_commands.Command[Any, ..., None]
_Choice = app_commands.Choice[Any]
_SIMPLE: dict[str, Callable[[Origin, str | None], Command]] = {
    "help": lambda origin, _: Help(origin=origin),
    "history": lambda origin, _: History(origin=origin),
    "search": lambda origin, typed: Find(origin=origin, text=typed or ""),
    "show": lambda origin, typed: Show(origin=origin, target=typed or ""),
    "settings": lambda origin, _: ShowSettings(origin=origin),
    "stats": lambda origin, _: Stats(origin=origin),
    "cancel": lambda origin, typed: Cancel(origin=origin, target=typed),
}

_BATCH_OPTIONS = {
    "file": "A prompt a line (.txt), or a table whose columns are named like flags "
    "(.csv, .jsonl)",
    "flags": "For every line that says nothing else, such as --ar 16:9",
    "campaign": "A name for it; each picture gets it as a tag",
    "delay": "One picture after the other, with so much time between them, such as 5s",
}


def build(
    catalogue: Catalogue, desk: Desk
) -> Iterator[_Made | app_commands.ContextMenu]:
    """Give every command; *desk* answers them."""
    yield _imagine(catalogue, desk)
    for info in catalogue.commands:
        if info.name in _SIMPLE:
            yield _simple(info, desk)
    yield _batch(desk)
    yield _reproduce(desk)


def _imagine(catalogue: Catalogue, desk: Desk) -> _Made:
    options = {option.name: option for option in catalogue.options}

    async def imagine(interaction: _Interaction, prompt: str, **given: Any) -> None:
        values = {
            options[name].flag: _as_typed(value)
            for name, value in given.items()
            if value is not None and value is not False
        }
        origin = desk.origin(interaction)
        command = Generate(origin=origin, text=prompt, options=values)
        await desk.answer(interaction, command)

    parameters = [
        _parameter("interaction", _Interaction),
        _parameter("prompt", app_commands.Range[str, 1, LONGEST_PROMPT]),
        *(_parameter(o.name, _annotation(o) | None, None) for o in options.values()),
    ]
    made = _command("imagine", "Draw a picture from your words", imagine, parameters)
    _describe(made, "prompt", "What to draw; flags like --ar 16:9 count too")
    for option in options.values():
        _describe(made, option.name, option.help)
        _offer(made, option, desk)
    return made


def _simple(info: CommandInfo, desk: Desk) -> _Made:
    make = _SIMPLE[info.name]
    name = info.arguments.strip("[]").lower()

    async def simple(interaction: _Interaction, **given: Any) -> None:
        typed = given.get(name)
        command = make(desk.origin(interaction), typed)
        words = typed if isinstance(command, Find) else None
        await desk.answer(interaction, command, words=words)

    parameters = [_parameter("interaction", _Interaction)]
    if name and info.arguments.startswith("["):
        parameters.append(_parameter(name, str | None, None))
    elif name:
        parameters.append(_parameter(name, str))
    made = _command(info.name, info.help, simple, parameters)
    if name:
        _describe(made, name, info.help)
    return made


def _batch(desk: Desk) -> _Made:
    async def batch(
        interaction: _Interaction,
        file: discord.Attachment | None = None,
        flags: str | None = None,
        campaign: str | None = None,
        delay: str | None = None,
    ) -> None:
        given = [flags.strip()] if flags else []
        if campaign:
            given.append('--campaign "{}"'.format(campaign.replace('"', "")))
        if delay:
            given.append(f"--delay {delay.strip()}")
        await desk.batch(interaction, file, " ".join(given))

    made: _Made = app_commands.Command(
        name="batch",
        description="Draw many pictures: from a file, or from lines you type",
        callback=batch,
    )
    for name, text in _BATCH_OPTIONS.items():
        _describe(made, name, text)
    return made


def _reproduce(desk: Desk) -> app_commands.ContextMenu:
    async def reproduce(interaction: _Interaction, message: discord.Message) -> None:
        target = MessageRef(
            channel_id=str(message.channel.id), message_id=str(message.id)
        )
        command = Reproduce(origin=desk.origin(interaction), target=target)
        await desk.answer(interaction, command)

    return app_commands.ContextMenu(name="Reproduce", callback=reproduce)


# --- options ----------------------------------------------------------------


def _parameter(
    name: str, annotation: Any, default: Any = inspect.Parameter.empty
) -> inspect.Parameter:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _command(
    name: str,
    description: str,
    callback: Callable[..., Awaitable[None]],
    parameters: list[inspect.Parameter],
) -> _Made:
    # The library reads a command's options off its callback's signature.
    callback.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # inspect's own protocol
    return app_commands.Command(
        name=name,
        description=cut(description, 100),
        callback=callback,  # type: ignore[arg-type]  # its signature is made above
    )


def _annotation(option: Option) -> Any:
    match option.kind:
        case ValueKind.SWITCH:
            return bool
        case ValueKind.NUMBER:
            return app_commands.Range[int, option.minimum, option.maximum]
        case ValueKind.TEXT:
            return str


def _describe(made: _Made, name: str, text: str) -> None:
    made._params[name].description = cut(text, 100)  # noqa: SLF001 - the only way after the fact


def _offer(made: _Made, option: Option, desk: Desk) -> None:
    """Let Discord suggest values: all of them where they are few, else as one types."""
    choices: list[_Choice] = [
        app_commands.Choice(name=cut(c.label, 100), value=c.value)
        for c in option.choices
        if len(c.value) <= _LONGEST_CHOICE
    ]
    if choices and option.is_closed and len(choices) <= MOST_CHOICES:
        made._params[option.name].choices = choices  # noqa: SLF001 - as above
    elif choices:
        made.autocomplete(option.name)(_suggesting(choices))
    elif option.name == _AUTOCOMPLETED:
        made.autocomplete(option.name)(_suggesting_tags(desk))


def _suggesting(choices: list[_Choice]) -> Any:
    async def suggest(_: _Interaction, typed: str) -> list[_Choice]:
        wanted = typed.strip().lower()
        first = [c for c in choices if c.name.lower().startswith(wanted)]
        inside = [c for c in choices if wanted in c.name.lower() and c not in first]
        return (first + inside)[:MOST_CHOICES]

    return suggest


def _suggesting_tags(desk: Desk) -> Any:
    async def suggest(interaction: _Interaction, typed: str) -> list[_Choice]:
        before, comma, last = typed.rpartition(",")
        tags = await desk.suggest(desk.origin(interaction))
        values = [
            f"{before}{comma}{tag}" for tag in tags if tag.startswith(last.strip())
        ]
        return [
            app_commands.Choice(name=value, value=value)
            for value in values[:MOST_CHOICES]
            if len(value) <= _LONGEST_CHOICE
        ]

    return suggest


def _as_typed(value: Any) -> str:
    return "true" if value is True else str(value)
