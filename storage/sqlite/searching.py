"""One page of a search: which rows are walked, and what each must fulfil.

The SQL is put together from the constants here alone; all that people type is handed
over beside it. Rows are walked by `seq`, newest first: all of them when nothing but a time
is asked for, else through the index of terms (storage/sqlite/terms.py), which knows every
combination. Words it does not know are looked for in the index of three-letter parts.
"""

import json
import sqlite3
from dataclasses import dataclass

from bot.domain.exchange import time_text
from bot.domain.people import Person, Place
from bot.domain.record import Record, Search
from bot.domain.text import encodable
from bot.errors import NotFound
from storage.sqlite.rows import Parameters, read_record
from storage.sqlite.terms import seen_terms, term
from storage.sqlite.words import Words, read_words

_NEWEST = 2**63 - 1
_FEW = 1000  # so many rows are sooner looked through than found by an index


@dataclass(frozen=True, slots=True)
class _Walk:
    """Where rows come from, and in what order."""

    rows: str
    order: str


# CROSS JOIN keeps SQLite from turning the walk around.
_ALL = _Walk(
    """
    SELECT g.* FROM generations AS g WHERE g.seq < :before AND g.seq >= :first
    """,
    "ORDER BY g.seq DESC LIMIT :limit",
)
_BY_TERMS = _Walk(
    """
    SELECT g.* FROM generation_terms AS s CROSS JOIN generations AS g ON g.seq = s.rowid
    WHERE s.generation_terms MATCH :terms AND s.rowid < :before AND s.rowid >= :first
    """,
    "ORDER BY s.rowid DESC LIMIT :limit",
)
_BY_PARTS = _Walk(
    """
    SELECT g.* FROM generation_search AS s CROSS JOIN generations AS g ON g.seq = s.rowid
    WHERE s.text MATCH :match AND s.rowid < :before AND s.rowid >= :first
    """,
    "ORDER BY s.rowid DESC LIMIT :limit",
)
_HAS_WORDS = """
    AND NOT EXISTS (
        SELECT 1 FROM json_each(:unsure) AS word, generation_search AS prompts
        WHERE prompts.rowid = g.seq AND instr(prompts.text, word.value) = 0
    )
"""
_HAS_TAGS = """
    AND NOT EXISTS (
        SELECT 1 FROM json_each(:tags) AS asked
        WHERE NOT EXISTS (
            SELECT 1 FROM generation_tags AS given
            WHERE given.tag = asked.value AND given.seq = g.seq
        )
    )
"""
# The same rule as Record.is_visible_to.
_IS_SEEN = """
    AND g.platform = :seen_platform AND g.workspace_id = :seen_workspace
    AND (
        g.user_id = :seen_user
        OR g.visibility = 'workspace'
        OR (g.visibility = 'members' AND g.channel_id = :seen_channel)
    )
"""
# Unary plus: no other index may lead the walk.
_HAS_SEED = "AND +g.seed = :seed"
_HAS_MODEL = "AND +g.model = :model"
_IS_OF_USER = "AND +g.user_id = :user_id"
_IS_IN_CHANNEL = "AND +g.channel_id = :channel_id"
_IS_SINCE = "AND +g.created_at >= :since"
_IS_UNTIL = "AND +g.created_at < :until"

_SEQ_OF = "SELECT seq FROM generations WHERE id = :id"
_COUNT_PARTS = """
    SELECT count(*) FROM (
        SELECT 1 FROM generation_search WHERE text MATCH :match LIMIT :most
    )
"""
_SEQS_OF_DAYS = """
    SELECT min(first_seq) AS first, max(last_seq) AS last FROM generation_days
    WHERE day >= :since AND day <= :until
"""


def find_page(db: sqlite3.Connection, search: Search) -> list[Record]:
    """Give the records of one page, newest first.

    Raises: NotFound when the cursor's record is gone.
    """
    first, end = _bounds(db, search)
    limits = {"first": first, "before": min(end, _position(db, search))}
    words = read_words(search.words or "", db)
    if words.is_in_vain:
        return []
    sql, values = page_query(search, words, is_rare=_is_rare(db, words))
    rows = db.execute(sql, values | limits).fetchall()
    return [read_record(row) for row in rows]


