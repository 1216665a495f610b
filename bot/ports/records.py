"""What was drawn. Pure.

Every method may raise the errors of bot/errors.py and no other; named are the ones to
expect.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.copy import Copy
from bot.domain.job import JobId
from bot.domain.people import Person, Place, Platform
from bot.domain.record import (
    PostedMessage,
    Record,
    RecordId,
    Report,
    Search,
)


class Records(Protocol):
    """What was drawn."""

    async def get(self, record: RecordId) -> Record | None:
        """Give a record by its id."""

    async def match(self, beginning: str) -> list[Record]:
        """Give the records whose id begins so (at most 10), newest first."""

    async def of_job(self, job: JobId) -> list[Record]:
        """Give a job's records in their order."""

    async def of_message(
        self, platform: Platform, workspace_id: str, channel_id: str, message_id: str
    ) -> list[Record]:
        """Give the records that a message shows, in the order shown."""

    async def newest_in_thread(
        self, platform: Platform, workspace_id: str, channel_id: str, thread_id: str
    ) -> list[Record]:
        """Give the pictures of the thread's newest job, in their order."""

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

    async def search(self, search: Search) -> list[Record]:
        """Give a page, newest first."""

    def all(self) -> AsyncIterator[Record]:
        """Give every record, oldest first, in constant memory."""

    async def report(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        person: Person | None = None,
        workspace: tuple[Platform, str] | None = None,
    ) -> Report:
        """Total the records."""

    async def change(
        self,
        record: RecordId,
        *,
        is_pinned: bool | None = None,
        tags: Sequence[str] | None = None,
    ) -> Record | None:
        """Pin, unpin or tag a record; None when it is gone."""

    async def messages_of(self, record: RecordId) -> list[PostedMessage]:
        """Give the messages that show a record, each with all that it shows."""

    async def delete(
        self, records: Sequence[RecordId], *, takes_back: bool = False
    ) -> list[str]:
        """Delete records; give the stored paths that no record uses any more.

        With *takes_back* the messages that show none but deleted pictures are written
        down in the same transaction, to be taken back (TakeBacks).
        """


class Copies(Protocol):
    """Sized copies of kept pictures; they are written down by JobLog.finish."""

    async def of_records(self, records: Sequence[RecordId]) -> list[Copy]:
        """Give the copies of these records, in the records' order."""
