"""`/imagine cancel [ID]`: a job by its or its picture's id, or one's newest unfinished one."""

from dataclasses import dataclass, replace

from bot.chat.commands import Cancel
from bot.chat.replies import Notice
from bot.domain.job import Job, JobState
from bot.domain.people import Person
from bot.errors import NotFound, WrongInput
from bot.jobs.batches import BatchRunner
from bot.jobs.worker import Worker
from bot.ports.batches import Batches
from bot.ports.jobs import JobQueue

BATCH_CANCELLED = (
    "Cancelled: nothing more is begun. What Ideogram is drawing at this moment is kept and "
    "not posted."
)
BATCH_OVER = "That batch is over already."


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelHandler:
    """Cancels one of the person's own jobs."""

    queue: JobQueue
    worker: Worker
    batches: Batches
    runner: BatchRunner

    async def __call__(self, command: Cancel) -> Notice:
        """Mark the job and end it if it waits. Raises: NotFound, WrongInput."""
        person, target = command.origin.person, (command.target or "").strip().lower()
        if target and (batch := await self.batches.match(target, person)):
            is_cancelled = await self.runner.cancel(batch.id)
            return Notice(text=BATCH_CANCELLED if is_cancelled else BATCH_OVER)
        job = await (self._named(person, target) if target else self._newest(person))
        if job.state.is_final:
            return Notice(text=f"That job is over already: it is {job.state}.")
        if job.state is JobState.HELD and job.batch_id is None:
            return await self._drop(job)
        marked = await self.queue.request_cancel(job.id)
        if marked is None:
            return Notice(text="That job ended at this very moment.")
        self.worker.cancel(marked)
        return Notice(
            text=f"Cancelling {job.id}. If Ideogram is drawing already, the picture is "
            "kept and not posted."
        )

    async def _drop(self, job: Job) -> Notice:
        """End a job that waits for a button, unless the button was quicker."""
        answered = await self.queue.answer(replace(job, is_cancel_requested=True))
        if answered is None:
            return Notice(text="That job was answered at this very moment.")
        self.worker.offer(answered)
        return Notice(text=f"Cancelled {job.id}: nothing was charged.")

    async def _newest(self, person: Person) -> Job:
        job = await self.queue.newest_unfinished(person)
        if job is None:
            raise NotFound("You have no unfinished job; there is nothing to cancel.")
        return job

    async def _named(self, person: Person, target: str) -> Job:
        # A record's id is its job's with a number behind it.
        found = await self.queue.match(target.partition("-")[0], person)
        if not found:
            raise NotFound(
                f"You have no job {target[:40]}. Without an id, /imagine cancel takes "
                "your newest unfinished one."
            )
        if len(found) > 1:
            ids = ", ".join(job.id for job in found[:5])
            raise WrongInput(f"{target[:40]} is the beginning of several ids: {ids}.")
        return found[0]
