"""A job from its first unfinished step to its end: draw, keep, post.

One that makes sized copies keeps them in place of what is drawn.

The fourth step, telling the person, is the worker's (bot/jobs/worker.py), which also
tells how a job failed.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from bot.chat.progress import Progress
from bot.domain.job import Job, JobId, Step
from bot.domain.record import Record, RecordId
from bot.domain.review import UNSAFE
from bot.errors import (
    BotError,
    NotFound,
    PictureExpired,
    PictureUnfit,
    PlatformRefused,
    ProviderRefused,
)
from bot.jobs import texts
from bot.jobs.answers import from_notes
from bot.jobs.draw import CancelledInTime, Draw
from bot.jobs.following import Follow
from bot.jobs.keep import Keep
from bot.jobs.post import Post
from bot.jobs.resize import Resize
from bot.jobs.review import NO_MODERATORS, Reviewed, ReviewStep
from bot.ports.jobs import JobLog, StepLog
from bot.ports.records import Records

log = logging.getLogger(__name__)

GONE = (
    "That picture was deleted meanwhile; nothing was charged. Send the command again to "
    "have it drawn."
)

Result = TypeVar("Result")
Before = Mapping[Step, StepLog]


class StepFailed(Exception):
    """*error* stopped a job in *step*."""

    def __init__(self, step: Step, error: BotError) -> None:
        super().__init__(error.text)
        self.step = step
        self.error = error


class Ended(Enum):
    """How a run of a job ended, when nothing failed."""

    POSTED = "posted"
    CANCELLED_UNDRAWN = "cancelled before the paid call"
    CANCELLED_KEPT = "cancelled with its pictures kept"
    IN_REVIEW = "a moderator has yet to approve"


_ENDED = {
    Reviewed.NEWLY_SHOWN: Ended.IN_REVIEW,
    Reviewed.OPEN: Ended.IN_REVIEW,
    Reviewed.CANCELLED: Ended.CANCELLED_KEPT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What the worker hears and is asked while a job runs."""

    is_cancelled: Callable[[JobId], bool]
    show: Callable[[Job, Progress], None]
    drawn: Callable[[JobId], None]  # the call in flight is over; may be told twice
    offer: Callable[[Job], None]  # another job that is written down


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Runs jobs; all that it must know about one is in the log."""

    draw: Draw
    keep: Keep
    post: Post
    resize: Resize
    follow: Follow
    steps: JobLog
    records: Records
    review: ReviewStep | None = None

    async def run(self, job: Job, hooks: Hooks) -> Ended:
        """Run what is left of *job*. Raises: StepFailed."""
        before = await self.steps.steps(job.id)
        if job.shows:
            return await self._show_again(job, before, hooks)
        if job.resizes:
            return await self._make_copies(job, before, hooks)
        return await self._draw_keep_and_post(job, before, hooks)

    async def _draw_keep_and_post(
        self, job: Job, before: Before, hooks: Hooks
    ) -> Ended:
        if not _is_paid(before) and hooks.is_cancelled(job.id):
            return Ended.CANCELLED_UNDRAWN
        if _is_done(before, Step.KEEP):
            records: Sequence[Record] = await self.records.of_job(job.id)
        else:
            try:
                records = await self._draw_and_keep(job, before, hooks)
            except CancelledInTime:
                return Ended.CANCELLED_UNDRAWN
        if _is_done(before, Step.POST):
            await self._follow(job, records, hooks)
            return Ended.POSTED
        if job.reviewed_in and any(record.withheld != UNSAFE for record in records):
            reviewed = await self._review(job, before, hooks)
            if reviewed is not Reviewed.APPROVED:
                return _ENDED[reviewed]
            records = await self.records.of_job(job.id)
        if hooks.is_cancelled(job.id):
            return Ended.CANCELLED_KEPT
        if all(record.stored_path is None for record in records):
            raise StepFailed(Step.KEEP, _withheld(records))
        hooks.show(job, texts.posting(job))
        await _step(Step.POST, self.post(job, records, before.get(Step.POST)))
        await self._follow(job, records, hooks)
        return Ended.POSTED

    async def _review(self, job: Job, before: Before, hooks: Hooks) -> Reviewed:
        if self.review is None:
            raise StepFailed(Step.REVIEW, PlatformRefused(NO_MODERATORS))
        is_cancelled = hooks.is_cancelled(job.id)
        reviewing = self.review(job, before.get(Step.REVIEW), is_cancelled=is_cancelled)
        reviewed = await _step(Step.REVIEW, reviewing)
        if reviewed is Reviewed.NEWLY_SHOWN:
            hooks.show(job, texts.in_review(job))
        return reviewed

    async def _show_again(self, job: Job, before: Before, hooks: Hooks) -> Ended:
        """Post what was drawn before: no call, no record, no cost."""
        hooks.drawn(job.id)
        if hooks.is_cancelled(job.id) and not _is_done(before, Step.POST):
            return Ended.CANCELLED_KEPT
        records = await self._kept(job.shows)
        if not _is_done(before, Step.POST):
            if not records:
                raise StepFailed(Step.POST, NotFound(GONE))
            hooks.show(job, texts.posting(job))
            await _step(Step.POST, self.post(job, records, before.get(Step.POST)))
        await self._follow(job, records, hooks)
        return Ended.POSTED

    async def _make_copies(self, job: Job, before: Before, hooks: Hooks) -> Ended:
        """Make sized copies of kept pictures and post them: no call, no cost.

        Those that could not be made are told of as the job's failure, once the others
        are posted.
        """
        hooks.drawn(job.id)
        if hooks.is_cancelled(job.id) and not _is_done(before, Step.POST):
            return Ended.CANCELLED_KEPT
        records = await self._kept(job.resizes)
        if _is_done(before, Step.KEEP):
            making = self.resize.made(records, before[Step.KEEP].notes)
        else:
            hooks.show(job, texts.resizing(job))
            making = self.resize(job, records)
        made = await _step(Step.KEEP, making)
        if not _is_done(before, Step.POST):
            if not made.copies:
                raise StepFailed(Step.POST, NotFound(GONE))
            hooks.show(job, texts.posting(job))
            posting = self.post.copies(job, made.copies, records, before.get(Step.POST))
            await _step(Step.POST, posting)
        if made.failures:
            text = texts.partly(len(made.copies), made.failures)
            raise StepFailed(Step.KEEP, PictureUnfit(text))
        return Ended.POSTED

    async def _follow(self, job: Job, records: Sequence[Record], hooks: Hooks) -> None:
        for follow_up in await _step(Step.POST, self.follow(job, records)):
            if not follow_up.state.is_final:
                hooks.offer(follow_up)

    async def _kept(self, names: Sequence[str]) -> list[Record]:
        found = [await self.records.get(RecordId(each)) for each in names]
        return [one for one in found if one and one.stored_path]

    async def _draw_and_keep(
        self, job: Job, before: Before, hooks: Hooks
    ) -> Sequence[Record]:
        try:
            if _is_done(before, Step.DRAW):
                drawn = from_notes(before[Step.DRAW].notes)
            else:
                hooks.show(job, texts.drawing(job))
                drawing = self.draw(
                    job, before.get(Step.DRAW), lambda: hooks.is_cancelled(job.id)
                )
                job, drawn = await _step(Step.DRAW, drawing)
        finally:
            hooks.drawn(job.id)
        try:
            return await _step(Step.KEEP, self.keep(job, drawn))
        except StepFailed as failed:
            if isinstance(failed.error, PictureExpired):
                await self.steps.reopen(job.id, Step.DRAW)
                log.warning(
                    "The picture's address expired before it was kept; "
                    "it has to be drawn again with the same seed",
                    extra={"job": job.id, "action": "keep"},
                )
            raise


def _is_done(before: Before, step: Step) -> bool:
    return step in before and before[step].is_done


def _is_paid(before: Before) -> bool:
    draw = before.get(Step.DRAW)
    return draw is not None and (draw.is_done or "ticket" in draw.notes)


async def _step(step: Step, work: Awaitable[Result]) -> Result:
    try:
        return await work
    except BotError as error:
        raise StepFailed(step, error) from error


def _withheld(records: Sequence[Record]) -> ProviderRefused:
    if any(not record.is_safe for record in records):
        why = "Ideogram's safety check withheld the picture"
    else:
        why = "Ideogram sent no address for the picture"
    return ProviderRefused(
        f"{why}. Change the prompt and try again; this call may have been charged."
    )
