"""What is on its way to a bucket: one row a path, written down with the records.

What the rows mean stands in storage/files/transfers.py.
"""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.exchange import time_text
from bot.domain.record import Record
from storage.faults import as_storage_error
from storage.files.transfers import Kind, Transfer
from storage.sqlite.connection import connect
from storage.sqlite.database import Database
from storage.sqlite.migrations.apply import migrate
from storage.sqlite.rows import Parameters, read_record
from storage.sqlite.writing import find_unused

_BUSY_TIMEOUT = timedelta(seconds=10)

_PUT = """
    INSERT INTO transfers (path, kind) SELECT value, 'put' FROM json_each(:paths)
    WHERE true
    ON CONFLICT (path) DO UPDATE SET kind = 'put', failures = 0, not_before = ''
"""
_DELETE = """
    INSERT INTO transfers (path, kind) SELECT value, 'delete' FROM json_each(:paths)
    WHERE true
    ON CONFLICT (path) DO UPDATE SET kind = 'delete', failures = 0, not_before = ''
    WHERE kind <> 'delete'
    RETURNING path
"""
_ADOPT = """
    INSERT INTO transfers (path, kind)
    SELECT value, 'put' FROM json_each(:paths)
    WHERE (
        EXISTS (SELECT 1 FROM generations WHERE stored_path = value)
        OR EXISTS (SELECT 1 FROM copies WHERE stored_path = value)
    )
    AND NOT EXISTS (SELECT 1 FROM transfers WHERE path = value)
"""
# What is far away was put there by a clock that was set back since.
_DUE = """
    SELECT path, kind, failures FROM transfers
    WHERE kind = :kind AND (not_before <= :now OR not_before > :latest)
    AND path NOT IN (SELECT value FROM json_each(:besides))
    ORDER BY not_before, rowid LIMIT :limit
"""
_CHANGE = """
    UPDATE transfers SET kind = :new, failures = 0, not_before = ''
    WHERE path = :path AND kind = :kind
"""
_LATER = """
    UPDATE transfers SET failures = failures + 1, not_before = :not_before
    WHERE path IN (SELECT value FROM json_each(:paths)) AND kind = :kind
"""
_HURRY = "UPDATE transfers SET failures = 0, not_before = '' WHERE not_before <> ''"
_FORGET = """
    DELETE FROM transfers
    WHERE path IN (SELECT value FROM json_each(:paths)) AND kind = :kind
"""
_COUNTS = "SELECT kind, count(*) AS number FROM transfers GROUP BY kind"
_KIND = "SELECT kind FROM transfers WHERE path = :path"
_IN_KIND = """
    SELECT path FROM transfers
    WHERE path IN (SELECT value FROM json_each(:paths)) AND kind = :kind
"""
_RECORD = "SELECT * FROM generations WHERE stored_path = :path ORDER BY seq LIMIT 1"
_RECORD_OF_COPY = """
    SELECT g.* FROM copies AS c JOIN generations AS g ON g.id = c.record_id
    WHERE c.stored_path = :path LIMIT 1
"""
# A job that goes on reads its pictures soon.
_CLEARABLE = """
    SELECT path FROM transfers
    WHERE path IN (SELECT value FROM json_each(:paths)) AND kind = 'clear'
    AND NOT EXISTS (
        SELECT 1 FROM generations JOIN jobs ON jobs.id = generations.job_id
        WHERE stored_path = path AND state IN ('queued', 'running')
    )
"""
_EMPTY = "DELETE FROM transfers"
_PUT_ALL = """
    INSERT INTO transfers (path, kind)
    SELECT stored_path, 'put' FROM generations WHERE stored_path IS NOT NULL
    UNION SELECT stored_path, 'put' FROM copies
"""


def put_soon(db: sqlite3.Connection, paths: Collection[str]) -> None:
    """Have files brought to the bucket, inside the transaction of their records."""
    db.execute(_PUT, _named(paths))


def put_all(database: Path, *, has_bucket: bool) -> None:
    """Have every file of a database that nobody works on brought to the bucket; or none."""
    with as_storage_error(database):
        opened = connect(database, busy_timeout=_BUSY_TIMEOUT)
        with closing(opened) as db:
            migrate(db)
            db.execute("BEGIN IMMEDIATE")
            db.execute(_EMPTY)
            if has_bucket:
                db.execute(_PUT_ALL)
            db.execute("COMMIT")


