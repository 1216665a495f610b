"""The step between keeping and posting, where the rules want a moderator's word.

The pictures are shown in the moderators' channel, once. What was decided is written down
when a button is pressed (bot/commands/reviewing.py); this step carries it out, however
often it is cut off: an approved picture goes on to its place, a rejected one is erased.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bot.domain.job import Job, JobId, Step
from bot.domain.people import Platform
from bot.domain.review import Review, Verdict
from bot.errors import NotFound, PictureRejected, PlatformRefused
from bot.jobs.post import CONTENT_TYPES
from bot.ports.chat import Picture
from bot.ports.files import Files
from bot.ports.jobs import JobLog, StepLog
from bot.ports.review import Reviews, ReviewSender

log = logging.getLogger(__name__)

REJECTED = (
    "A moderator rejected the picture: it is not posted, and its file is removed. Change "
    "the prompt and try again."
)
NO_MODERATORS = (
    "The picture is kept, but there is no channel here in which a moderator could approve "
    "it. Ask whoever runs the bot to look at the approval rules."
)
GONE = (
    "The picture was deleted before a moderator could see it. Send the command again."
)
_SHOWN, _ERASING, _SENDER = "is_shown", "erasing", "sender"

Erase = Callable[[Sequence[str]], Awaitable[object]]


class Reviewed(Enum):
    """What became of a job before the moderators."""

    NEWLY_SHOWN = "it waits for them from now on"
    OPEN = "it still waits for them"
    APPROVED = "approved"
    CANCELLED = "cancelled; never approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewStep:
    """Shows a job to moderators, and does what they say."""

    reviews: Reviews
    senders: Mapping[Platform, ReviewSender]
    files: Files
    erase: Erase  # deletes those files that nobody has any more
    steps: JobLog
    transfers: asyncio.Semaphore

    async def __call__(
        self, job: Job, before: StepLog | None, *, is_cancelled: bool
    ) -> Reviewed:
        """Do what is to be done now.

        Raises: PictureRejected, NotFound (the file is gone), PlatformError, StorageError.
        """
        notes = _Notes(job=job.id, steps=self.steps, before=before)
        verdict = await self.reviews.find(job.id)
        if verdict is not None:
            return await self._carry_out(job, verdict, before, notes)
        if is_cancelled:
            await self.reviews.close(job.id)
            await self._settle(Review(job=job, is_cancelled=True), notes)
            return Reviewed.CANCELLED
        if notes.all.get(_SHOWN):
            return Reviewed.OPEN
        await self._show(job, notes)
        return Reviewed.NEWLY_SHOWN

    async def _show(self, job: Job, notes: "_Notes") -> None:
        sender = self.senders.get(job.person.platform)
        if sender is None:
            raise PlatformRefused(NO_MODERATORS)
        records = await self.reviews.held(job.id)
        if not records:
            raise NotFound(GONE)
        await notes.set(_SHOWN, value=False)  # whoever sees it may press at once
        async with self.transfers, AsyncExitStack() as held:
            pictures = []
            for record in records:
                path = str(record.stored_path)
                file = await held.enter_async_context(self.files.on_disk(path))
                kind = CONTENT_TYPES[file.suffix]
                pictures.append(Picture(record=record, file=file, content_type=kind))
            await sender.post(Review(job=job), pictures, notes)
        await notes.set(_SHOWN, value=True)
        log.info("Waits for a moderator", extra={"job": job.id, "action": "review"})

    async def _carry_out(
        self, job: Job, verdict: Verdict, before: StepLog | None, notes: "_Notes"
    ) -> Reviewed:
        if not (before and before.is_done):
            if not verdict.is_approved:
                await self._erase(job, notes)
            await self._settle(Review(job=job, verdict=verdict), notes)
            await self.steps.finish(job.id, Step.REVIEW, notes.all)
        if not verdict.is_approved:
            raise PictureRejected(REJECTED)
        return Reviewed.APPROVED

    async def _erase(self, job: Job, notes: "_Notes") -> None:
        """Delete the files; which they are is written down before they are forgotten."""
        paths = notes.all.get(_ERASING)
        if paths is None:
            paths = await self.reviews.files(job.id)
            await notes.set(_ERASING, value=paths)
        await self.reviews.erase(job.id)
        await self.erase(paths)
        log.info("Erased", extra={"job": job.id, "action": "review"})

    async def _settle(self, review: Review, notes: "_Notes") -> None:
        sender = self.senders.get(review.job.person.platform)
        if sender is None or not notes.current:
            return
        try:
            await sender.settle(review, notes.current)
        except PlatformRefused as refused:
            log.warning(
                "The moderators' message stays as it was: %s",
                refused.text,
                extra={"job": review.job.id, "action": "review"},
            )


class _Notes:
    """The notes of this step; `current` is the sender's part. Implements PostNotes."""

    def __init__(self, *, job: JobId, steps: JobLog, before: StepLog | None) -> None:
        self._job = job
        self._steps = steps
        self.all: dict[str, Any] = dict(before.notes) if before else {}

    @property
    def current(self) -> Mapping[str, Any]:
        """Give the sender's notes as last written."""
        notes: Mapping[str, Any] = self.all.get(_SENDER, {})
        return notes

    async def write(self, notes: Mapping[str, Any]) -> None:
        """Replace the sender's notes."""
        await self.set(_SENDER, value=dict(notes))

    async def set(self, name: str, *, value: object) -> None:
        """Replace one of the notes; durable when this returns."""
        self.all[name] = value
        await self._steps.note(self._job, Step.REVIEW, self.all)
