"""The index by which any combination is found: one short term for each thing of a row.

A row's terms are the numbers of its words (each different word of all prompts is kept once,
with an index of its three-letter parts) and a hash for each of its tags, its model, seed,
person, channel, and for who may see it. A question is then one expression that SQLite's
FTS5 answers newest first, skipping through the lists of all its terms at once.
"""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.domain.people import Person, Place, Visibility
from bot.domain.text import encodable
from storage.sqlite.rows import Parameters

_WORD = "w"
_PIECE = re.compile(r"\w+")

_SELECT_ROWS = """
    SELECT
        g.seq, g.tags, g.model, g.seed, g.platform, g.workspace_id, g.channel_id,
        g.user_id, g.visibility, s.text
    FROM generations AS g JOIN generation_search AS s ON s.rowid = g.seq
    WHERE g.seq IN (SELECT value FROM json_each(:seqs)) ORDER BY g.seq
"""
_ADD_WORD = "INSERT INTO words (word, seq) VALUES (:word, :seq)"
_ADD_PARTS = "INSERT INTO word_parts (rowid, word) VALUES (:id, :word)"
_WORD_IDS = """
    SELECT id, word FROM words WHERE word IN (SELECT value FROM json_each(:words))
"""
_ADD_TERMS = "INSERT INTO generation_terms (rowid, terms) VALUES (:seq, :terms)"
_TERMS_OF = """
    SELECT terms FROM generation_terms
    WHERE rowid IN (SELECT value FROM json_each(:seqs))
"""
_DELETE_TERMS = "DELETE FROM generation_terms WHERE rowid = :seq"
# Each word knows one row that has it: while that one stays, the word is used.
_MAYBE_UNUSED = """
    SELECT id, word FROM words
    WHERE id IN (SELECT value FROM json_each(:words))
    AND (seq = 0 OR seq IN (SELECT value FROM json_each(:seqs)))
"""
_NEWEST_WITH = """
    SELECT rowid AS seq FROM generation_terms WHERE generation_terms MATCH :term
    ORDER BY rowid DESC LIMIT 1
"""
_SET_ROW_OF_WORD = "UPDATE words SET seq = :seq WHERE id = :id"
_DELETE_WORD = "DELETE FROM words WHERE id = :id"
# https://www.sqlite.org/fts5.html#the_delete_command: it must be told what it holds.
_DELETE_PARTS = """
    INSERT INTO word_parts (word_parts, rowid, word) VALUES ('delete', :id, :word)
"""


def pieces(text: str) -> list[str]:
    """Give the runs of letters and digits in folded text, each once."""
    return list(dict.fromkeys(_PIECE.findall(text)))


def word_term(word_id: int) -> str:
    """Give the term of a word by its number."""
    return f"{_WORD}{word_id}"


@lru_cache(maxsize=16384)
def term(kind: str, *parts: str | int) -> str:
    """Give the term of a tag, model and so on: two seldom share one, rows are checked."""
    text = json.dumps(parts).encode()
    return kind + hashlib.blake2b(text, digest_size=6).hexdigest()


def row_terms(row: sqlite3.Row) -> Iterator[str]:
    """Give the terms of a row of `generations` but those of its words."""
    home = row["platform"], row["workspace_id"]
    for tag in json.loads(row["tags"]):
        yield term("t", encodable(tag))
    yield term("m", row["model"])
    yield term("s", row["seed"])
    yield term("u", row["user_id"])
    yield term("c", row["channel_id"])
    if row["visibility"] == Visibility.WORKSPACE:
        yield term("o", *home)
        return
    yield term("x", *home, row["user_id"])
    if row["visibility"] == Visibility.MEMBERS:
        yield term("p", *home, row["channel_id"])


def seen_terms(person: Person, place: Place) -> list[str]:
    """Give the terms of which a row that the person may see has one."""
    home = person.platform.value, person.workspace_id
    return [
        term("o", *home),
        term("p", *home, place.channel_id),
        term("x", *home, person.user_id),
    ]


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows that were taken out of the index, and the numbers of the words they had."""

    seqs: tuple[int, ...] = ()
    words: frozenset[int] = frozenset()


def add_terms(db: sqlite3.Connection, seqs: Sequence[int]) -> None:
    """Index rows that were just written, whose words are in the index of words."""
    rows = db.execute(_SELECT_ROWS, {"seqs": json.dumps(list(seqs))}).fetchall()
    words = {row["seq"]: pieces(row["text"]) for row in rows}
    ids = _word_ids(db, words)
    db.executemany(
        _ADD_TERMS,
        [
            {
                "seq": row["seq"],
                "terms": " ".join(
                    [*(word_term(ids[w]) for w in words[row["seq"]]), *row_terms(row)]
                ),
            }
            for row in rows
        ],
    )


def take_terms(db: sqlite3.Connection, seqs: Sequence[int]) -> Taken:
    """Take rows out of the index."""
    rows = db.execute(_TERMS_OF, {"seqs": json.dumps(list(seqs))}).fetchall()
    db.executemany(_DELETE_TERMS, [{"seq": seq} for seq in seqs])
    terms = {one for row in rows for one in row["terms"].split()}
    words = frozenset(int(one[1:]) for one in terms if one.startswith(_WORD))
    return Taken(tuple(seqs), words)


def drop_unused_words(db: sqlite3.Connection, taken: Taken) -> None:
    """Forget the words that no row has any more: they may have been private."""
    if not taken.words:
        return
    asked = {"words": json.dumps([*taken.words]), "seqs": json.dumps(taken.seqs)}
    for row in db.execute(_MAYBE_UNUSED, asked).fetchall():
        word: Parameters = {"id": row["id"], "word": row["word"]}
        newest = db.execute(_NEWEST_WITH, {"term": word_term(row["id"])}).fetchone()
        if newest is not None:
            db.execute(_SET_ROW_OF_WORD, {"id": row["id"], "seq": newest["seq"]})
            continue
        db.execute(_DELETE_PARTS, word)
        db.execute(_DELETE_WORD, word)


def _word_ids(
    db: sqlite3.Connection, words_of: Mapping[int, Sequence[str]]
) -> dict[str, int]:
    """Give the numbers of all words of rows; those never met before get one."""
    row_with = {word: seq for seq, words in words_of.items() for word in words}
    rows = db.execute(_WORD_IDS, {"words": json.dumps([*row_with])}).fetchall()
    known = {row["word"]: int(row["id"]) for row in rows}
    for word, seq in row_with.items():
        if word not in known:
            added = db.execute(_ADD_WORD, {"word": word, "seq": seq})
            known[word] = added.lastrowid or 0
            db.execute(_ADD_PARTS, {"id": known[word], "word": word})
    return known
