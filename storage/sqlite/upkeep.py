"""What a sweep reads and writes: light rows a page at a time, deletions in small batches.

Each method is one short transaction; who sweeps pauses between them.
"""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.exchange import read_time, time_text
from bot.domain.people import Platform
from bot.domain.record import Record, RecordId
from bot.policy.retention import KeptPicture
from storage.keeping import Aging, Asked, Gone, IsDue
from storage.sqlite.database import Database
from storage.sqlite.rows import read_record
from storage.sqlite.taking_back import delete_and_take_back
from storage.sqlite.writing import delete_records

# What an unfinished job has yet to post is never old.
_AGING = """
    SELECT
        seq, id, created_at, platform, workspace_id, channel_id, model, tags, is_safe,
        size_bytes, stored_path
    FROM generations
    WHERE pinned = 0 AND created_at <= :until
    AND (created_at, seq) > (:after_time, :after_seq)
    AND NOT EXISTS (
        SELECT 1 FROM jobs
        WHERE jobs.id = generations.job_id
        AND state IN ('queued', 'running', 'waiting', 'review')
    )
    ORDER BY created_at, seq LIMIT :limit
"""
_AGED = """
    SELECT
        seq, id, created_at, platform, workspace_id, channel_id, model, tags, is_safe,
        size_bytes, stored_path
    FROM generations
    WHERE seq IN (SELECT value FROM json_each(:seqs)) AND pinned = 0
    AND NOT EXISTS (
        SELECT 1 FROM jobs
        WHERE jobs.id = generations.job_id
        AND state IN ('queued', 'running', 'waiting', 'review')
    )
"""
_RECORDS = """
    SELECT * FROM generations WHERE seq IN (SELECT value FROM json_each(:seqs))
    ORDER BY created_at, seq
"""
_PATHS = """
    SELECT stored_path FROM (
        SELECT DISTINCT stored_path FROM generations
        WHERE stored_path > :after ORDER BY stored_path LIMIT :limit
    )
    UNION SELECT stored_path FROM (
        SELECT DISTINCT stored_path FROM copies
        WHERE stored_path > :after ORDER BY stored_path LIMIT :limit
    )
    ORDER BY stored_path LIMIT :limit
"""
_COPIES = """
    SELECT copies.stored_path, copies.size_bytes FROM copies
    JOIN generations ON generations.id = copies.record_id
    WHERE generations.seq IN (SELECT value FROM json_each(:seqs))
"""
_BEGIN = "INSERT INTO sweeps (asked_at, older_than_s) VALUES (:asked_at, :older_than_s)"
_UNLINKING = "UPDATE sweeps SET unlinking = :unused WHERE id = :id"
_BEGUN = "SELECT * FROM sweeps ORDER BY id"
# A sweep by the rules has done what earlier ones had left.
_END = """
    DELETE FROM sweeps
    WHERE id = :id OR (id < :id AND older_than_s IS NULL AND :is_by_rules)
"""


