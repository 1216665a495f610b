"""One job's pictures on their way into one place, exactly once.

Three ways: a regular message with a nonce, a follow-up that is filled in once its id is
known, and the private note itself. Each can be repeated after a crash at any point.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import discord

from adapters.discord import trouble
from adapters.discord.address import ReturnAddress
from adapters.discord.buttons import view_of
from adapters.discord.line import ORIGINAL, Line
from adapters.discord.own import HistoryClosed, find_own
from adapters.discord.parcel import Parcel
from bot.domain.job import Job
from bot.errors import NotInPlace
from bot.ports.base import Clock
from bot.ports.chat import PostNotes

log = logging.getLogger(__name__)

UPLOAD_WITHIN = 120.0  # seconds: 25 MiB through a slow line
SEND_WITHIN = 30.0
# "in the past few minutes" (message.mdx) is all that Discord promises about a nonce.
NONCE_HOLDS = timedelta(minutes=2)
_CLOCKS_DIFFER = timedelta(minutes=2)

SENDING, FOLLOWING = "sending", "following"
_PLACEHOLDER = "One moment, a picture follows."
_POSTING = "Drawn. Posting the picture…"
NOT_ALLOWED = (
    "I may not post in this channel. Give me the permissions View Channel, Send Messages, "
    "Attach Files and Embed Links there (in a thread also Send Messages in Threads); the "
    "picture is kept until then."
)
NO_HISTORY = (
    "I was interrupted while posting and may not look whether the picture arrived. Give me "
    "the permission Read Message History in this channel; the picture is kept until then."
)
_NOBODY = discord.AllowedMentions.none()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt; what an earlier one had written is in `notes`."""

    job: Job
    parcel: Parcel
    notes: PostNotes
    address: ReturnAddress
    line: Line
    clock: Clock

    async def in_channel(self, channel_id: int) -> int | None:
        """Post a regular message; give its id, or None where the bot may not write."""
        if self.notes.current.get("state") == SENDING:
            since = datetime.fromisoformat(self.notes.current["at"])
            if found := await self._find(channel_id, since):
                log.info("Found what was posted", extra={"job": self.job.id})
                return found
        else:
            now = self.clock.now().isoformat()
            await self.notes.write({"state": SENDING, "at": now})
        try:
            return await self._send(channel_id)
        except discord.HTTPException as error:
            if trouble.is_final(error):  # nothing is there that could be found
                await self.notes.write({})
            if trouble.code(error) in trouble.NOT_WELCOME:
                return None
            raise

    async def _find(self, channel_id: int, since: datetime) -> int | None:
        client = self.line.client
        earliest = since - _CLOCKS_DIFFER
        try:
            shown = self.parcel.record_ids
            return await find_own(client, channel_id, self.job, shown, earliest)
        except HistoryClosed:
            # The nonce alone still tells the two apart. Later, neither sending again
            # nor leaving it is safe: the person can settle it with one permission.
            if self.clock.now() - since < NONCE_HOLDS:
                return None
            raise NotInPlace(NO_HISTORY) from None

    async def _send(self, channel_id: int) -> int:
        channel = self.line.client.get_partial_messageable(channel_id)
        async with asyncio.timeout(UPLOAD_WITHIN), self.parcel.files() as files:
            message = await channel.send(
                embed=self.parcel.embed,
                files=files,
                view=view_of(self.parcel.spots),
                nonce=self.job.id,
                allowed_mentions=_NOBODY,
                **self._answering(channel_id),
            )
        return message.id

    def _answering(self, channel_id: int) -> dict[str, Any]:
        """Let copies answer the message that shows their picture, if it is there."""
        place = self.job.place
        is_there = place.channel_id == str(channel_id)
        if not self.job.resizes or place.thread_id is None or not is_there:
            return {}
        shown = discord.MessageReference(
            message_id=int(place.thread_id),
            channel_id=channel_id,
            fail_if_not_exists=False,
        )
        return {"reference": shown}

    async def as_follow_up(self) -> int:
        """Fill in a public follow-up; give its id. Raises: NotInPlace without a token."""
        token = self.address.token_at(self.clock.now())
        if token is None:
            raise NotInPlace(NOT_ALLOWED)
        hook = self.line.hook(self.address.application_id, token)
        try:
            return await self._follow_up(hook)
        except discord.HTTPException as error:
            if trouble.code(error) == trouble.UNKNOWN_MESSAGE:  # deleted meanwhile
                await self.notes.write({"state": FOLLOWING})
                return await self._follow_up(hook)
            if trouble.code(error) in trouble.TOO_LATE:
                raise NotInPlace(NOT_ALLOWED) from error
            raise

    async def _follow_up(self, hook: discord.Webhook) -> int:
        message_id = self.notes.current.get("message_id")
        if message_id is None:
            message_id = await self._hold_place(hook)
            # A follow-up has no nonce. A crash before this line leaves a line of text
            # behind, never a second picture.
            await self.notes.write({"state": FOLLOWING, "message_id": str(message_id)})
        await self._fill(hook, int(message_id), content=None)
        return int(message_id)

    async def _hold_place(self, hook: discord.Webhook) -> int:
        is_private = self.job.request.is_private  # copies: the note has the picture
        async with asyncio.timeout(SEND_WITHIN):
            if is_private:
                # Without a request of its own the library cannot know that it is one.
                hook.type = discord.WebhookType.application
            else:
                # The first follow-up after "thinking" would become the private note.
                await hook.edit_message(
                    ORIGINAL, content=_POSTING, allowed_mentions=_NOBODY
                )
            made = await hook.send(
                _PLACEHOLDER,
                wait=True,
                ephemeral=is_private,
                allowed_mentions=_NOBODY,
            )
        return made.id

    async def as_note(self) -> int | None:
        """Put the pictures into the private note; None when it is too late for that."""
        token = self.address.token_at(self.clock.now())
        if token is None:
            return None
        hook = self.line.hook(self.address.application_id, token)
        try:
            return await self._fill(hook, ORIGINAL)
        except discord.HTTPException as error:
            gone = trouble.TOO_LATE | {trouble.UNKNOWN_MESSAGE}
            if trouble.code(error) in gone:
                return None
            raise

    async def _fill(self, hook: discord.Webhook, message_id: int, **more: Any) -> int:
        """Edit a message to show the pictures: the same however often it is done."""
        async with asyncio.timeout(UPLOAD_WITHIN), self.parcel.files() as files:
            message = await hook.edit_message(
                message_id,
                embed=self.parcel.embed,
                attachments=files,
                view=view_of(self.parcel.spots),
                allowed_mentions=_NOBODY,
                **more,
            )
        return message.id
