"""What to take up at start, and what another process hands over while this one works."""

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.job import Job, JobState, Step
from bot.errors import StorageError
from bot.jobs.trouble import StorageTrouble
from bot.jobs.worker import Worker
from bot.ports.base import Clock
from bot.ports.jobs import JobLog, JobQueue

log = logging.getLogger(__name__)

MOST_CRASHES = 3
HELD_FOR = timedelta(days=1)  # whoever did not answer by then will not
LOOK_EVERY = timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Brings jobs from the queue to the worker."""

    queue: JobQueue
    steps: JobLog
    worker: Worker
    clock: Clock

    async def take_up(self) -> None:
        """Offer every job that is not final, and tell how others ended.

        A job that was running when the process died has a crash counted against it; the
        third one sets it aside, so that one poisonous job cannot keep the bot from working.
        """
        await self.queue.drop_held(self.clock.now() - HELD_FOR)
        for job in await self.queue.untold():
            self.worker.show_end(job)
        for job in await self.queue.unfinished():
            await self.take_up_begun(job)

    async def take_up_begun(self, job: Job) -> None:
        """Offer a job, unless its batch will, in its turn."""
        if not _is_line(job):
            await self.take_up_one(job)

    async def take_up_one(self, job: Job) -> None:
        """Offer a job that no living process works on."""
        if job.state is JobState.RUNNING:
            await self._after_crash(job)
        elif job.state is JobState.WAITING:
            self.worker.offer(replace(job, not_before=None), is_drawn=True)
        elif job.state is JobState.REVIEW:
            self.worker.offer(job, is_drawn=True)
        else:
            self.worker.offer(job)

    async def watch(self) -> None:
        """Offer jobs that other processes write down, end those that they cancel."""
        position = 0
        trouble = StorageTrouble("Jobs that are handed over have to wait")
        while True:
            try:
                jobs, position = await self.queue.submitted_since(position)
                for job in jobs:
                    await self._hand_over(job)
                for job in await self.queue.cancelling():
                    self.worker.cancel(job)
                trouble.is_over()
            except StorageError as error:
                trouble.refused(error)
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    async def _hand_over(self, job: Job) -> None:
        # Read again: between the first look and now it may have run and ended here.
        now = await self.queue.find(job.id)
        if now is not None and now.state is JobState.QUEUED and not _is_line(now):
            self.worker.offer(now)

    async def _after_crash(self, job: Job) -> None:
        job = replace(job, state=JobState.QUEUED, crashes=job.crashes + 1)
        log.warning(
            "Taking up a job that ran when the process ended (crash %d)",
            job.crashes,
            extra={"job": job.id, "action": "recover"},
        )
        if job.crashes < MOST_CRASHES:
            steps = await self.steps.steps(job.id)
            is_drawn = Step.DRAW in steps and steps[Step.DRAW].is_done
            self.worker.offer(await self.queue.save(job), is_drawn=is_drawn)
            return
        reason = (
            f"Set aside: the bot's process ended {job.crashes} times while it worked on "
            "this. What was drawn is kept; ask whoever runs the bot to look at its log."
        )
        job = replace(job, state=JobState.FAILED, error=reason, error_kind="SetAside")
        self.worker.show_end(await self.queue.save(job))


def _is_line(job: Job) -> bool:
    """Say whether a batch offers this job, in its turn."""
    return job.batch_id is not None and job.state is JobState.QUEUED
