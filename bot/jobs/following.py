"""The jobs that follow one whose pictures are to be had in other sizes, too.

They are written down once its pictures are posted and before it ends, under ids that are
derived from its own: a crash in between neither loses nor doubles them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.job import Job, JobId
from bot.domain.people import Place
from bot.domain.record import PostedMessage, Record
from bot.ids import job_id
from bot.ports.jobs import JobLog, JobQueue

# Files in one message: https://docs.discord.com/developers/reference#uploading-files
MOST_COPIES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """Writes down what follows a job."""

    queue: JobQueue
    steps: JobLog

    async def __call__(self, job: Job, records: Sequence[Record]) -> list[Job]:
        """Give the jobs that make the copies of *job*, written down. Raises: StorageError."""
        wanted = resize_jobs(job, records, ())
        if not wanted:
            return []
        posted = await self.steps.posted(job.id)
        return [
            (await self.queue.submit(each)).job
            for each in resize_jobs(job, records, posted)
        ]


def resize_jobs(
    job: Job, records: Sequence[Record], posted: Sequence[PostedMessage]
) -> list[Job]:
    """Give the jobs that make the copies which *job* asked for, where it was *posted*.

    One as a rule; more when a message would hold too many files.
    """
    formats = job.request.formats
    # An unsafe one is not for the place it was asked in: copies of it are made on demand.
    kept = [record.id for record in records if record.stored_path and record.is_safe]
    if not formats or job.resizes:
        return []
    many = max(1, MOST_COPIES // len(formats))
    message = posted[-1] if posted else None
    is_private = job.request.is_private
    return [
        Job(
            id=resize_id(job, start),
            request=replace(job.request, count=len(kept[start : start + many])),
            person=job.person,
            place=place_below(job.place, message, is_private=is_private),
            created_at=job.created_at,  # for as long its return address is good
            # Of a batch's lines nobody is told one by one.
            return_address={} if job.batch_id else job.return_address,
            resizes=tuple(kept[start : start + many]),
        )
        for start in range(0, len(kept), many)
    ]


def resize_id(job: Job, start: int) -> JobId:
    """Give the id of the job that makes the copies of the pictures from *start* on."""
    formats = ",".join(job.request.formats)
    return job_id(job.person.platform, f"resize:{job.id}:{start}:{formats}")


def place_below(
    place: Place, message: PostedMessage | None, *, is_private: bool
) -> Place:
    """Give the thread of *message*, or *place* itself when it is not known."""
    if message is None:
        return replace(place, thread_id=None) if is_private else place
    is_in_thread = place.thread_id and message.channel_id == place.channel_id
    return replace(
        place,
        channel_id=message.channel_id,
        thread_id=place.thread_id
        if is_in_thread and not is_private
        else message.message_id,
    )
