"""One page of a search: which rows are walked, and what each must fulfil.

The SQL is put together from the constants here alone; all that people type is handed
over beside it. Rows are walked by `seq`, newest first, in the index that fits best, so that
a page costs the same wherever it begins. Pure but for `find_page`.
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
from storage.sqlite.words import Words, read_words

_NEWEST = 2**63 - 1


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
_BY_WORDS = _Walk(
    """
    SELECT g.* FROM generation_search AS s CROSS JOIN generations AS g ON g.seq = s.rowid
    WHERE s.text MATCH :match AND s.rowid < :before AND s.rowid >= :first
    """,
    "ORDER BY s.rowid DESC LIMIT :limit",
)
_BY_TAG = _Walk(
    """
    SELECT g.* FROM generation_tags AS t CROSS JOIN generations AS g ON g.seq = t.seq
    WHERE t.tag = :tag AND t.seq < :before AND t.seq >= :first
    """,
    "ORDER BY t.seq DESC LIMIT :limit",
)
# What a person may see is in three indices, each in order: SQLite merges them lazily.
_OPEN = """
    SELECT g.* FROM generations AS g INDEXED BY generations_open
    WHERE g.visibility = 'workspace'
    AND g.platform = :seen_platform AND g.workspace_id = :seen_workspace
    AND g.seq < :before AND g.seq >= :first
"""
_MEMBERS = """
    SELECT g.* FROM generations AS g INDEXED BY generations_members
    WHERE g.visibility = 'members' AND g.user_id <> :seen_user
    AND g.platform = :seen_platform AND g.workspace_id = :seen_workspace
    AND g.channel_id = :seen_channel
    AND g.seq < :before AND g.seq >= :first
"""
_CLOSED = """
    SELECT g.* FROM generations AS g INDEXED BY generations_closed
    WHERE g.visibility <> 'workspace'
    AND g.platform = :seen_platform AND g.workspace_id = :seen_workspace
    AND g.user_id = :seen_user
    AND g.seq < :before AND g.seq >= :first
"""
_SEEN = (_OPEN, _MEMBERS, _CLOSED)
_HAS_SHORT_WORDS = """
    AND NOT EXISTS (
        SELECT 1 FROM json_each(:short) AS word, generation_search AS prompts
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
_HAS_SEED = "AND g.seed = :seed"
_HAS_MODEL = "AND g.model = :model"
_IS_OF_USER = "AND g.user_id = :user_id"
_IS_SINCE = "AND g.created_at >= :since"
_IS_UNTIL = "AND g.created_at < :until"

_SEQ_OF = "SELECT seq FROM generations WHERE id = :id"
_SEQS_OF_DAYS = """
    SELECT min(first_seq) AS first, max(last_seq) AS last FROM generation_days
    WHERE day >= :since AND day <= :until
"""


def find_page(db: sqlite3.Connection, search: Search) -> list[Record]:
    """Give the records of one page, newest first.

    Raises: NotFound when the cursor's record is gone.
    """
    sql, values = page_query(search)
    first, end = _bounds(db, search)
    limits = {"first": first, "before": min(end, _position(db, search))}
    rows = db.execute(sql, values | limits).fetchall()
    return [read_record(row) for row in rows]


def page_query(search: Search) -> tuple[str, Parameters]:
    """Give the SQL of a page and its values, but for `first` and `before`."""
    words = read_words(search.words or "")
    conditions, values = _conditions(search, words)
    if search.seen_by and not _is_narrow(search, words):
        parts = ("\n".join([part, *conditions]) for part in _SEEN)
        sql = "\nUNION ALL\n".join(parts) + "\nORDER BY seq DESC LIMIT :limit"
    else:
        walk = _walk(search, words)
        sql = "\n".join([walk.rows, *conditions, walk.order])
    given = {"limit": search.limit, "match": words.match} | values
    return sql, given


def _is_narrow(search: Search, words: Words) -> bool:
    """Say whether an index of what is looked for beats those of what may be seen."""
    is_of_few = search.seed is not None or search.user_id is not None
    return bool(words.match or search.tags) or is_of_few


def _walk(search: Search, words: Words) -> _Walk:
    if words.match:
        return _BY_WORDS
    return _BY_TAG if search.tags else _ALL


def _conditions(search: Search, words: Words) -> tuple[list[str], Parameters]:
    tags = [encodable(tag) for tag in search.tags]
    since, until = search.since, search.until
    parts: tuple[tuple[bool, str, Parameters], ...] = (
        (bool(words.short), _HAS_SHORT_WORDS, {"short": json.dumps(words.short)}),
        (bool(tags), _HAS_TAGS, {"tags": json.dumps(tags), "tag": (tags or [""])[0]}),
        (search.seed is not None, _HAS_SEED, {"seed": search.seed}),
        (search.model is not None, _HAS_MODEL, {"model": search.model}),
        (search.user_id is not None, _IS_OF_USER, {"user_id": search.user_id}),
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
