"""Jobs and the checkpoints of their steps, durable. Pure.

Every method may raise the errors of bot/errors.py and no other; named are the ones to
expect.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.domain.budget import Hold
from bot.domain.copy import Copy
from bot.domain.job import Job, JobId, JobState, Step
from bot.domain.people import Person, Place
from bot.domain.record import (
    PostedMessage,
    Record,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLog:
    """One step of one job as it was last written down.

    `notes` is what the step needs to go on after a crash (JSON values only).
    """

    step: Step
    is_done: bool
    notes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """The job that stands for an event; `is_new` is False when it was there before."""

    job: Job
    is_new: bool


class JobQueue(Protocol):
    """Jobs, durable. Scheduling is the worker's."""

    async def submit(
        self,
        job: Job,
        *,
        once_within: timedelta | None = None,
        holds: Sequence[Hold] = (),
    ) -> Submitted:
        """Write *job* down unless its id, or a press of its `press_key`, exists.

        Presses within *once_within* of the first are one. What *holds* set aside is spent
        by JobLog.finish (KEEP) and free again at the job's end.
        Raises: BudgetExceeded (nothing is written), StorageError.
        """

    async def find(self, job: JobId) -> Job | None:
        """Give a job by its id."""

    async def match(self, beginning: str, person: Person) -> list[Job]:
        """Give the person's jobs whose id begins so (at most 10)."""

    async def newest_unfinished(self, person: Person) -> Job | None:
        """Give the person's newest job that is not final and not being cancelled."""

    async def jobs(
        self, *, state: JobState | None = None, limit: int = 50
    ) -> list[Job]:
        """Give jobs, newest first."""

    async def unfinished(self) -> list[Job]:
        """Give every job that is not final, oldest first: what to do at start."""

    async def untold(self) -> list[Job]:
        """Give final jobs whose person was not told yet, oldest first."""

    async def submitted_since(self, position: int) -> tuple[list[Job], int]:
        """Give unfinished jobs written down after *position*, and the new one."""

    async def save(self, job: Job) -> Job:
        """Write the job's state, times and counters; give it as it now stands.

        One that has ended stays as it is. A cancel request made meanwhile is kept and
        comes back in the answer.
        """

    async def request_cancel(self, job: JobId) -> Job | None:
        """Mark a job that is not final; give it as it stands, None when it is final."""

    async def answer(self, job: Job, *, holds: Sequence[Hold] = ()) -> Job | None:
        """Let a held job run as *job* says: what it shows, whom to answer, if cancelled.

        None when it is not held, or is a batch's: the first answer decides. *holds* are
        as when submitted. Raises: BudgetExceeded (it stays held), StorageError.
        """

    async def drop_held(self, before: datetime) -> int:
        """Cancel jobs held since before then, silently; those of batches stay."""

    async def cancelling(self) -> list[Job]:
        """Give the jobs that are not final and marked as cancelled, oldest first."""

    async def told(self, job: JobId) -> None:
        """Note that the job's person knows how it ended."""

    async def wake(self, place: Place) -> list[Job]:
        """Make the place's WAITING jobs QUEUED; give them."""

    async def counts(self) -> Mapping[JobState, int]:
        """Count the jobs that are not final, by state."""


class JobLog(Protocol):
    """The checkpoints of a job's steps. Each method is one transaction."""

    async def steps(self, job: JobId) -> Mapping[Step, StepLog]:
        """Give all that is written about a job's steps."""

    async def note(
        self,
        job: JobId,
        step: Step,
        notes: Mapping[str, Any],
        *,
        calls: int | None = None,
    ) -> None:
        """Mark *step* begun, replacing its notes; set the job's `calls`."""

    async def finish(
        self,
        job: JobId,
        step: Step,
        notes: Mapping[str, Any],
        *,
        records: Sequence[Record] = (),
        posted: Sequence[PostedMessage] = (),
        copies: Sequence[Copy] = (),
    ) -> None:
        """Checkpoint *step* with what it made; resets `failures` and `crashes`."""

    async def posted(self, job: JobId) -> list[PostedMessage]:
        """Give the messages that show what the job has posted."""

    async def reopen(self, job: JobId, step: Step) -> None:
        """Forget that *step* was done: its result is lost and must be made anew."""
