"""Batches in Discord: a message that keeps up with one, and a thread for its pictures.

A thread has the id of the message it began with, so it is known again after a crash. Where
there can be none, the pictures go to the channel itself.
"""

import asyncio
import gzip
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import discord

from adapters.discord import trouble
from adapters.discord.address import ReturnAddress
from adapters.discord.buttons import batch_spots, view_of
from adapters.discord.delivery import SEND_WITHIN
from adapters.discord.line import ORIGINAL, Line
from adapters.discord.once import Attached, PostOnce, Told
from adapters.discord.parcel import DEFAULT_LIMIT
from adapters.discord.render import note
from adapters.discord.words import cut, plain
from bot.domain.batch import Batch
from bot.domain.job import BatchId
from bot.domain.people import Place
from bot.errors import BotError, NotInPlace
from bot.ports.base import Clock
from bot.ports.chat import PostNotes

log = logging.getLogger(__name__)

_PATIENCE = timedelta(seconds=20)
_SHOW_WITHIN = 10.0
_THREAD_SLEEPS_AFTER: Final = 1440  # minutes; whatever is posted wakes it
_COLOUR, _OVER_COLOUR = discord.Colour(0x6C5CE7), discord.Colour(0x00B894)
_TABLE = "results.csv"
_NOBODY = discord.AllowedMentions.none()
NO_TABLE = "It is too large for Discord, so it is left out."
NOT_ALLOWED = (
    "I may not post in this channel, so the batch waits. Give me the permissions View "
    "Channel, Send Messages, Attach Files and Embed Links there (in a thread also Send "
    "Messages in Threads), or end it with /cancel."
)


