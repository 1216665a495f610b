"""The third step: the kept pictures into the place they were asked for, exactly once.

What a platform needs to know after a crash it writes into the step's notes; this module
only carries them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.copy import Copy
from bot.domain.job import Job, JobId, Step
from bot.domain.people import Platform
from bot.domain.record import PostedMessage, Record
from bot.errors import PlatformRefused
from bot.ports.chat import ChatSender, Picture
from bot.ports.files import Files
from bot.ports.jobs import JobLog, StepLog

log = logging.getLogger(__name__)

CONTENT_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}


class StepNotes:
    """The notes of a post step, durable when `write` returns."""

    def __init__(self, *, job: JobId, steps: JobLog, before: StepLog | None) -> None:
        self._job = job
        self._steps = steps
        self._current: Mapping[str, Any] = before.notes if before else {}

    @property
    def current(self) -> Mapping[str, Any]:
        """Give the notes as last written."""
        return self._current

    async def write(self, notes: Mapping[str, Any]) -> None:
        """Replace the notes."""
        await self._steps.note(self._job, Step.POST, notes)
        self._current = notes


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Posts a job's pictures."""

    senders: Mapping[Platform, ChatSender]
    files: Files
    steps: JobLog
    transfers: asyncio.Semaphore

    async def __call__(
        self, job: Job, records: Sequence[Record], before: StepLog | None
    ) -> None:
        """Post the pictures and write down which message shows them.

        Raises: PlatformError, StorageError.
        """

        async def open_all(held: AsyncExitStack) -> list[Picture]:
            return [await self._picture(record, held) for record in records]

        await self._post(job, open_all, before, of_message=lambda message: message)

    async def copies(
        self,
        job: Job,
        copies: Sequence[Copy],
        records: Sequence[Record],
        before: StepLog | None,
    ) -> None:
        """Post sized copies of the pictures of *records*.

        A reply to them means the pictures. Raises: PlatformError, StorageError.
        """
        by_id = {record.id: record for record in records}

        async def open_all(held: AsyncExitStack) -> list[Picture]:
            return [await self._copy(by_id[c.record_id], c, held) for c in copies]

        await self._post(job, open_all, before, of_message=_of_copies)

    async def _post(
        self,
        job: Job,
        open_all: Callable[[AsyncExitStack], Awaitable[list[Picture]]],
        before: StepLog | None,
        *,
        of_message: Callable[[PostedMessage], PostedMessage],
    ) -> None:
        notes = StepNotes(job=job.id, steps=self.steps, before=before)
        sender = self.senders.get(job.person.platform)
        if sender is None:
            raise PlatformRefused(
                f"The picture is kept, but this bot is not connected to "
                f"{job.person.platform.capitalize()} any more."
            )
        async with self.transfers, AsyncExitStack() as held:
            shown = await sender.post(job, await open_all(held), notes)
        posted = [of_message(message) for message in shown]
        await self.steps.finish(job.id, Step.POST, notes.current, posted=posted)
        log.info("Posted", extra={"job": job.id, "action": "post"})

    async def _picture(self, record: Record, held: AsyncExitStack) -> Picture:
        if record.stored_path is None:
            return Picture(record=record, file=None, content_type="")
        file = await held.enter_async_context(self.files.on_disk(record.stored_path))
        return Picture(
            record=record, file=file, content_type=CONTENT_TYPES[file.suffix]
        )

    async def _copy(self, record: Record, copy: Copy, held: AsyncExitStack) -> Picture:
        file = await held.enter_async_context(self.files.on_disk(copy.stored_path))
        kind = CONTENT_TYPES[file.suffix]
        return Picture(record=record, file=file, content_type=kind, copy=copy)


def _of_copies(message: PostedMessage) -> PostedMessage:
    records = tuple(dict.fromkeys(message.record_ids))  # each once, however many copies
    return replace(message, record_ids=records, shows_copies=True)
