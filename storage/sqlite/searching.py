"""One page of a search: which rows are walked, and what each must fulfil.

The SQL is put together from the constants here alone; all that people type is handed
over beside it. Rows are walked by `seq`, newest first, in the index that fits best, so that
a page costs the same wherever it begins. Pure but for `find_page`.
"""

import json
import sqlite3
from dataclasses import dataclass, replace

from bot.domain.exchange import time_text
from bot.domain.people import Person, Place
from bot.domain.record import Record, Search
from bot.domain.text import encodable
from bot.errors import NotFound
from storage.sqlite.rows import Parameters, read_record
from storage.sqlite.words import Words, read_words

_NEWEST = 2**63 - 1
_FEW = 1000  # so many rows are sooner looked through than found by an index
_MANY = 5000  # counted no further


@dataclass(frozen=True, slots=True)
class _Walk:
    """Where rows come from, and in what order."""

    rows: str
    order: str
    seq: str  # checked before the row itself is read


# CROSS JOIN keeps SQLite from turning the walk around.
_ALL = _Walk(
    """
    SELECT g.* FROM generations AS g WHERE g.seq < :before AND g.seq >= :first
    """,
    "ORDER BY g.seq DESC LIMIT :limit",
    "g.seq",
)
_BY_WORDS = _Walk(
    """
    SELECT g.* FROM generation_search AS s CROSS JOIN generations AS g ON g.seq = s.rowid
    WHERE s.text MATCH :match AND s.rowid < :before AND s.rowid >= :first
    """,
    "ORDER BY s.rowid DESC LIMIT :limit",
    "s.rowid",
)
_BY_TAG = _Walk(
    """
    SELECT g.* FROM generation_tags AS t CROSS JOIN generations AS g ON g.seq = t.seq
    WHERE t.tag = :tag AND t.seq < :before AND t.seq >= :first
    """,
    "ORDER BY t.seq DESC LIMIT :limit",
    "t.seq",
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
        WHERE prompts.rowid = {seq} AND instr(prompts.text, word.value) = 0
    )
