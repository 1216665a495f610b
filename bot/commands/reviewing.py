"""Approve and Reject, below a picture in the moderators' channel.

Whoever can press there is a moderator: who is let into that channel decides it. Nobody
judges their own picture, unless they are an admin. The first press counts; it is written
down with its audit entry, and the job carries it out (bot/jobs/review.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.chat.commands import Origin, Review
from bot.chat.replies import Notice
from bot.commands.permitting import asker_of
from bot.domain.audit import AuditEntry, Deed
from bot.domain.job import Job
from bot.domain.review import Verdict
from bot.errors import NotAllowed, NotFound
from bot.jobs.worker import Worker
from bot.policy.policy import Policy
from bot.ports.audit import Audit
from bot.ports.base import Clock
from bot.ports.jobs import JobQueue
from bot.ports.review import Reviews

NO_SUCH = "There is nothing to decide here: this picture is not in review any more."
NOT_YOURS = "You asked for this picture: another moderator has to decide about it."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewHandler:
    """Takes the verdict of a moderator."""

    queue: JobQueue
    reviews: Reviews
    audit: Audit
    worker: Worker
    clock: Clock
    policy: Callable[[], Policy] = Policy

    async def __call__(self, command: Review) -> Notice:
        """Write the verdict down. Raises: NotFound, NotAllowed, StorageError."""
        job = await self._job(command)
        await self._require_moderator(command.origin, job)
        now, user_id = self.clock.now(), command.origin.person.user_id
        verdict = Verdict(user_id=user_id, at=now, is_approved=command.is_approved)
        deed = Deed.APPROVED if command.is_approved else Deed.REJECTED
        entry = _entry(command.origin, job, deed, verdict)
        held = await self.reviews.decide(job.id, verdict, entry)
        if held is None:
            raise NotFound(NO_SUCH)
        self.worker.wake(await self.queue.find(job.id) or job)
        if held != verdict:
            return Notice(text=_decided_before(held))
        if verdict.is_approved:
            return Notice(
                text="Approved: the picture is posted where it was asked for."
            )
        return Notice(text="Rejected: the picture is removed and its person is told.")

    async def _job(self, command: Review) -> Job:
        job = await self.queue.find(command.target)
        place = command.origin.place
        if (
            job is None
            or job.person.platform is not place.platform
            or job.reviewed_in != place.channel_id
        ):
            raise NotFound(NO_SUCH)
        return job

    async def _require_moderator(self, origin: Origin, job: Job) -> None:
        # In Discord the moderators' server may be another one than the picture's.
        who, whose = origin.person, job.person
        is_own = (who.platform, who.user_id) == (whose.platform, whose.user_id)
        if not is_own or self.policy().permissions.is_admin(asker_of(origin)):
            return
        verdict = Verdict(
            user_id=origin.person.user_id, at=self.clock.now(), is_approved=False
        )
        await self.audit.add(_entry(origin, job, Deed.REFUSED, verdict))
        raise NotAllowed(NOT_YOURS)


def _entry(origin: Origin, job: Job, deed: Deed, verdict: Verdict) -> AuditEntry:
    return AuditEntry(
        at=verdict.at,
        person=origin.person,
        channel_id=origin.place.channel_id,
        deed=deed,
        rule="approval",
        details=f"{job.id} of {job.person.user_id}",
    )


def _decided_before(held: Verdict) -> str:
    what = "approved" if held.is_approved else "rejected"
    return f"It was {what} already, {held.at:%Y-%m-%d %H:%M} UTC; that holds."
