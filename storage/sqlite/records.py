"""What was drawn, in SQLite."""

import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from bot.domain.duplicate import can_be_offered
from bot.domain.exchange import time_text
from bot.domain.exporting import Page
from bot.domain.job import JobId
from bot.domain.people import Person, Place, Platform
from bot.domain.record import PostedMessage, Record, RecordId, Report, Search
from storage.sqlite.adding import add_records, bring_back, find_conflicts
from storage.sqlite.copying import mark_lost
from storage.sqlite.database import Database
from storage.sqlite.paging import read_pages
from storage.sqlite.reporting import make_report
from storage.sqlite.rows import Parameters, read_messages, read_record
from storage.sqlite.searching import find_page
from storage.sqlite.taking_back import delete_and_take_back
from storage.sqlite.writing import count_uses, delete_records, find_unused, write_tags

_MATCHES = 10
_PAGE = 500
_LAST = "\U0010ffff"  # sorts behind every character of an id

_GET = "SELECT * FROM generations WHERE id = :id"
_MATCH = """
    SELECT * FROM generations WHERE id >= :beginning AND id < :end
    ORDER BY seq DESC LIMIT :limit
"""
_OF_JOB = "SELECT * FROM generations WHERE job_id = :job ORDER BY seq"
_OF_MESSAGE = """
    SELECT g.* FROM posted AS p JOIN generations AS g ON g.id = p.record_id
    WHERE p.platform = :platform AND p.workspace_id = :workspace_id
    AND p.channel_id = :channel_id AND p.message_id = :message_id
    ORDER BY p.position
"""
_NEWEST_IN_THREAD = """
    SELECT * FROM generations
    WHERE job_id = (
        SELECT job_id FROM generations
        WHERE thread_id = :thread_id AND platform = :platform
        AND workspace_id = :workspace_id AND channel_id = :channel_id
        AND visibility <> 'owner'
        ORDER BY seq DESC LIMIT 1
    )
    ORDER BY seq
"""
_SAME = """
    SELECT * FROM generations
    WHERE prompt_hash = :prompt_hash AND created_at >= :since
    AND platform = :platform AND workspace_id = :workspace_id
    AND is_safe = 1 AND stored_path IS NOT NULL
    AND (:seed IS NULL OR seed = :seed)
    ORDER BY seq DESC
"""
_NEXT = "SELECT * FROM generations WHERE seq > :after ORDER BY seq LIMIT :limit"
_PIN = "UPDATE generations SET pinned = :pinned WHERE id = :id"
_MESSAGES_OF = """
    SELECT p.channel_id, p.message_id, p.record_id, p.shows_copies
    FROM posted AS known
    JOIN posted AS p USING (platform, workspace_id, channel_id, message_id)
    WHERE known.record_id = :id
    ORDER BY p.channel_id, p.message_id, p.position
"""


