"""What was typed in a shell, as the core reads it. Pure.

A shell has already taken the quotes off: they are put back where a flag's value has
spaces, so that `--tags "a b,c"` means in the terminal what it means in chat.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from bot.errors import WrongInput

_DASHES = ("-", "–", "—")
_OWN_SWITCHES = frozenset({"--json", "--help", "--detach"})
_OWN_OPTIONS = ("--callback-url",)
_QUOTES = ('"', "'")


def to_text(words: Sequence[str]) -> str:
    """Give the words of a shell as the one line a person would type in chat."""
    before = ["", *words]
    return " ".join(
        _quoted(word) if flag.startswith(_DASHES) else word
        for flag, word in zip(before, words, strict=False)
    )


def split_own(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Give the options that are the terminal's, and what goes to the parser of chat.

    Raises: WrongInput.
    """
    ours: list[str] = []
    theirs: list[str] = []
    is_value = False
    for word in words:
        name = word.partition("=")[0]
        is_own = is_value or word in _OWN_SWITCHES or name in _OWN_OPTIONS
        (ours if is_own else theirs).append(word)
        is_value = not is_value and word in _OWN_OPTIONS
    if is_value:
        raise WrongInput(f"{ours[-1]} needs an address behind it.")
    return ours, theirs


def _quoted(word: str) -> str:
    has_space = any(character.isspace() for character in word)
    quote = next((mark for mark in _QUOTES if mark not in word), "")
    return f"{quote}{word}{quote}" if has_space else word


def read_since(text: str | None) -> datetime | None:
    """Give the moment that `--since` names; a day means its beginning, in UTC.

    Raises: WrongInput.
    """
    return None if text is None else _read_moment(text, day_adds=timedelta(0))


def read_until(text: str | None) -> datetime | None:
    """Give the moment that `--until` names; a day is included, to its end in UTC.

    Raises: WrongInput.
    """
    return None if text is None else _read_moment(text, day_adds=timedelta(days=1))


def _read_moment(text: str, *, day_adds: timedelta) -> datetime:
    try:
        if day := _read_day(text):
            return datetime.combine(day, time(), UTC) + day_adds
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise WrongInput(
            f"{text} is not a date. Write it like 2026-01-31 or 2026-01-31T18:00."
        ) from None


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
