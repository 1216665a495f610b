"""Every record in its order, a page at a time: each page is of one moment."""

import sqlite3
from collections.abc import AsyncIterator

from bot.domain.exporting import Page
from storage.sqlite.database import Database
from storage.sqlite.rows import read_record

_NEXT = """
    SELECT g.*, g.stored_path IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM generations AS earlier
        WHERE earlier.stored_path = g.stored_path AND earlier.seq < g.seq
    ) AS is_first_of_file
    FROM generations AS g
    WHERE g.seq > :after ORDER BY g.seq LIMIT :size
"""


async def read_pages(db: Database, *, after: int, size: int) -> AsyncIterator[Page]:
    """Give the records after that position, up to *size* at a time; none is empty."""

    def read(rows_of: sqlite3.Connection) -> Page | None:
        rows = rows_of.execute(_NEXT, {"after": after, "size": size}).fetchall()
        if not rows:
            return None
        return Page(
            records=tuple(read_record(row) for row in rows),
            position=rows[-1]["seq"],
            pictures=tuple(r["stored_path"] for r in rows if r["is_first_of_file"]),
        )

    while page := await db.read(read):
        yield page
        after = page.position