class SqliteUpkeep:
    """Implements Upkeep (storage/keeping.py)."""

    def __init__(self, *, db: Database) -> None:
        self._db = db

    @property
    def is_alone(self) -> bool:
        """Whether nobody else is at the database."""
        return self._db.is_idle

    async def aging(
        self, until: datetime, *, after: Aging | None = None, limit: int = 500
    ) -> list[Aging]:
        """Give unpinned pictures made up to *until*, oldest first, a page."""
        values = {
            "until": time_text(until),
            "after_time": time_text(after.picture.created_at) if after else "",
            "after_seq": after.seq if after else 0,
            "limit": limit,
        }

        def read(db: sqlite3.Connection) -> list[Aging]:
            return [_read(row) for row in db.execute(_AGING, values).fetchall()]

        return await self._db.read(read)

    async def whole(self, aging: Sequence[Aging]) -> list[Record]:
        """Give the whole records of a page; those deleted meanwhile are left out."""
        values = {"seqs": json.dumps([one.seq for one in aging])}

        def read(db: sqlite3.Connection) -> list[Record]:
            return [read_record(row) for row in db.execute(_RECORDS, values).fetchall()]

        return await self._db.read(read)

    async def copies(self, aging: Sequence[Aging]) -> list[tuple[str, int]]:
        """Give the files of the copies of a page's pictures, with their sizes."""
        values = {"seqs": json.dumps([one.seq for one in aging])}

        def read(db: sqlite3.Connection) -> list[tuple[str, int]]:
            rows = db.execute(_COPIES, values).fetchall()
            return [(row["stored_path"], row["size_bytes"]) for row in rows]

        return await self._db.read(read)

    async def delete_due(
        self, asked: Asked, seqs: Sequence[int], is_due: IsDue, *, takes_back: bool
    ) -> Gone:
        """Delete those of the records that still are due, as they now stand.

        Which files are to follow is written down with the sweep that *asked*; with
        *takes_back* also the messages that show none any more.
        """
        delete = delete_and_take_back if takes_back else delete_records

        def write(db: sqlite3.Connection) -> Gone:
            rows = db.execute(_AGED, {"seqs": json.dumps(list(seqs))}).fetchall()
            due = [one.picture for one in map(_read, rows) if is_due(one.picture)]
            ids = [picture.id for picture in due]
            unused = delete(db, ids, unless_pinned=True)
            db.execute(_UNLINKING, {"id": asked.id, "unused": json.dumps(unused)})
            return Gone(records=tuple(ids), unused=tuple(unused))

        return await self._db.write(write)

    async def stored_paths(self, *, after: str = "", limit: int = 500) -> list[str]:
        """Give the files that records and copies name, each once, sorted, a page."""
        values = {"after": after, "limit": limit}

        def read(db: sqlite3.Connection) -> list[str]:
            return [row["stored_path"] for row in db.execute(_PATHS, values)]

        return await self._db.read(read)

    async def begin(self, asked_at: datetime, older_than: timedelta | None) -> Asked:
        """Write down that a sweep begins, until `end`."""
        seconds = None if older_than is None else int(older_than.total_seconds())
        row = {"asked_at": time_text(asked_at), "older_than_s": seconds}

        def write(db: sqlite3.Connection) -> int:
            return db.execute(_BEGIN, row).lastrowid or 0

        number = await self._db.write(write)
        return Asked(id=number, asked_at=asked_at, older_than=older_than)

    async def begun(self) -> list[Asked]:
        """Give the sweeps that have not come to their end, oldest first."""

        def read(db: sqlite3.Connection) -> list[Asked]:
            return [_read_asked(row) for row in db.execute(_BEGUN).fetchall()]

        return await self._db.read(read)

    async def end(self, asked: Asked) -> None:
        """Forget a sweep: it is done, or not wanted any more."""
        row = {"id": asked.id, "is_by_rules": asked.older_than is None}
        await self._db.write(lambda db: db.execute(_END, row).rowcount)


def _read(row: sqlite3.Row) -> Aging:
    picture = KeptPicture(
        id=RecordId(row["id"]),
        created_at=read_time(row["created_at"]),
        platform=Platform(row["platform"]),
        workspace_id=row["workspace_id"],
        channel_id=row["channel_id"],
        model=row["model"],
        tags=tuple(json.loads(row["tags"])),
        is_safe=bool(row["is_safe"]),
    )
    return Aging(
        seq=row["seq"],
        picture=picture,
        size_bytes=row["size_bytes"] or 0,
        stored_path=row["stored_path"],
    )


def _read_asked(row: sqlite3.Row) -> Asked:
    seconds = row["older_than_s"]
    return Asked(
        id=row["id"],
        asked_at=read_time(row["asked_at"]),
        older_than=None if seconds is None else timedelta(seconds=seconds),
        unlinking=tuple(json.loads(row["unlinking"])),
    )
