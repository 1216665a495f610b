"""Deleted text made to leave the database file, and not the tables alone.

The search indices keep what was deleted until their parts are merged; pages that were split or
moved keep copies; the write-ahead log holds pages as they were. So the indices are merged in
small transactions, the file rewritten, and the log cut to nothing.
"""

import asyncio
import logging
import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import partial

from bot.errors import StorageError
from storage.faults import as_storage_error
from storage.sqlite.connection import connect
from storage.sqlite.database import Database

log = logging.getLogger(__name__)

# https://www.sqlite.org/fts5.html#the_merge_command: pages at a time, some 20 ms.
_PAGES = 128
_MERGES = (
    "INSERT INTO generation_search (generation_search, rank) VALUES ('merge', :n)",
    "INSERT INTO generation_terms (generation_terms, rank) VALUES ('merge', :n)",
    "INSERT INTO word_parts (word_parts, rank) VALUES ('merge', :n)",
)
_UNCHANGED = 2
_WAIT = timedelta(seconds=10)
_TRIES = 50
_PAUSE_S = 0.1
# Rewriting keeps others from writing: a second or two, for so much.
_MOST_BESIDE_OTHERS = 128 * 1024 * 1024


async def compact(db: Database, *, is_alone: bool) -> bool:
    """Rewrite the file without what was deleted; say whether all of it was.

    Beside a live run a large file is not rewritten, only purged. Raises: StorageError.
    """
    await _merge(db)
    is_small = db.path.stat().st_size <= _MOST_BESIDE_OTHERS
    is_rewritten = (is_alone or is_small) and await asyncio.to_thread(_rewrite, db)
    return await cut_log(db) and is_rewritten


async def cut_log(db: Database) -> bool:
    """Empty the write-ahead log; false when somebody reads it all the time."""
    for _ in range(_TRIES):
        if await asyncio.to_thread(_try_cut_log, db):
            return True
        await asyncio.sleep(_PAUSE_S)
    return False


async def _merge(db: Database) -> None:
    # Below zero: all parts are to be merged, whatever their level. Later calls go on with it.
    for merge in _MERGES:
        await db.write(partial(_merge_some, merge, -_PAGES))
        while await db.write(partial(_merge_some, merge, _PAGES)):
            pass


def _merge_some(merge: str, pages: int, connection: sqlite3.Connection) -> bool:
    """Merge so many pages; say whether there was anything to do."""
    before = connection.total_changes
    connection.execute(merge, {"n": pages})
    return connection.total_changes - before >= _UNCHANGED


def _rewrite(db: Database) -> bool:
    try:
        with (
            as_storage_error(db.path),
            closing(connect(db.path, busy_timeout=_WAIT)) as connection,
        ):
            connection.execute("PRAGMA temp_store = FILE")  # not all of it in memory
            connection.execute("VACUUM")
    except StorageError as error:
        log.warning("The database could not be rewritten: %s", error.text)
        return False
    return True


def _try_cut_log(db: Database) -> bool:
    with (
        as_storage_error(db.path),
        closing(connect(db.path, busy_timeout=_WAIT)) as connection,
    ):
        row = connection.execute("PRAGMA wal_checkpoint (TRUNCATE)").fetchone()
        return int(row[0]) == 0