class SqliteRecords:
    """Implements the port Records; with *has_bucket* added files are brought there."""

    def __init__(self, *, db: Database, has_bucket: bool = False) -> None:
        self._db = db
        self._has_bucket = has_bucket

    async def get(self, record: RecordId) -> Record | None:
        """Give a record by its id."""
        found = await self._read(_GET, {"id": record})
        return found[0] if found else None

    async def match(self, beginning: str) -> list[Record]:
        """Give the records whose id begins so, newest first."""
        limits = {"beginning": beginning, "end": beginning + _LAST, "limit": _MATCHES}
        return await self._read(_MATCH, limits)

    async def of_job(self, job: JobId) -> list[Record]:
        """Give a job's records in their order."""
        return await self._read(_OF_JOB, {"job": job})

    async def of_message(
        self, platform: Platform, workspace_id: str, channel_id: str, message_id: str
    ) -> list[Record]:
        """Give the records that a message shows; `workspace_id` is the place's."""
        message = {
            "platform": platform.value,
            "workspace_id": workspace_id,
            "channel_id": channel_id,
            "message_id": message_id,
        }
        return await self._read(_OF_MESSAGE, message)

    async def newest_in_thread(
        self, platform: Platform, workspace_id: str, channel_id: str, thread_id: str
    ) -> list[Record]:
        """Give the pictures of the thread's newest job, in their order."""
        thread = {
            "platform": platform.value,
            "workspace_id": workspace_id,
            "channel_id": channel_id,
            "thread_id": thread_id,
        }
        return await self._read(_NEWEST_IN_THREAD, thread)

    async def find_same(
        self,
        prompt_hash: str,
        *,
        since: datetime,
        person: Person,
        place: Place,
        seed: int | None = None,
    ) -> Record | None:
        """Give the newest safe, kept picture of that hash that may be shown in *place*."""
        values = {
            "prompt_hash": prompt_hash,
            "since": time_text(since),
            "platform": person.platform.value,
            "workspace_id": person.workspace_id,
            "seed": seed,
        }

        def read(db: sqlite3.Connection) -> Record | None:
            found = map(read_record, db.execute(_SAME, values))
            return next((r for r in found if can_be_offered(r, person, place)), None)

        return await self._db.read(read)

    async def search(self, search: Search) -> list[Record]:
        """Give a page, newest first: from `since` on, before `until`.

        Raises: NotFound when the cursor's record is gone.
        """
        return await self._db.read(lambda db: find_page(db, search))

    def pages(self, *, after: int, size: int) -> AsyncIterator[Page]:
        """Give the records after that position, oldest first, up to *size* at a time."""
        return read_pages(self._db, after=after, size=size)

    async def all(self) -> AsyncIterator[Record]:
        """Give every record, oldest first, a page at a time."""
        after = 0
        while True:
            records, after = await self._next_page(after)
            for record in records:
                yield record
            if len(records) < _PAGE:
                return

    async def report(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        person: Person | None = None,
        workspace: tuple[Platform, str] | None = None,
    ) -> Report:
        """Total the records from *since* to before *until*."""
        return await self._db.read(
            lambda db: make_report(
                db, since=since, until=until, person=person, workspace=workspace
            )
        )

    async def change(
        self,
        record: RecordId,
        *,
        is_pinned: bool | None = None,
        tags: Sequence[str] | None = None,
    ) -> Record | None:
        """Pin, unpin or tag a record; None when it is gone."""

        def write(db: sqlite3.Connection) -> Record | None:
            row = db.execute(_GET, {"id": record}).fetchone()
            if row is None:
                return None
            if is_pinned is not None:
                db.execute(_PIN, {"id": record, "pinned": is_pinned})
            if tags is not None:
                write_tags(db, row["seq"], tags)
            return read_record(db.execute(_GET, {"id": record}).fetchone())

        return await self._db.write(write)

    async def conflicts(
        self, records: Sequence[Record], *, has_seed_keys: bool = False
    ) -> set[RecordId]:
        """Give the ids of those that are here with other contents."""
        return await self._db.read(
            lambda db: find_conflicts(db, records, has_seed_keys=has_seed_keys)
        )

    async def add(
        self, records: Sequence[Record], *, has_seed_keys: bool = False
    ) -> list[Record]:
        """Write down those that are not here yet; give them, never changing any.

        Raises: WrongInput when one is here with other contents.
        """
        return await self._db.write(
            lambda db: add_records(
                db, records, has_seed_keys=has_seed_keys, has_bucket=self._has_bucket
            )
        )

    async def bring_back(self, records: Sequence[Record]) -> int:
        """Give records that lost their file the one of *records*; count them."""
        return await self._db.write(
            lambda db: bring_back(db, records, has_bucket=self._has_bucket)
        )

    async def messages_of(self, record: RecordId) -> list[PostedMessage]:
        """Give the messages that show a record, each with all that it shows."""

        def read(db: sqlite3.Connection) -> list[PostedMessage]:
            rows = db.execute(_MESSAGES_OF, {"id": record}).fetchall()
            return read_messages(rows)

        return await self._db.read(read)

    async def delete(
        self,
        records: Sequence[RecordId],
        *,
        unless_pinned: bool = False,
        takes_back: bool = False,
    ) -> list[str]:
        """Delete records; give the stored paths that no record uses any more.

        With *takes_back* the messages that show none any more are written down to be
        taken back.
        """
        delete = delete_and_take_back if takes_back else delete_records
        return await self._db.write(
            lambda db: delete(db, records, unless_pinned=unless_pinned)
        )

    async def forget_files(self, paths: Sequence[str]) -> None:
        """Mark the records of these files as having none."""
        await self._db.write(lambda db: mark_lost(db, paths))

    async def find_unused(self, paths: Sequence[str]) -> list[str]:
        """Give those of *paths* that no record has."""
        return await self._db.read(lambda db: find_unused(db, paths))

    async def uses(self, paths: Sequence[str]) -> Mapping[str, int]:
        """Count the records and copies that have each of *paths*."""
        return await self._db.read(lambda db: count_uses(db, paths))

    async def _next_page(self, after: int) -> tuple[list[Record], int]:
        values = {"after": after, "limit": _PAGE}

        def read(db: sqlite3.Connection) -> tuple[list[Record], int]:
            rows = db.execute(_NEXT, values).fetchall()
            last = rows[-1]["seq"] if rows else after
            return [read_record(row) for row in rows], last

        return await self._db.read(read)

    async def _read(self, sql: str, values: Parameters) -> list[Record]:
        def read(db: sqlite3.Connection) -> list[Record]:
            return [read_record(row) for row in db.execute(sql, values).fetchall()]

        return await self._db.read(read)
