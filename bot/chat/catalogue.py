"""The commands and their options, described once; front ends build menus and help from it."""

from dataclasses import dataclass
from enum import StrEnum


class ValueKind(StrEnum):
    """What an option holds."""

    TEXT = "text"
    NUMBER = "number"
    SWITCH = "switch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One allowed value: as people see it and as it is typed."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of `/imagine`.

    `flag` is the typed name without dashes (`ar`), `name` the long one that menus show (`aspect`).
    `choices` is complete when `is_closed`, else only what is suggested.
    """

    flag: str
    name: str
    help: str
    kind: ValueKind = ValueKind.TEXT
    aliases: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    is_closed: bool = True
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandInfo:
    """One sub-command: its name, what may follow, what it does."""

    name: str
    arguments: str
    help: str


COMMANDS = (
    CommandInfo(name="help", arguments="", help="What you can type"),
    CommandInfo(name="history", arguments="", help="Your latest pictures"),
    CommandInfo(name="search", arguments="WORDS", help="Find pictures by their prompt"),
    CommandInfo(name="show", arguments="ID", help="All about one picture"),
    CommandInfo(name="stats", arguments="", help="Pictures and money so far"),
    CommandInfo(
        name="settings",
        arguments="",
        help="What holds for you here: defaults, limits, how long pictures stay",
    ),
    CommandInfo(
        name="batch",
        arguments="[LINES]",
        help="Many pictures at once: a prompt a line, or a file",
    ),
    CommandInfo(
        name="cancel", arguments="[ID]", help="Cancel your newest job, or the one named"
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All that can be typed."""

    options: tuple[Option, ...]
    commands: tuple[CommandInfo, ...] = COMMANDS
