"""The private note of the person who asked: edited as the job goes on.

Notes that come fast are put together; the last one is always sent. Nothing here fails a
job: a note that cannot be shown is left out.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self, cast

import discord

from adapters.discord import trouble
from adapters.discord.address import ReturnAddress
from adapters.discord.intake import Deferrals
from adapters.discord.line import Line
from adapters.discord.render import note
from bot.chat.progress import Progress, Stage
from bot.domain.job import Job, JobId
from bot.errors import BotError
from bot.ports import Clock

log = logging.getLogger(__name__)

# Edits of one message are limited to about five in five seconds.
PAUSE = timedelta(seconds=1)
_SEND_WITHIN = 10.0
_FLUSH_WITHIN = 5.0
_TOLD_IN_CHANNEL = {Stage.FAILED, Stage.WAITING}
# Webhook.edit_message puts whatever it is given into the address.
ORIGINAL = cast("int", "@original")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Note:
    channel_id: str
    address: ReturnAddress
    text: str
    stage: Stage


class ProgressNotes:
    """Keeps the notes of all jobs up to date, one task for each that has news."""

    def __init__(
        self,
        *,
        line: Line,
        clock: Clock,
        deferrals: Deferrals,
        pause: timedelta = PAUSE,
    ) -> None:
        self._line = line
        self._clock = clock
        self._deferrals = deferrals
        self._pause = pause
        self._latest: dict[JobId, _Note] = {}
        self._running: set[JobId] = set()
        self._told_to_wait: set[JobId] = set()
        self._tasks: asyncio.TaskGroup | None = None
        self._closing = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._closing.clear()
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Send what is left, within a few seconds."""
        tasks, self._tasks = self._tasks, None
        self._closing.set()
        if tasks is None:
            return
        try:
            async with asyncio.timeout(_FLUSH_WITHIN):
                await tasks.__aexit__(kind, error, trace)
        except TimeoutError:
            log.warning("Some notes could not be sent before the end")

    def show(self, job: Job, progress: Progress) -> None:
        """Let the note of *job* say how it stands."""
        address = ReturnAddress.read(job.return_address)
        self._put(job.id, job.place.channel_id, address, progress)

    def begin(
        self, job: JobId, channel_id: str, stored: Mapping[str, str], text: str
    ) -> None:
        """Let the note of a job that was just taken say *text*, unless there is news."""
        if job in self._running:
            return
        progress = Progress(stage=Stage.QUEUED, text=text)
        self._put(job, channel_id, ReturnAddress.read(stored), progress)

    def _put(
        self, job: JobId, channel_id: str, address: ReturnAddress, progress: Progress
    ) -> None:
        if self._tasks is None:
            return
        self._latest[job] = _Note(
            channel_id=channel_id,
            address=address,
            text=progress.text,
            stage=progress.stage,
        )
        if job not in self._running:
            self._running.add(job)
            self._tasks.create_task(self._keep(job))

    async def _keep(self, job: JobId) -> None:
        try:
            await self._deferrals.settled(self._latest[job].address.token)
            while latest := self._latest.pop(job, None):
                await self._send(job, latest)
                await self._rest()
        finally:
            self._running.discard(job)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._pause.total_seconds()):
                await self._closing.wait()
        except TimeoutError:
            return

    async def _send(self, job: JobId, latest: _Note) -> None:
        try:
            async with asyncio.timeout(_SEND_WITHIN):
                await self._edit_or_answer(job, latest)
        except (*trouble.ANY, BotError) as error:
            reason = f"{type(error).__name__} {trouble.code(error) or ''}".strip()
            log.info("A note was not shown (%s)", reason, extra={"job": job})
        except Exception:  # no note is worth the other tasks of the group
            log.exception("A note was not shown", extra={"job": job})

    async def _edit_or_answer(self, job: JobId, latest: _Note) -> None:
        address = latest.address
        if token := address.token_at(self._clock.now()):
            hook = self._line.hook(address.application_id, token)
            await hook.edit_message(
                ORIGINAL,
                content=note(latest.text),
                allowed_mentions=discord.AllowedMentions.none(),
            )
        elif address.message_id and self._is_news(job, latest.stage):
            await self._answer(job, latest, address.message_id)

    def _is_news(self, job: JobId, stage: Stage) -> bool:
        """Say whether to tell it in the channel; a job looks again and again."""
        is_told = job in self._told_to_wait
        if stage is Stage.WAITING:
            self._told_to_wait.add(job)
        elif stage.is_final:
            self._told_to_wait.discard(job)
        return stage in _TOLD_IN_CHANNEL and not (stage is Stage.WAITING and is_told)

    async def _answer(self, job: JobId, latest: _Note, message_id: int) -> None:
        """Tell who replied to a picture what went wrong: there is no private way."""
        channel_id = int(latest.channel_id)
        channel = self._line.client.get_partial_messageable(channel_id)
        await channel.send(
            note(latest.text),
            reference=discord.MessageReference(
                message_id=message_id, channel_id=channel_id, fail_if_not_exists=False
            ),
            nonce=f"{job}-{latest.stage}"[:25],
            allowed_mentions=discord.AllowedMentions.none(),
        )
