"""What was posted earlier, from the records: the channel as it was before a restart."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import chain

from adapters.web.entries import (
    PLACE,
    WORKSPACE_ID,
    Ask,
    Post,
    ask_of,
    job_of_message,
    message_id,
    post_of,
)
from bot.domain.job import Job, JobId
from bot.domain.people import Person, Platform
from bot.domain.record import Record, RecordId, Search
from bot.ports.records import Records

FindJob = Callable[[JobId], Awaitable[Job | None]]

_PAGE = 30  # records


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Earlier entries; *cursor* leads to still earlier ones, None at the beginning."""

    entries: tuple[Ask | Post, ...]
    cursor: RecordId | None


class PostedEarlier:
    """Reads posts back; *find_job* tells what was typed for them."""

    def __init__(self, *, records: Records, find_job: FindJob) -> None:
        self._records = records
        self._find_job = find_job

    async def page(self, person: Person, cursor: RecordId | None = None) -> Page:
        """Give the posts that *person* may see, the newest or those before *cursor*."""
        found = await self._records.search(
            Search(seen_by=(person, PLACE), limit=_PAGE, cursor=cursor)
        )
        entries: list[Ask | Post] = []
        shown = [await self._jobs_that_show(record) for record in found]
        for job_id in dict.fromkeys(chain.from_iterable(shown)):
            entries += await self.message(job_id)
        return Page(
            entries=tuple(entry for entry in entries if _may_see(entry, person)),
            cursor=found[-1].id if len(found) == _PAGE else None,
        )

    async def message(self, job_id: JobId) -> list[Ask | Post]:
        """Give the job's post and what was typed for it; nothing when it was not posted."""
        shown = await self._records.of_message(
            Platform.WEB, WORKSPACE_ID, PLACE.channel_id, message_id(job_id)
        )
        if not shown:
            return []
        job = await self._find_job(job_id)
        if job is None and shown[0].job_id != job_id:
            return []  # whose job is gone, nobody knows for whom it was shown again
        if job is not None and job.resizes:
            return []  # the record tells of its copies; their message was for then
        post = post_of(shown, job)
        ask = ask_of(job, audience=post.audience) if job else None
        return [ask, post] if ask else [post]

    async def _jobs_that_show(self, record: Record) -> list[JobId]:
        """Give the job that drew it, and those that have shown it again since."""
        return [
            job_of_message(message.message_id)
            for message in await self._records.messages_of(record.id)
            if message.channel_id == PLACE.channel_id
        ]


def _may_see(entry: Ask | Post, person: Person) -> bool:
    return entry.audience in {None, person.user_id}