class DiscordBatches:
    """Implements the port BatchSender."""

    def __init__(
        self, *, line: Line, clock: Clock, patience: timedelta = _PATIENCE
    ) -> None:
        self._line = line
        self._clock = clock
        self._patience = patience
        self._post_once = PostOnce(line=line, clock=clock)
        self._missed: dict[BatchId, str] = {}  # what could not be shown

    async def begin(self, batch: Batch, text: str, notes: PostNotes) -> Place:
        """Post the message and begin its thread, each exactly once; give the thread.

        Raises: PlatformBusy, PlatformDown, NotInPlace, PlatformRefused, StorageError.
        """
        await self._line.ready(self._patience)
        with trouble.translated():
            if "message_id" not in notes.current:
                await self._post_progress(batch, text, notes)
            if "thread_id" not in notes.current:
                thread = await self._begin_thread(batch, notes.current["message_id"])
                await notes.write({**notes.current, "thread_id": thread})
        where = notes.current["thread_id"] or batch.place.channel_id
        return replace(batch.place, channel_id=where)

    async def update(self, batch: Batch, text: str) -> None:
        """Show how it stands; never raises. What was missed is made up for at the end."""
        try:
            await self._line.ready(self._patience)
            async with asyncio.timeout(_SHOW_WITHIN):
                await self._edit(batch, text)
        except (*trouble.ANY, BotError) as error:
            self._missed[batch.id] = text
            reason = f"{type(error).__name__} {trouble.code(error) or ''}".strip()
            extra = {"job": batch.id, "action": "batch"}
            log.info("A batch was not shown (%s)", reason, extra=extra)
        else:
            self._missed.pop(batch.id, None)

    async def end(self, batch: Batch, text: str, table: Path, notes: PostNotes) -> None:
        """Post the summary with its table into the thread, exactly once. Raises: as begin."""
        if "message_id" in notes.current:
            return
        await self._line.ready(self._patience)
        with trouble.translated():
            if missed := self._missed.get(batch.id):
                async with asyncio.timeout(SEND_WITHIN):
                    await self._edit(batch, missed)
                del self._missed[batch.id]
            posted = await self._post_summary(batch, text, table, notes)
        if posted is None:
            raise NotInPlace(NOT_ALLOWED)
        await notes.write({"message_id": str(posted)})

    # --- the message and its thread -----------------------------------------------

    async def _post_progress(self, batch: Batch, text: str, notes: PostNotes) -> None:
        told = Told(
            channel_id=_channel(batch),
            embed=_embed(batch, text),
            nonce=batch.id,
            spots=batch_spots(batch.id, batch.state),
        )
        posted = await self._post_once(told, notes)
        if posted is None:
            await self._tell_privately(batch, NOT_ALLOWED)
            raise NotInPlace(NOT_ALLOWED)
        await notes.write({"message_id": str(posted)})

    async def _begin_thread(self, batch: Batch, message_id: str) -> str | None:
        """Begin the thread; give its id, or None where there can be none."""
        if not batch.place.workspace_id.isdecimal():
            return None  # direct messages have no threads
        try:
            async with asyncio.timeout(SEND_WITHIN):
                made = await self._line.client.http.start_thread_with_message(
                    _channel(batch),
                    int(message_id),
                    name=cut(f"Batch {batch.name}", 100),
                    auto_archive_duration=_THREAD_SLEEPS_AFTER,
                )
        except discord.HTTPException as error:
            if trouble.code(error) == trouble.THREAD_EXISTS:
                return message_id  # they share their id
            if not trouble.is_final(error):
                raise
            extra = {"job": batch.id, "action": "batch"}
            log.info("No thread for a batch (%s)", trouble.code(error), extra=extra)
            return None
        return str(made["id"])

    async def _edit(self, batch: Batch, text: str) -> None:
        message_id = _begun(batch, "message_id")
        if message_id is None:
            return
        channel = self._line.client.get_partial_messageable(_channel(batch))
        try:
            await channel.get_partial_message(int(message_id)).edit(
                embed=_embed(batch, text),
                view=view_of(batch_spots(batch.id, batch.state)),
                allowed_mentions=_NOBODY,
            )
        except discord.HTTPException as error:
            if trouble.code(error) not in trouble.GONE:  # someone has deleted it
                raise

    async def _tell_privately(self, batch: Batch, text: str) -> None:
        """Say it in the note of the offer, while that is possible."""
        address = ReturnAddress.read(batch.return_address)
        if token := address.token_at(self._clock.now()):
            hook = self._line.hook(address.application_id, token)
            async with asyncio.timeout(_SHOW_WITHIN):
                await hook.edit_message(
                    ORIGINAL, content=note(text), allowed_mentions=_NOBODY
                )

    # --- the summary --------------------------------------------------------------

    async def _post_summary(
        self, batch: Batch, text: str, table: Path, notes: PostNotes
    ) -> int | None:
        attached = await asyncio.to_thread(_fitted, table, self._limit(batch))
        text = text if attached else f"{text} {NO_TABLE}"
        told = Told(
            channel_id=int(_begun(batch, "thread_id") or _channel(batch)),
            embed=_embed(batch, text, part=" · results"),
            nonce=f"{batch.id}-end",
            attached=attached,
        )
        posted = await self._post_once(told, notes)
        if posted is None:  # the thread is gone, or closed to the bot
            told = replace(told, channel_id=_channel(batch))
            posted = await self._post_once(told, notes)
        return posted

    def _limit(self, batch: Batch) -> int:
        workspace = batch.place.workspace_id
        guild_id = int(workspace) if workspace.isdecimal() else 0
        guild = self._line.client.get_guild(guild_id)
        return guild.filesize_limit if guild else DEFAULT_LIMIT


def _channel(batch: Batch) -> int:
    return int(batch.place.channel_id)


def _begun(batch: Batch, name: str) -> str | None:
    found: str | None = batch.notes.get("begin", {}).get(name)
    return found


def _embed(batch: Batch, text: str, *, part: str = "") -> discord.Embed:
    *head, rest = text.split("\n", 1)
    embed = discord.Embed(
        title=plain(head[0], 256) if head else None,
        description=plain(rest, 4000),
        colour=_OVER_COLOUR if batch.state.is_final else _COLOUR,
    )
    return embed.set_footer(text=f"batch {batch.id}{part}")


def _fitted(table: Path, limit: int) -> Attached | None:
    """Give the table, packed if need be; None when even that is too large."""
    if table.stat().st_size <= limit:
        return Attached(source=table, filename=_TABLE)
    packed = gzip.compress(table.read_bytes())
    if len(packed) > limit:
        return None
    return Attached(source=packed, filename=f"{_TABLE}.gz")
