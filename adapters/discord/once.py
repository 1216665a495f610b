"""A message that is posted exactly once over any number of tries and crashes.

For minutes its nonce keeps a repeated request from posting twice; later the channel's
history tells, in which the message is known by its footer.
"""

import asyncio
import io
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import discord

from adapters.discord import trouble
from adapters.discord.buttons import Spot, view_of
from adapters.discord.delivery import NONCE_HOLDS, SEND_WITHIN, UPLOAD_WITHIN
from adapters.discord.line import Line
from adapters.discord.own import HistoryClosed, find_message
from bot.errors import NotInPlace
from bot.opening import opened
from bot.ports.base import Clock
from bot.ports.chat import PostNotes

_CLOCKS_DIFFER = timedelta(minutes=2)
_NOBODY = discord.AllowedMentions.none()
NO_HISTORY = (
    "I was interrupted while posting and may not look whether the message arrived. Give me "
    "the permission Read Message History in this channel; the batch waits until then."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file of a message: a path, or bytes made from it."""

    source: Path | bytes
    filename: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is posted; the embed's footer is nobody else's."""

    channel_id: int
    embed: discord.Embed
    nonce: str
    spots: tuple[Spot, ...] = ()
    attached: Attached | None = None


class PostOnce:
    """Posts through the client of *line*."""

    def __init__(self, *, line: Line, clock: Clock) -> None:
        self._line = line
        self._clock = clock

    async def __call__(self, told: Told, notes: PostNotes) -> int | None:
        """Post it unless it is there; give its id, None where the bot may not write.

        Raises: NotInPlace; discord.py's and the network's errors.
        """
        if "at" in notes.current:
            since = datetime.fromisoformat(notes.current["at"])
            if found := await self._find(told, since):
                return found
        else:
            await notes.write({"at": self._clock.now().isoformat()})
        try:
            return await self._send(told)
        except discord.HTTPException as error:
            if trouble.is_final(error):  # nothing is there that could be found
                await notes.write({})
            if trouble.code(error) in trouble.NOT_WELCOME:
                return None
            raise

    async def _find(self, told: Told, since: datetime) -> int | None:
        def is_it(message: discord.Message) -> bool:
            return any(e.footer.text == told.embed.footer.text for e in message.embeds)

        client, earliest = self._line.client, since - _CLOCKS_DIFFER
        try:
            return await find_message(client, told.channel_id, is_it, earliest)
        except HistoryClosed:
            if self._clock.now() - since < NONCE_HOLDS:
                return None  # the nonce still tells the two apart
            raise NotInPlace(NO_HISTORY) from None

    async def _send(self, told: Told) -> int:
        channel = self._line.client.get_partial_messageable(told.channel_id)
        more: dict[str, Any] = {}
        if told.spots:
            more["view"] = view_of(told.spots)
        async with AsyncExitStack() as stack:
            if told.attached:
                file = opened(partial(_open, told.attached))
                more["file"] = await stack.enter_async_context(file)
            async with asyncio.timeout(UPLOAD_WITHIN if told.attached else SEND_WITHIN):
                sent = await channel.send(
                    embed=told.embed, nonce=told.nonce, allowed_mentions=_NOBODY, **more
                )
        return sent.id


def _open(attached: Attached) -> discord.File:
    source = attached.source
    return discord.File(
        io.BytesIO(source) if isinstance(source, bytes) else source,
        filename=attached.filename,
    )