def page_query(
    search: Search, words: Words, *, is_rare: bool = False
) -> tuple[str, Parameters]:
    """Give the SQL of a page and its values, but for `first` and `before`.

    *is_rare* says that few rows hold the parts of the words that have no terms.
    """
    terms = _terms(search, words)
    conditions, values = _conditions(search)
    given: Parameters = {"limit": search.limit, "terms": terms} | values
    if words.match and (is_rare or not terms):
        walk = _BY_PARTS
        given["unsure"] = json.dumps(words.every)
    else:
        walk = _BY_TERMS if terms else _ALL
        given["unsure"] = json.dumps(words.unsure)
    given["match"] = words.match
    if given["unsure"] != "[]":
        conditions.append(_HAS_WORDS)
    return "\n".join([walk.rows, *conditions, walk.order]), given


def _terms(search: Search, words: Words) -> str:
    """Give the expression whose rows have what is asked for; empty for nothing."""
    every = list(words.terms)
    every += [[term("t", encodable(tag))] for tag in search.tags]
    single = {
        "s": search.seed,
        "m": search.model,
        "u": search.user_id,
        "c": search.channel_id,
    }
    every += [[term(kind, it)] for kind, it in single.items() if it is not None]
    if search.seen_by is not None:
        every.append(seen_terms(*search.seen_by))
    return " AND ".join(f"({' OR '.join(either)})" for either in every)


def _is_rare(db: sqlite3.Connection, words: Words) -> bool:
    """Say whether so few rows hold the words without terms that all may be looked at."""
    if not words.match:
        return False
    asked = {"match": words.match, "most": _FEW}
    return int(db.execute(_COUNT_PARTS, asked).fetchone()[0]) < _FEW


def _conditions(search: Search) -> tuple[list[str], Parameters]:
    tags = json.dumps([encodable(tag) for tag in search.tags])
    since, until = search.since, search.until
    parts: tuple[tuple[bool, str, Parameters], ...] = (
        (bool(search.tags), _HAS_TAGS, {"tags": tags}),
        (search.seed is not None, _HAS_SEED, {"seed": search.seed}),
        (search.model is not None, _HAS_MODEL, {"model": search.model}),
        (search.user_id is not None, _IS_OF_USER, {"user_id": search.user_id}),
        (
            search.channel_id is not None,
            _IS_IN_CHANNEL,
            {"channel_id": search.channel_id},
        ),
        (since is not None, _IS_SINCE, {"since": since and time_text(since)}),
        (until is not None, _IS_UNTIL, {"until": until and time_text(until)}),
        (search.seen_by is not None, _IS_SEEN, _seen_by(search.seen_by)),
    )
    chosen = [(condition, values) for is_asked, condition, values in parts if is_asked]
    together: Parameters = {}
    for _, values in chosen:
        together |= values
    return [condition for condition, _ in chosen], together


def _seen_by(seen_by: tuple[Person, Place] | None) -> Parameters:
    if seen_by is None:
        return {}
    person, place = seen_by
    return {
        "seen_platform": person.platform.value,
        "seen_workspace": person.workspace_id,
        "seen_user": person.user_id,
        "seen_channel": place.channel_id,
    }


def _bounds(db: sqlite3.Connection, search: Search) -> tuple[int, int]:
    """Give where the days asked for begin, and what lies behind them."""
    if search.since is None and search.until is None:
        return 0, _NEWEST
    days = {
        "since": time_text(search.since)[:10] if search.since else "",
        "until": time_text(search.until)[:10] if search.until else "~",
    }
    row = db.execute(_SEQS_OF_DAYS, days).fetchone()
    return (0, 0) if row["first"] is None else (row["first"], row["last"] + 1)


def _position(db: sqlite3.Connection, search: Search) -> int:
    if search.cursor is None:
        return _NEWEST
    row = db.execute(_SEQ_OF, {"id": search.cursor}).fetchone()
    if row is None:
        raise NotFound(
            f"There is no record {search.cursor} to go on from. Search again from the start."
        )
    return int(row["seq"])
