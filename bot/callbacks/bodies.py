"""What a callback says, gathered at the moment it is sent: so a signed link is fresh."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.callbacks.events import batch_body, job_body
from bot.domain.callback import Callback, Event
from bot.domain.job import JobId
from bot.domain.record import Record, RecordId
from bot.errors import NotFound
from bot.ports.files import Files
from bot.ports.jobs import JobQueue
from bot.ports.records import Records

# Of a batch's end; receivers take a megabyte as a rule. Each was told of by itself, too.
MOST_RECORDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """Makes bodies out of what is written down."""

    queue: JobQueue
    records: Records
    files: Files

    async def make(self, callback: Callback) -> bytes:
        """Give the body. Raises: NotFound when the job is gone, StorageError."""
        if callback.event is Event.BATCH_COMPLETED:
            ids = callback.details.get("record_ids", ())
            records = await self._named(ids[:MOST_RECORDS])
            return batch_body(callback, records, await self._links(records))
        job = await self.queue.find(JobId(callback.subject))
        if job is None:
            raise NotFound("The job is gone: it was older than retention allows.")
        if callback.event is Event.IMAGE_READY and callback.record_id:
            records = await self._named([callback.record_id])
        else:
            records = await self.records.of_job(job.id)
        return job_body(callback, job, records, await self._links(records))

    async def _named(self, ids: Sequence[str]) -> list[Record]:
        found = [await self.records.get(RecordId(one)) for one in ids]
        return [record for record in found if record is not None]

    async def _links(self, records: Sequence[Record]) -> list[str]:
        links = [await self._link(record) for record in records]
        return [link for link in links if link is not None]

    async def _link(self, record: Record) -> str | None:
        """Give where the kept picture is to be had, or else where it came from."""
        link = None
        if record.stored_path:
            try:
                link = await self.files.link(record.stored_path)
            except NotFound:
                link = None
        return link or record.original_url
