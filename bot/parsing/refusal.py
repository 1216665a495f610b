"""How a refusal is worded: where, what was wrong, what is possible, and that it cost nothing.

Whoever finds the fault raises WrongInput with its sentences and the position it knows;
`refusing` at the entrance puts the position in front and the consolation at the end.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bot.errors import WrongInput

_LONGEST_EXCERPT = 40
NOTHING_DRAWN = "Nothing was drawn."
NOTHING_SEARCHED = "Nothing was searched."


@contextmanager
def refusing(consolation: str) -> Iterator[None]:
    """Finish the text of every WrongInput raised inside."""
    try:
        yield
    except WrongInput as wrong:
        where = f"Character {wrong.position}:" if wrong.position else ""
        text = sentences(where, wrong.text, consolation)
        raise WrongInput(text, position=wrong.position) from None


@contextmanager
def located(position: int | None) -> Iterator[None]:
    """Give *position* to a WrongInput raised inside that knows none."""
    try:
        yield
    except WrongInput as wrong:
        raise WrongInput(wrong.text, position=wrong.position or position) from None


def excerpt(text: str) -> str:
    """Give *text*, cut short when it is too long to be repeated to its author."""
    if len(text) <= _LONGEST_EXCERPT:
        return text
    return text[: _LONGEST_EXCERPT - 1] + "…"


def listed(names: Sequence[str]) -> str:
    """Give names as a sentence holds them: `a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def sentences(*parts: str) -> str:
    """Join the sentences that there are."""
    return " ".join(part for part in parts if part)
