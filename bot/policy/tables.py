"""A table of a TOML file, read key by key; what is wrong is gathered, not raised. Pure.

Every problem names the table and the key and says what it should be, and never repeats a
value. A reader takes what it knows; `close` then names what nobody asked for.
"""

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from bot.errors import Problem, WrongInput

Value = TypeVar("Value")

_LONGEST = 40  # nobody misspells at this length


class Table:
    """One table at *where* (`retention 2`); problems are added to *problems*."""

    def __init__(
        self, content: Mapping[str, Any], *, where: str, problems: list[Problem]
    ) -> None:
        self._content = content
        self._where = where
        self._problems = problems
        self._known: list[str] = []

    def text(self, key: str, *, shape: str) -> str | None:
        """Give a text that is not blank; None when there is none, or it is wrong."""
        return self.read(key, str, lambda text: text.strip() or None, shape=shape)

    def switch(self, key: str) -> bool | None:
        """Give true or false; None when there is none, or it is wrong."""
        return self.read(key, bool, lambda value: value, shape="true or false")

    def number(self, key: str, *, most: int, noun: str) -> int | None:
        """Give a whole number from 0; None when there is none, or it is wrong."""
        return self.read(
            key,
            int,
            lambda value: value if 0 <= value <= most else None,
            shape=f"a whole number of {noun} from 0 to {most}",
        )

    def read(
        self,
        key: str,
        kind: type[Any],
        convert: Callable[[Any], Value | None],
        *,
        shape: str,
    ) -> Value | None:
        """Give what *convert* makes of the value; its None or WrongInput is a problem."""
        self._known.append(key)
        if key not in self._content:
            return None
        value, found = self._content[key], None
        if type(value) is kind:  # a bool is no number here
            try:
                found = convert(value)
            except WrongInput as wrong:
                self.complain(key, f"It should be {shape}.", wrong.text)
                return None
        if found is None:
            self.complain(key, f"It should be {shape}.", "Correct it, or remove it.")
        return found

    def any(self, key: str) -> Any:
        """Give the value as it stands; None when there is none."""
        self._known.append(key)
        return self._content.get(key)

    def require(self, key: str, *, shape: str) -> None:
        """Note that *key* is missing, if it is."""
        if key not in self._content:
            self.complain(key, "It is missing.", f"Add it: {shape}.")

    def close(self) -> None:
        """Note every key that nobody has read."""
        for key in self._content:
            if key not in self._known:
                self.complain(key, "There is no such key.", remedy(key, self._known))

    def complain(self, key: str, expected: str, remedy: str) -> None:
        """Note one problem."""
        place = f"POLICY_FILE, {self._where}, {_shown(key)}"
        self._problems.append(Problem(place, expected, remedy))


def remedy(key: str, known: Collection[str]) -> str:
    """Give what to write instead of an unknown *key*."""
    near = get_close_matches(key.lower(), known, n=1) if len(key) <= _LONGEST else ()
    if near:
        return f"Did you mean {near[0]}?"
    return f"Possible: {', '.join(known)}."


def _shown(key: str) -> str:
    return key if len(key) <= _LONGEST and key.isprintable() else "an unknown key"
