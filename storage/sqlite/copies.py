"""Sized copies: written down with the step that made them, gone with their record."""

import json
import sqlite3
from collections.abc import Sequence

from bot.domain.copy import Copy
from bot.domain.exchange import read_time, time_text
from bot.domain.record import RecordId
from bot.domain.review import IN_REVIEW
from storage.sqlite.database import Database

# A copy of a record deleted meanwhile is left out; its file has no owner and is swept.
_WRITE = """
    INSERT INTO copies (
        record_id, format, stored_path, sha256, size_bytes, width, height, created_at
    )
    SELECT
        id, :format, :stored_path, :sha256, :size_bytes, :width, :height, :created_at
    FROM generations WHERE id = :record_id
    ON CONFLICT (record_id, format) DO UPDATE SET
        stored_path = excluded.stored_path, sha256 = excluded.sha256,
        size_bytes = excluded.size_bytes, width = excluded.width,
        height = excluded.height, created_at = excluded.created_at
"""
_OF_RECORDS = """
    SELECT copies.* FROM copies
    WHERE record_id IN (SELECT value FROM json_each(:ids)) AND format <> :in_review
    ORDER BY record_id, seq
"""
_PATHS_OF = """
    SELECT stored_path FROM copies
    WHERE record_id IN (SELECT id FROM generations WHERE seq = :seq)
"""
_DELETE_OF = """
    DELETE FROM copies
    WHERE record_id IN (SELECT id FROM generations WHERE seq = :seq)
"""


def write_copies(db: sqlite3.Connection, copies: Sequence[Copy]) -> None:
    """Write copies down, each in the place of an earlier one of its format."""
    db.executemany(_WRITE, [_row(copy) for copy in copies])


def paths_of_copies(db: sqlite3.Connection, seq: int) -> list[str]:
    """Give the files of a record's copies."""
    return [row["stored_path"] for row in db.execute(_PATHS_OF, {"seq": seq})]


def delete_copies(db: sqlite3.Connection, seq: int) -> list[str]:
    """Delete a record's copies; give their files."""
    paths = paths_of_copies(db, seq)
    db.execute(_DELETE_OF, {"seq": seq})
    return paths


class SqliteCopies:
    """Implements the port Copies."""

    def __init__(self, *, db: Database) -> None:
        self._db = db

    async def of_records(self, records: Sequence[RecordId]) -> list[Copy]:
        """Give the copies of these records, in the records' order.

        The file of a picture that is not approved yet hangs on its record, too: left out.
        """
        values = {"ids": json.dumps(list(records)), "in_review": IN_REVIEW}

        def read(db: sqlite3.Connection) -> list[Copy]:
            found = [_read(row) for row in db.execute(_OF_RECORDS, values).fetchall()]
            return sorted(found, key=lambda copy: records.index(copy.record_id))

        return await self._db.read(read)


def _row(copy: Copy) -> dict[str, object]:
    return {
        "record_id": copy.record_id,
        "format": copy.format,
        "stored_path": copy.stored_path,
        "sha256": copy.sha256,
        "size_bytes": copy.size_bytes,
        "width": copy.width,
        "height": copy.height,
        "created_at": time_text(copy.created_at),
    }


def _read(row: sqlite3.Row) -> Copy:
    return Copy(
        record_id=RecordId(row["record_id"]),
        format=row["format"],
        stored_path=row["stored_path"],
        sha256=row["sha256"],
        size_bytes=row["size_bytes"],
        width=row["width"],
        height=row["height"],
        created_at=read_time(row["created_at"]),
    )