class SqliteTransfers:
    """Implements Transfers (storage/files/transfers.py) with the table `transfers`."""

    def __init__(self, *, db: Database) -> None:
        self._db = db

    async def due(
        self,
        kind: Kind,
        now: datetime,
        *,
        longest: timedelta,
        besides: Collection[str],
        limit: int,
    ) -> list[Transfer]:
        """Give what is to be done at *now*, the longest waiting first.

        No wait is longer than *longest*.
        """
        values = {
            "kind": kind.value,
            "now": time_text(now),
            "latest": time_text(now + longest),
            "besides": json.dumps(list(besides)),
            "limit": limit,
        }

        def read(db: sqlite3.Connection) -> list[Transfer]:
            return [
                Transfer(path=row["path"], kind=kind, failures=row["failures"])
                for row in db.execute(_DUE, values).fetchall()
            ]

        return await self._db.read(read)

    async def moved(self, path: str) -> None:
        """Checkpoint: the file is in the bucket, its copy here may go."""
        await self._change(path, Kind.PUT, Kind.CLEAR)

    async def later(
        self, paths: Collection[str], kind: Kind, *, not_before: datetime
    ) -> None:
        """Count a failure, and do it again at that time."""
        values = _named(paths) | {"kind": kind, "not_before": time_text(not_before)}
        await self._db.write(lambda db: db.execute(_LATER, values).rowcount)

    async def hurry(self) -> None:
        """Let nothing wait any more."""
        await self._db.write(lambda db: db.execute(_HURRY).rowcount)

    async def forget(self, paths: Collection[str], kind: Kind) -> None:
        """Drop what is done."""
        values = _named(paths) | {"kind": kind}
        await self._db.write(lambda db: db.execute(_FORGET, values).rowcount)

    async def adopt(self, paths: Sequence[str]) -> int:
        """Have files brought to the bucket that have a record and no row; count them."""
        return await self._db.write(
            lambda db: db.execute(_ADOPT, _named(paths)).rowcount
        )

    async def put_again(self, paths: Collection[str]) -> None:
        """Have files brought to the bucket whatever was to be done for them."""
        await self._db.write(lambda db: put_soon(db, paths))

    async def delete_unused(self, paths: Sequence[str]) -> list[str]:
        """Have those of *paths* deleted that nothing uses; give them.

        What is being deleted already is left out.
        """

        def write(db: sqlite3.Connection) -> list[str]:
            unused = find_unused(db, paths)
            rows = db.execute(_DELETE, _named(unused)).fetchall()
            return [row["path"] for row in rows]

        return await self._db.write(write)

    async def unused(self, paths: Sequence[str]) -> list[str]:
        """Give those of *paths* that nothing uses."""
        return await self._db.read(lambda db: find_unused(db, paths))

    async def clearable(self, paths: Sequence[str]) -> list[str]:
        """Give those of *paths* that are in the bucket and that no job is about to read."""
        return await self._paths(_CLEARABLE, _named(paths))

    async def in_kind(self, paths: Collection[str], kind: Kind) -> list[str]:
        """Give those of *paths* for which that is to be done."""
        return await self._paths(_IN_KIND, _named(paths) | {"kind": kind})

    async def kind(self, path: str) -> Kind | None:
        """Give what is to be done for a path; None when there is nothing."""

        def read(db: sqlite3.Connection) -> Kind | None:
            row = db.execute(_KIND, {"path": path}).fetchone()
            return Kind(row["kind"]) if row else None

        return await self._db.read(read)

    async def record(self, path: str) -> Record | None:
        """Give the first record that has the file, or has it as a copy."""

        def read(db: sqlite3.Connection) -> Record | None:
            row = db.execute(_RECORD, {"path": path}).fetchone()
            row = row or db.execute(_RECORD_OF_COPY, {"path": path}).fetchone()
            return read_record(row) if row else None

        return await self._db.read(read)

    async def counts(self) -> Mapping[Kind, int]:
        """Count what is to be done, by kind."""

        def read(db: sqlite3.Connection) -> dict[Kind, int]:
            rows = db.execute(_COUNTS).fetchall()
            return {Kind(row["kind"]): row["number"] for row in rows}

        return await self._db.read(read)

    async def _change(self, path: str, kind: Kind, new: Kind) -> None:
        values = {"path": path, "kind": kind, "new": new}
        await self._db.write(lambda db: db.execute(_CHANGE, values).rowcount)

    async def _paths(self, sql: str, values: Parameters) -> list[str]:
        def read(db: sqlite3.Connection) -> list[str]:
            return [row["path"] for row in db.execute(sql, values).fetchall()]

        return await self._db.read(read)


def _named(paths: Collection[str]) -> Parameters:
    return {"paths": json.dumps(list(paths))}
