"""Text to words: what quotes and backslashes keep together.

A quote opens where a word begins and closes where one ends, so the apostrophes of `don't`
and `fox's`, and a quote nobody closed, are plain text. Quotes of one kind match each other
whichever way a phone bent them (" and “ and ”). Quoted text is kept to the letter. Outside
of quotes a backslash before a dash, quote or backslash makes that character plain text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

DASHES = "-\u2010\u2011–—\u2015\u2212"
_KINDS = (
    '"\u201c\u201d\u201e\u201f',  # double: straight, high, low
    "'\u2018\u2019\u201a\u201b",  # single
    "\u00ab\u00bb",  # angled
)
QUOTES = "".join(_KINDS)
_KIND = {mark: kind for kind, marks in enumerate(_KINDS) for mark in marks}
_ESCAPABLE = frozenset([*DASHES, *_KIND, "\\"])
_MAY_PRECEDE = frozenset("=,([{:")  # an opening quote, besides space
_MAY_FOLLOW = frozenset(",.;:!?)]}")  # a closing quote, besides space
# Control characters, zero-width spaces, and halves of surrogate pairs (no UTF-8 holds them).
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word: *text* is without escapes, *raw* as it was typed, *start* counts from 0.

    `inner` is what stands between the quotes when the word is one quoted text and no more.
    """

    text: str
    raw: str
    start: int
    inner: str | None = None

    @property
    def position(self) -> int:
        """Give where the word begins, as people count: from 1."""
        return self.start + 1


def clean(text: str) -> str:
    """Give *text*, as long as it was, with a space for all that cannot be printed."""
    return _UNPRINTABLE.sub(" ", text)


def split(text: str) -> list[Word]:
    """Give the words of *text*, which was cleaned."""
    closing = _match_quotes(text)
    found, start = [], 0
    while start < len(text):
        if text[start].isspace():
            start += 1
            continue
        word = _read_word(text, start, closing)
        found.append(word)
        start += len(word.raw)
    return found


def joined(words: Sequence[Word]) -> str:
    """Give the text of *words*, single-spaced; quotes go when they hold all of it."""
    if len(words) == 1 and words[0].inner is not None:
        return words[0].inner
    return " ".join(word.text for word in words)


def _match_quotes(text: str) -> dict[int, int]:
    """Give the place of the closing quote for every opening one that is closed.

    Another opening quote of the kind in between means that the first was never closed.
    """
    closing: dict[int, int] = {}
    opened: dict[int, int] = {}
    for place, mark in enumerate(text):
        kind = _KIND.get(mark)
        if kind is None:
            continue
        if kind in opened and _is_boundary(text, place + 1, _MAY_FOLLOW):
            closing[opened.pop(kind)] = place
        elif _is_boundary(text, place - 1, _MAY_PRECEDE):
            opened[kind] = place
    return closing


def _is_boundary(text: str, place: int, besides: frozenset[str]) -> bool:
    if not 0 <= place < len(text):
        return True
    return text[place].isspace() or text[place] in besides


def _read_word(text: str, start: int, closing: dict[int, int]) -> Word:
    parts: list[str] = []
    place = start
    while place < len(text) and not text[place].isspace():
        end = place + 1
        if place in closing:
            end = closing[place] + 1
            parts.append(re.sub(r"\s+", " ", text[place:end]))
        elif text[place] == "\\" and text[end : end + 1] in _ESCAPABLE:
            parts.append(text[end])
            end += 1
        else:
            parts.append(text[place])
        place = end
    is_quoted = closing.get(start) == place - 1
    return Word(
        text="".join(parts),
        raw=text[start:place],
        start=start,
        inner=parts[0][1:-1].strip() if is_quoted else None,
    )
