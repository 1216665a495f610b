"""Runs jobs: whose turn it is, how many at once, what follows a failure, how to stop.

Scheduling is in memory, everything else in the queue: after a crash the worker takes up
what is written there. A place for a paid call is held for that call alone, not while a
picture is kept or posted, and not through a back-off.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from bot.domain.job import Job, JobId, JobState
from bot.domain.people import Place, Platform
from bot.errors import BotError, NotInPlace, StorageError
from bot.jobs import texts
from bot.jobs.notes import ProgressNotes
from bot.jobs.pipeline import Ended, Hooks, Pipeline, StepFailed
from bot.jobs.retry import LONGEST_WAIT, GiveUp, RetryRules, TryAgain
from bot.jobs.trouble import StorageTrouble
from bot.jobs.turns import Turns
from bot.ports.base import Clock
from bot.ports.chat import ChatSender
from bot.ports.jobs import JobQueue

log = logging.getLogger(__name__)

# An invitation may have been missed, so a waiting job looks again now and then.
LOOK_AGAIN = timedelta(hours=1)
# While the database refuses, a job is held in memory and tried again.
HOLD = timedelta(seconds=5)
INTERNAL = (
    "Something went wrong inside the bot; whoever runs it finds the reason in its log."
)


# They take no turn any more: their pictures are kept.
_KEPT = (JobState.WAITING, JobState.REVIEW)
Channel = tuple[Platform, str, str]


class Worker:
    """Works jobs off; `running` is its life."""

    def __init__(
        self,
        *,
        queue: JobQueue,
        pipeline: Pipeline,
        rules: RetryRules,
        senders: Mapping[Platform, ChatSender],
        clock: Clock,
        max_in_flight: int,
    ) -> None:
        self._queue = queue
        self._pipeline = pipeline
        self._rules = rules
        self._senders = senders
        self._clock = clock
        self._max_in_flight = max_in_flight
        self._calls = asyncio.Semaphore(max_in_flight)
        self._calling: set[JobId] = set()  # who holds a place for a call
        self._turns = Turns()
        self._has_turn = asyncio.Event()
        self._delayed: dict[JobId, asyncio.TimerHandle] = {}
        self._running: dict[JobId, asyncio.Task[None]] = {}
        self._known: set[JobId] = set()  # in any of the three above
        self._cancelled: set[JobId] = set()
        self._woken: set[JobId] = set()  # while they ran
        self._openings: Counter[Channel] = Counter()
        self._listeners: list[Callable[[Job], None]] = []
        self._is_taking = False
        self._trouble = StorageTrouble()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take up jobs until the end of the block; what then still runs is cut off."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            self._notes = ProgressNotes(
                senders=self._senders, queue=self._queue, tasks=tasks
            )
            taking = tasks.create_task(self._take_turns())
            self._is_taking = True
            try:
                yield
            finally:
                self._stop_taking()
                taking.cancel()
                for task in self._running.values():
                    task.cancel()

    async def drain(self, grace: timedelta) -> None:
        """Take nothing new, finish what runs within *grace*, hand the rest back."""
        self._stop_taking()
        try:
            async with asyncio.timeout(grace.total_seconds()):
                while busy := [*self._running.values(), *self._notes.tasks]:
                    await asyncio.wait(busy)
        except TimeoutError:
            await self._hand_back()

    def offer(self, job: Job, *, is_drawn: bool = False) -> None:
        """Take up a job that is written down, unless it is known here.

        Outside of `running` nothing happens: the job is written down, which is enough.
        """
        if job.id in self._known or not self._is_taking:
            return
        self._known.add(job.id)
        if job.is_cancel_requested:
            self._cancelled.add(job.id)
        is_drawn = is_drawn or bool(job.shows or job.resizes)
        self._ready(job, is_drawn=is_drawn, at=job.not_before)

    def before(self, job: Job) -> int:
        """Count the jobs that must be drawn before *job*; 0 when it is drawn at once."""
        free = self._max_in_flight - len(self._calling)
        return max(0, self._turns.before(job) + 1 - free)

    def cancel(self, job: Job) -> None:
        """End a job that is marked as cancelled, at once if it waits."""
        self._cancelled.add(job.id)
        timer = self._delayed.pop(job.id, None)
        if timer:
            timer.cancel()
        if timer or self._turns.remove(job.id):
            self._start(job)

    def withdraw(self, job_id: JobId) -> bool:
        """Forget a job that has not begun; False when it has, or is not known here."""
        timer = self._delayed.pop(job_id, None)
        if timer:
            timer.cancel()
        if timer or self._turns.remove(job_id):
            self._known.discard(job_id)
            return True
        return False

    def listen(self, listener: Callable[[Job], None]) -> None:
        """Call *listener* with every job that ends, once its end is written down.

        Also with one that is left to the moderators, once that is.
        """
        self._listeners.append(listener)

    def opened(self, place: Place) -> None:
        """Let jobs that are being refused in *place* at this moment look again."""
        self._openings[_channel(place)] += 1

    def wake(self, job: Job) -> None:
        """Go on with a job that waited for an invitation, or for a moderator."""
        timer = self._delayed.pop(job.id, None)
        if timer:
            timer.cancel()
            self._start(job)
        elif job.id in self._running:
            self._woken.add(job.id)
        else:
            self.offer(job, is_drawn=True)

    def show_end(self, job: Job) -> None:
        """Tell a person how a job ended that ended before they could be told."""
        self._notes.show(job, texts.ended(job))

    # --- taking turns -------------------------------------------------------

    async def _take_turns(self) -> None:
        while True:
            while not len(self._turns):
                self._has_turn.clear()
                await self._has_turn.wait()
            await self._calls.acquire()
            if not len(self._turns):  # cancelled while all places were taken
                self._calls.release()
                continue
            job = self._turns.next()
            self._calling.add(job.id)
            self._start(job)

    def _ready(self, job: Job, *, is_drawn: bool, at: datetime | None) -> None:
        """Start *job* or put it in line, at its time."""
        if not self._is_taking:
            return
        wait = at - self._clock.now() if at else timedelta(0)
        # What is further away was put there by a clock that was set back since.
        if timedelta(0) < wait <= max(LOOK_AGAIN, LONGEST_WAIT):
            seconds = wait.total_seconds()
            loop = asyncio.get_running_loop()
            self._delayed[job.id] = loop.call_later(seconds, self._due, job, is_drawn)
        else:
            self._due(job, is_drawn)

    def _due(self, job: Job, is_drawn: bool) -> None:
        self._delayed.pop(job.id, None)
        if not self._is_taking:
            return
        if is_drawn:
            self._start(job)
        else:
            self._turns.add(job)
            self._has_turn.set()

    def _start(self, job: Job) -> None:
        self._running[job.id] = self._tasks.create_task(self._run(job))

    def _free_call(self, job_id: JobId) -> None:
        if job_id in self._calling:
            self._calling.discard(job_id)
            self._calls.release()

    # --- one job ------------------------------------------------------------

    async def _run(self, job: Job) -> None:
        try:
            again = await self._attempt(job)
        except StorageError as error:
            self._trouble.refused(error)
            again = replace(job, not_before=self._clock.now() + HOLD)
        finally:
            self._free_call(job.id)
            del self._running[job.id]
        if again is None:
            self._known.discard(job.id)
            self._cancelled.discard(job.id)
            self._woken.discard(job.id)
        else:
            is_cancelled = job.id in self._cancelled
            is_awaited = not is_cancelled and job.id not in self._woken
            self._woken.discard(job.id)
            at = again.not_before if is_awaited else None
            self._ready(again, is_drawn=is_cancelled or again.state in _KEPT, at=at)

    async def _attempt(self, job: Job) -> Job | None:
        """Run *job* once; give it when it is to run again. Raises: StorageError."""
        job = await self._queue.save(
            replace(job, state=JobState.RUNNING, not_before=None)
        )
        if job.state.is_final:  # by another process, while it waited here
            return None
        if job.is_cancel_requested:
            self._cancelled.add(job.id)
        openings = self._openings[_channel(job.place)]
        hooks = Hooks(
            is_cancelled=self._cancelled.__contains__,
            show=self._notes.show,
            drawn=self._free_call,
            offer=self.offer,
        )
        try:
            ended = await self._pipeline.run(job, hooks)
        except StepFailed as failed:
            return await self._after_failure(job, failed, openings)
        except StorageError:
            raise
        except Exception:  # a fault in one job must not stop the others
            log.exception("A fault of the bot", extra={"job": job.id, "action": "run"})
            await self._end(job, JobState.FAILED, BotError(INTERNAL))
        else:
            if ended is Ended.IN_REVIEW:
                return await self._wait_for_moderator(job)
            state = JobState.DONE if ended is Ended.POSTED else JobState.CANCELLED
            await self._end(job, state)
        return None

    async def _wait_for_moderator(self, job: Job) -> Job:
        again = self._clock.now() + LOOK_AGAIN
        job = await self._queue.find(job.id) or job
        job = await self._queue.save(
            replace(job, state=JobState.REVIEW, not_before=again, error=None)
        )
        for listener in self._listeners:  # it is out of the worker's hands
            listener(job)
        # The decision may have come while the pictures were on their way.
        is_open = job.state is JobState.REVIEW
        return job if is_open else replace(job, not_before=None)

    async def _after_failure(
        self, job: Job, failed: StepFailed, openings: int
    ) -> Job | None:
        error = failed.error
        now = self._clock.now()
        # Its calls were counted in the log, which is where they are true.
        job = await self._queue.find(job.id) or job
        job = replace(job, failures=job.failures + 1)
        if isinstance(error, NotInPlace):
            return await self._wait_for_invitation(job, error, openings)
        decision = self._rules.decide(
            error, step=failed.step, calls=job.calls, failures=job.failures, now=now
        )
        match decision:
            case GiveUp(because=because):
                await self._end(job, JobState.FAILED, because)
                return None
            case TryAgain(at=at):
                self._tell_failure(job, failed, at)
                job = replace(job, state=JobState.QUEUED, not_before=at)
                job = await self._queue.save(job)
                self._notes.show(job, texts.later(error, at - now))
                return job
            case _:
                assert_never(decision)

    def _tell_failure(self, job: Job, failed: StepFailed, at: datetime) -> None:
        if isinstance(failed.error, StorageError):
            self._trouble.refused(failed.error)
            return
        log.info(
            "%s failed (%s), again at %s",
            failed.step,
            type(failed.error).__name__,
            at,
            extra={"job": job.id, "action": failed.step},
        )

    async def _wait_for_invitation(
        self, job: Job, error: NotInPlace, openings: int
    ) -> Job:
        again = self._clock.now() + LOOK_AGAIN
        job = replace(job, state=JobState.WAITING, not_before=again, error=error.text)
        job = await self._queue.save(job)
        if self._openings[_channel(job.place)] != openings:
            # The invitation came while the refusal was on its way.
            return replace(job, not_before=None)
        log.warning(
            "A job waits for an invitation: %s",
            error.text,
            extra={"job": job.id, "action": "wait"},
        )
        self._notes.show(job, texts.waiting(error))
        return job

    async def _end(
        self, job: Job, state: JobState, error: BotError | None = None
    ) -> None:
        job = replace(
            await self._queue.find(job.id) or job,
            state=state,
            not_before=None,
            error=error.text if error else None,
            error_kind=type(error).__name__ if error else None,
        )
        job = await self._queue.save(job)
        if state is JobState.DONE:
            self._trouble.is_over()
        log.info(
            "Job %s%s",
            state,
            f" ({job.error_kind})" if error else "",
            extra={"job": job.id, "action": "end"},
        )
        self._notes.show(job, texts.ended(job))
        for listener in self._listeners:
            listener(job)

    # --- stopping -----------------------------------------------------------

    def _stop_taking(self) -> None:
        self._is_taking = False
        for timer in self._delayed.values():
            timer.cancel()
        self._delayed.clear()
        while len(self._turns):
            self._turns.next()

    async def _hand_back(self) -> None:
        """Cut off what runs and mark it as queued: it was no crash."""
        cut_off = dict(self._running)
        for task in cut_off.values():
            task.cancel()
        await asyncio.gather(*cut_off.values(), return_exceptions=True)
        for job_id in cut_off:
            job = await self._queue.find(job_id)
            if job and job.state is JobState.RUNNING:
                await self._queue.save(replace(job, state=JobState.QUEUED))
            log.info("Handed over", extra={"job": job_id, "action": "drain"})


def _channel(place: Place) -> Channel:
    return place.platform, place.workspace_id, place.channel_id
