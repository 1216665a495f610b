"""The words of a search: how prompts are made comparable, and how a word is looked for.

Pure. What people type is never part of an SQL text; a word is always meant literally.
"""

import unicodedata
from dataclasses import dataclass, replace
from typing import Self

from bot.domain.text import encodable

_TRIGRAM = 3  # the index knows nothing shorter


def fold(text: str) -> str:
    """Give *text* without the difference between upper and lower case."""
    return unicodedata.normalize("NFC", text.casefold()).replace("\0", " ")


def searchable(prompt: str, expanded_prompt: str | None) -> str:
    """Give what the index holds for a record; no word reaches over the line break."""
    return encodable(fold(f"{prompt}\n{expanded_prompt or ''}"))


@dataclass(frozen=True, slots=True)
class Words:
    """What to look for: long words through the index, short ones in its text."""

    match: str | None  # an expression of FTS5: phrases, all of which must occur
    short: tuple[str, ...]
    every: tuple[str, ...]

    def as_short(self) -> Self:
        """Give the same words, all to be looked for in the text itself."""
        return replace(self, match=None, short=self.every)


def read_words(text: str) -> Words:
    """Give the words of *text*, each once."""
    words = list(dict.fromkeys(encodable(fold(text)).split()))
    long = [word for word in words if len(word) >= _TRIGRAM]
    phrases = ('"' + word.replace('"', '""') + '"' for word in long)
    return Words(
        match=" ".join(phrases) or None,
        short=tuple(word for word in words if len(word) < _TRIGRAM),
        every=tuple(words),
    )
