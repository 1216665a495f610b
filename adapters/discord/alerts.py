"""Alerts in a Discord channel: one message that is edited, posted exactly once.

The nonce keeps a repeated request from posting twice; after a longer while the channel's
history tells, in which the message is known by its footer.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import discord

from adapters.discord import trouble
from adapters.discord.buttons import Spot, view_of
from adapters.discord.delivery import SEND_WITHIN
from adapters.discord.line import Line as LineOut
from adapters.discord.own import HistoryClosed, find_message
from adapters.discord.words import cut, plain
from bot.chat.actions import ALERT_LABELS, AlertAction
from bot.domain.alert import AlertMessage, Line, Who
from bot.errors import NotInPlace
from bot.ports.base import Clock
from bot.ports.chat import PostNotes

_PATIENCE = timedelta(seconds=20)
_CLOCKS_DIFFER = timedelta(minutes=2)
_COLOUR, _OVER_COLOUR = discord.Colour(0xD63031), discord.Colour(0x00B894)
_NOBODY = discord.AllowedMentions.none()


class DiscordAlerts:
    """Implements the port AlertSender for one channel."""

    def __init__(self, *, line: LineOut, channel_id: int, clock: Clock) -> None:
        self._line = line
        self._channel_id = channel_id
        self._clock = clock

    async def post(self, message: AlertMessage, notes: PostNotes) -> None:
        """Post a message, exactly once over any number of calls.

        Raises: PlatformBusy, PlatformDown, NotInPlace, PlatformRefused, StorageError.
        """
        if "message_id" in notes.current:
            return
        await self._line.ready(_PATIENCE)
        with trouble.translated():
            found = None
            if "at" in notes.current:
                since = datetime.fromisoformat(notes.current["at"])
                found = await self._find(message.key, since)
            posted = found or await self._send(message, notes)
        await notes.write({"message_id": str(posted)})

    async def edit(self, message: AlertMessage, notes: Mapping[str, Any]) -> None:
        """Show it as it is now; one that was deleted stays so. Raises: as post."""
        if "message_id" not in notes:
            return
        await self._line.ready(_PATIENCE)
        channel = self._line.client.get_partial_messageable(self._channel_id)
        posted = channel.get_partial_message(int(notes["message_id"]))
        with trouble.translated():
            try:
                async with asyncio.timeout(SEND_WITHIN):
                    await posted.edit(
                        embed=_embed(message),
                        view=_view(message),
                        allowed_mentions=_NOBODY,
                    )
            except discord.HTTPException as error:
                if trouble.code(error) not in trouble.GONE:
                    raise

    async def _send(self, message: AlertMessage, notes: PostNotes) -> int:
        if not notes.current:
            await notes.write({"at": self._clock.now().isoformat()})
        channel = self._line.client.get_partial_messageable(self._channel_id)
        try:
            async with asyncio.timeout(SEND_WITHIN):
                sent = await channel.send(
                    embed=_embed(message),
                    view=_view(message),
                    nonce=message.key,
                    allowed_mentions=_NOBODY,
                )
        except discord.HTTPException as error:
            if trouble.is_final(error):  # nothing is there that could be found
                await notes.write({})
            if trouble.code(error) in trouble.NOT_WELCOME:
                raise self._not_in_place() from error
            raise
        return sent.id

    async def _find(self, key: str, since: datetime) -> int | None:
        def is_it(message: discord.Message) -> bool:
            return any(embed.footer.text == _mark(key) for embed in message.embeds)

        client, earliest = self._line.client, since - _CLOCKS_DIFFER
        try:
            return await find_message(client, self._channel_id, is_it, earliest)
        except HistoryClosed:  # told twice is better than not at all
            return None

    def _not_in_place(self) -> NotInPlace:
        return NotInPlace(
            f"the bot may not post in the Discord channel {self._channel_id}. Give it View "
            "Channel, Send Messages and Embed Links there, or name another channel in "
            "ALERT_TO."
        )


def _mark(key: str) -> str:
    return f"alert {key}"


def _embed(message: AlertMessage) -> discord.Embed:
    lines = "\n".join(_line(line) for line in message.lines)
    embed = discord.Embed(
        title=cut(message.title, 256),
        description=lines[:4000],
        colour=_OVER_COLOUR if message.is_over else _COLOUR,
    )
    return embed.set_footer(text=_mark(message.key))


def _view(message: AlertMessage) -> Any:
    if not message.has_try_again:
        return discord.utils.MISSING
    action = AlertAction.TRY_AGAIN
    spot = Spot(custom_id=f"{action}:{message.alert.id}", label=ALERT_LABELS[action])
    return view_of([spot])


def _line(line: Line) -> str:
    return "".join(_part(part) for part in line)


def _part(part: str | Who) -> str:
    match part:
        case Who(user_id=user_id):
            return f"<@{user_id}>" if user_id.isdecimal() else plain(user_id, 100)
        case str():
            return plain(part, 1000)
