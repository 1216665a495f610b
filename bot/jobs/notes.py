"""The private note each person sees while their job runs.

Never in the way of the work: only the latest state of a job is shown, after a short pause,
so what lasts less than that is not shown at all. How a job ended is always shown, and
written down as told.
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from datetime import timedelta

from bot.chat.progress import Progress
from bot.domain.job import Job, JobId
from bot.domain.people import Platform
from bot.errors import StorageError
from bot.ports.chat import ChatSender
from bot.ports.jobs import JobQueue

log = logging.getLogger(__name__)


class ProgressNotes:
    """Shows progress; its tasks belong to the worker's group."""

    def __init__(
        self,
        *,
        senders: Mapping[Platform, ChatSender],
        queue: JobQueue,
        tasks: asyncio.TaskGroup,
        pause: timedelta = timedelta(seconds=0.5),
    ) -> None:
        self._senders = senders
        self._queue = queue
        self._tasks = tasks
        self._pause = pause.total_seconds()
        self._latest: dict[JobId, tuple[Job, Progress]] = {}
        self._ended: dict[JobId, asyncio.Event] = {}
        self._following: dict[JobId, asyncio.Task[None]] = {}

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """Give what is still to be shown."""
        return list(self._following.values())

    def show(self, job: Job, progress: Progress) -> None:
        """Show *progress* soon, unless something newer comes first.

        Of a batch's lines nobody is told one by one: the batch's message does that.
        """
        if job.batch_id:
            return
        self._latest[job.id] = (job, progress)
        if job.id not in self._ended:
            self._ended[job.id] = asyncio.Event()
            self._following[job.id] = self._tasks.create_task(self._follow(job.id))
        if progress.stage.is_final:
            self._ended[job.id].set()

    async def _follow(self, job_id: JobId) -> None:
        ended = self._ended[job_id]
        try:
            while job_id in self._latest:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._pause):
                        await ended.wait()
                await self._show(*self._latest.pop(job_id))
        finally:
            del self._ended[job_id], self._following[job_id]

    async def _show(self, job: Job, progress: Progress) -> None:
        sender = self._senders.get(job.person.platform)
        try:
            if sender is not None:
                await sender.show(job, progress)
        except Exception:  # a note must not stop the work it tells about
            log.exception("A fault of the bot", extra={"job": job.id, "action": "show"})
        if not progress.stage.is_final:
            return
        try:
            await self._queue.told(job.id)
        except StorageError as error:
            log.warning(
                "How the job ended could not be noted as told: %s",
                error.text,
                extra={"job": job.id, "action": "announce"},
            )
