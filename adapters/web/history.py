"""What was posted earlier, from the records: the channel as it was before a restart."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.web.entries import (
    PLACE,
    WORKSPACE_ID,
    Ask,
    Post,
    ask_of,
    message_id,
    post_of,
)
from bot.domain.job import Job, JobId
from bot.domain.people import Person, Platform
from bot.domain.record import RecordId, Search
from bot.ports import Records

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
        for job_id in dict.fromkeys(record.job_id for record in found):
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
        post = post_of(shown, job)
        ask = ask_of(job, audience=post.audience) if job else None
        return [ask, post] if ask else [post]


def _may_see(entry: Ask | Post, person: Person) -> bool:
    return entry.audience in {None, person.user_id}
