"""What the person who asked is told while their job goes on.

By an interaction's token the private note is edited. Who replied to a picture has no
token: they are told in the channel, once, and only what went wrong. The core decides what
is worth showing and when; a note that cannot be shown is left out.
"""

import asyncio
import logging
from datetime import timedelta

import discord

from adapters.discord import trouble
from adapters.discord.address import ReturnAddress
from adapters.discord.intake import Deferrals
from adapters.discord.line import ORIGINAL, Line
from adapters.discord.render import note
from bot.chat.progress import Progress, Stage
from bot.domain.job import Job, JobId
from bot.errors import BotError
from bot.ports.base import Clock

log = logging.getLogger(__name__)

_SHOW_WITHIN = 10.0
_NOBODY = discord.AllowedMentions.none()


class ProgressNotes:
    """Keeps private notes up to date."""

    def __init__(
        self, *, line: Line, clock: Clock, deferrals: Deferrals, patience: timedelta
    ) -> None:
        self._line = line
        self._clock = clock
        self._deferrals = deferrals
        self._patience = patience
        self._told_to_wait: set[JobId] = set()

    async def show(self, job: Job, progress: Progress) -> None:
        """Let the note of *job* say how it stands; return once it does or cannot."""
        address = ReturnAddress.read(job.return_address)
        try:
            await self._line.ready(self._patience)
            await self._deferrals.settled(address.token)
            async with asyncio.timeout(_SHOW_WITHIN):
                if token := address.token_at(self._clock.now()):
                    await self._edit(address.application_id, token, progress.text)
                elif address.message_id and self._is_news(job.id, progress.stage):
                    await self._answer(job, progress, address.message_id)
        except (*trouble.ANY, BotError) as error:
            reason = f"{type(error).__name__} {trouble.code(error) or ''}".strip()
            extra = {"job": job.id, "action": "show"}
            log.info("A note was not shown (%s)", reason, extra=extra)

    async def _edit(self, application_id: int, token: str, text: str) -> None:
        hook = self._line.hook(application_id, token)
        await hook.edit_message(ORIGINAL, content=note(text), allowed_mentions=_NOBODY)

    def _is_news(self, job: JobId, stage: Stage) -> bool:
        """Say whether to tell it in the channel; a waiting job looks again and again."""
        is_told = job in self._told_to_wait
        if stage is Stage.WAITING:
            self._told_to_wait.add(job)
            return not is_told
        if stage.is_final:
            self._told_to_wait.discard(job)
        return stage is Stage.FAILED

    async def _answer(self, job: Job, progress: Progress, message_id: int) -> None:
        channel_id = int(job.place.channel_id)
        channel = self._line.client.get_partial_messageable(channel_id)
        await channel.send(
            note(progress.text),
            reference=discord.MessageReference(
                message_id=message_id, channel_id=channel_id, fail_if_not_exists=False
            ),
            nonce=f"{job.id}-{progress.stage}"[:25],
            allowed_mentions=_NOBODY,
        )