"""
_HAS_TAGS = """
    AND NOT EXISTS (
        SELECT 1 FROM json_each(:tags) AS asked
        WHERE NOT EXISTS (
            SELECT 1 FROM generation_tags AS given
            WHERE given.tag = asked.value AND given.seq = {seq}
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
# The same by the indices alone, for walks that meet many rows of others.
_IS_SEEN_BY_INDEX = """
    AND (
        EXISTS (
            SELECT 1 FROM generations AS o INDEXED BY generations_open
            WHERE o.visibility = 'workspace' AND o.platform = :seen_platform
            AND o.workspace_id = :seen_workspace AND o.seq = {seq}
        )
        OR EXISTS (
            SELECT 1 FROM generations AS o INDEXED BY generations_members
            WHERE o.visibility = 'members' AND o.platform = :seen_platform
            AND o.workspace_id = :seen_workspace AND o.channel_id = :seen_channel
            AND o.seq = {seq}
        )
        OR EXISTS (
            SELECT 1 FROM generations AS o INDEXED BY generations_closed
            WHERE o.visibility <> 'workspace' AND o.platform = :seen_platform
            AND o.workspace_id = :seen_workspace AND o.user_id = :seen_user
            AND o.seq = {seq}
        )
    )
"""
_IS_OF_USER_BY_INDEX = """
    AND EXISTS (
        SELECT 1 FROM generations AS o INDEXED BY generations_user
        WHERE o.user_id = :user_id AND o.seq = {seq}
    )
"""
_HAS_SEED = "AND g.seed = :seed"
_HAS_MODEL = "AND g.model = :model"
_IS_OF_USER = "AND g.user_id = :user_id"
_IS_SINCE = "AND g.created_at >= :since"
_IS_UNTIL = "AND g.created_at < :until"

_SEQ_OF = "SELECT seq FROM generations WHERE id = :id"
_COUNT_TAG = """
    SELECT count(*) FROM (SELECT 1 FROM generation_tags WHERE tag = :tag LIMIT :most)
"""
_COUNT_USER = """
    SELECT count(*) FROM (
        SELECT 1 FROM generations WHERE user_id = :user_id LIMIT :most
    )
"""
_COUNT_OPEN = """
    SELECT count(*) FROM (
        SELECT 1 FROM generations INDEXED BY generations_open
        WHERE visibility = 'workspace' AND platform = :seen_platform
        AND workspace_id = :seen_workspace LIMIT :most
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
    search = replace(search, tags=_rarest_first(db, search.tags))
    sql, values = page_query(search, is_small=_is_small(db, search))
    first, end = _bounds(db, search)
    limits = {"first": first, "before": min(end, _position(db, search))}
    rows = db.execute(sql, values | limits).fetchall()
    return [read_record(row) for row in rows]


def page_query(search: Search, *, is_small: bool = False) -> tuple[str, Parameters]:
    """Give the SQL of a page and its values, but for `first` and `before`.

    When what is left by the person or the workspace *is_small*, all of it is looked through.
    """
    words = read_words(search.words or "")
    if is_small:
        words = words.as_short()
    walk = _walk(search, words, is_small=is_small)
    conditions, values = _conditions(search, words, is_walked=walk is _ALL)
    met = [condition.format(seq=walk.seq) for condition in conditions]
    if walk is _ALL and search.seen_by and not _is_of_few(search):
        parts = ("\n".join([part, *met]) for part in _SEEN)
        sql = "\nUNION ALL\n".join(parts) + "\nORDER BY seq DESC LIMIT :limit"
    else:
        sql = "\n".join([walk.rows, *met, walk.order])
    given = {"limit": search.limit, "match": words.match} | values
    return sql, given


def _is_of_few(search: Search) -> bool:
    return search.seed is not None or search.user_id is not None


def _walk(search: Search, words: Words, *, is_small: bool) -> _Walk:
    if words.match:
        return _BY_WORDS
    return _BY_TAG if search.tags and not is_small else _ALL


def _rarest_first(db: sqlite3.Connection, tags: tuple[str, ...]) -> tuple[str, ...]:
    if len(tags) < 2:  # noqa: PLR2004 - nothing to put in order
        return tags

    def count(tag: str) -> int:
        return _count(db, _COUNT_TAG, {"tag": encodable(tag), "most": _MANY})

    return tuple(sorted(tags, key=count))


def _is_small(db: sqlite3.Connection, search: Search) -> bool:
    """Say whether a person or a workspace has so few rows that all may be looked at."""
    if not (search.words or search.tags):
        return False
    if search.seed is not None:
        return True
    if search.user_id is not None:
        asked = {"user_id": search.user_id, "most": _FEW}
        return _count(db, _COUNT_USER, asked) < _FEW
    if search.seen_by is not None:
        asked = _seen_by(search.seen_by) | {"most": _FEW}
        return _count(db, _COUNT_OPEN, asked) < _FEW
    return False


def _count(db: sqlite3.Connection, sql: str, values: Parameters) -> int:
    return int(db.execute(sql, values).fetchone()[0])


def _conditions(
    search: Search, words: Words, *, is_walked: bool
) -> tuple[list[str], Parameters]:
    of_user = _IS_OF_USER if is_walked else _IS_OF_USER_BY_INDEX
    is_seen = _IS_SEEN if is_walked else _IS_SEEN_BY_INDEX
    tags = [encodable(tag) for tag in search.tags]
    since, until = search.since, search.until
    parts: tuple[tuple[bool, str, Parameters], ...] = (
        (bool(words.short), _HAS_SHORT_WORDS, {"short": json.dumps(words.short)}),
        (bool(tags), _HAS_TAGS, {"tags": json.dumps(tags), "tag": (tags or [""])[0]}),
        (search.seed is not None, _HAS_SEED, {"seed": search.seed}),
        (search.model is not None, _HAS_MODEL, {"model": search.model}),
        (search.user_id is not None, of_user, {"user_id": search.user_id}),
        (since is not None, _IS_SINCE, {"since": since and time_text(since)}),
        (until is not None, _IS_UNTIL, {"until": until and time_text(until)}),
        (search.seen_by is not None, is_seen, _seen_by(search.seen_by)),
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
