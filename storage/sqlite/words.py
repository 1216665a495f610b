"""The words of a search: how prompts are made comparable, and how a word is looked for.

A word is found inside others too. Each of its runs of letters is looked up among the words
of all prompts: those that hold it are what the row must have one of. When too many do, or a
word has fewer than three letters, it has to be looked for in the prompts themselves. What
people type is never part of an SQL text; a word is always meant literally.
"""

import sqlite3
import unicodedata
from dataclasses import dataclass

from bot.domain.text import encodable
from storage.sqlite.terms import pieces, word_term

_TRIGRAM = 3  # the indices of parts know nothing shorter
_MANY = 100  # lists of rows that are read side by side
_HOLDING = "SELECT rowid AS id FROM word_parts WHERE word_parts MATCH :part LIMIT :most"


def fold(text: str) -> str:
    """Give *text* without the difference between upper and lower case."""
    return unicodedata.normalize("NFC", text.casefold()).replace("\0", " ")


def searchable(prompt: str, expanded_prompt: str | None) -> str:
    """Give what the index holds for a record; no word reaches over the line break."""
    return encodable(fold(f"{prompt}\n{expanded_prompt or ''}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What to look for, and what the index of terms can say of it."""

    every: tuple[str, ...] = ()
    terms: tuple[list[str], ...] = ()  # of each of these lists a row has one
    unsure: tuple[str, ...] = ()  # to be looked for in the prompts of rows found
    match: str | None = None  # an expression for the index of parts, for common words
    is_in_vain: bool = False  # no prompt holds them all


def split_words(text: str) -> tuple[str, ...]:
    """Give the words of *text* as prompts have them, each once."""
    return tuple(dict.fromkeys(encodable(fold(text)).split()))


def read_words(text: str, db: sqlite3.Connection, *, many: int = _MANY) -> Words:
    """Look up the words of *text* among all that prompts have.

    A run of letters that more than *many* of them hold has no terms.
    """
    every = split_words(text)
    terms: list[list[str]] = []
    unsure: list[str] = []
    common: list[str] = []
    for word in every:
        runs = [run for run in pieces(word) if len(run) >= _TRIGRAM]
        found = [_holding(db, run, many + 1) for run in runs]
        if not all(found):
            return Words(every=every, is_in_vain=True)
        few = [ids for ids in found if len(ids) <= many]
        terms += [[word_term(number) for number in ids] for ids in few]
        if few == found and runs == [word]:
            continue
        unsure.append(word)
        if not few and len(word) >= _TRIGRAM:
            common.append(word)
    return Words(
        every=every,
        terms=tuple(terms),
        unsure=tuple(unsure),
        match=" ".join(map(_phrase, common)) or None,
    )


def _holding(db: sqlite3.Connection, part: str, most: int) -> list[int]:
    """Give the numbers of words that hold *part*, no more than *most* of them."""
    rows = db.execute(_HOLDING, {"part": _phrase(part), "most": most})
    return [row["id"] for row in rows.fetchall()]


def _phrase(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
