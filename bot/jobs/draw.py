"""The first step: one paid call, or the rest of one that a crash cut off.

A mark is written before each paid call, so that a call whose answer was lost is known and
counted. Once the answer is written down, no call is repeated.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.drawing import Drawn, Ticket
from bot.domain.job import Job, Step
from bot.errors import (
    NothingDrawn,
    NotSent,
    ProviderBusy,
    ProviderDown,
    StorageError,
)
from bot.jobs.answers import to_notes
from bot.ports.files import Files
from bot.ports.images import ImageService
from bot.ports.jobs import JobLog, StepLog

log = logging.getLogger(__name__)

# An answer that is paid for and cannot be written down (disk full, database locked) is held
# in memory and tried again: about an hour, as long as the addresses in it live.
WRITE_TRIES = 720
WRITE_PAUSE_S = 5
# How often a call that answered with a ticket is waited for, IDEOGRAM_TIMEOUT_S each time.
MOST_WAITS = 3


class CancelledInTime(Exception):
    """The job was cancelled before the paid call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Draws a job's pictures."""

    images: ImageService
    files: Files
    steps: JobLog
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def __call__(
        self, job: Job, before: StepLog | None, is_cancelled: Callable[[], bool]
    ) -> tuple[Job, Drawn]:
        """Give the pictures, written down, and the job with its calls counted.

        Raises: CancelledInTime, ProviderError, StorageError.
        """
        if before and "ticket" in before.notes:
            drawn = await self._collect(job, before.notes)
        else:
            job, drawn = await self._call(job, is_cancelled)
        await self._write_down(
            job, lambda: self.steps.finish(job.id, Step.DRAW, to_notes(drawn))
        )
        return replace(job, failures=0), drawn  # as the checkpoint has it

    async def _call(
        self, job: Job, is_cancelled: Callable[[], bool]
    ) -> tuple[Job, Drawn]:
        await self.files.require_room()  # before anything is paid for
        called = replace(job, calls=job.calls + 1)
        await self.steps.note(job.id, Step.DRAW, {}, calls=called.calls)
        if is_cancelled():
            await self.steps.note(job.id, Step.DRAW, {}, calls=job.calls)
            raise CancelledInTime
        log.info(
            "Calling Ideogram (call %d)",
            called.calls,
            extra={"job": job.id, "action": "draw"},
        )
        try:
            answer = await self.images.draw(job.request)
        except (ProviderBusy, NotSent):
            await self.steps.note(job.id, Step.DRAW, {}, calls=job.calls)
            raise
        if isinstance(answer, Ticket):
            notes = {"ticket": answer.id}
            await self._write_down(
                job, lambda: self.steps.note(job.id, Step.DRAW, notes)
            )
            answer = await self._collect(job, notes)
        return called, answer

    async def _collect(self, job: Job, notes: Mapping[str, Any]) -> Drawn:
        ticket = Ticket(id=notes["ticket"], request=job.request)
        try:
            return await self.images.collect(ticket)
        except ProviderDown as error:
            waits = notes.get("waits", 0) + 1
            if waits >= MOST_WAITS:
                raise NothingDrawn(
                    f"{error.text} It was waited for {waits} times and given up; the "
                    "call may have been charged."
                ) from error
            await self.steps.note(job.id, Step.DRAW, {**notes, "waits": waits})
            raise

    async def _write_down(self, job: Job, write: Callable[[], Awaitable[None]]) -> None:
        for tried in range(WRITE_TRIES):
            try:
                return await write()
            except StorageError as error:
                log.log(
                    logging.DEBUG if tried else logging.ERROR,  # one line is enough
                    "Ideogram's answer is held until it can be written down: %s",
                    error.text,
                    extra={"job": job.id, "action": "draw"},
                )
            await self.sleep(WRITE_PAUSE_S)
        return await write()
