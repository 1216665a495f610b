"""Finding the bot's own message again after a crash."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import discord

from adapters.discord import trouble
from adapters.discord.caption import is_of
from bot.domain.job import Job
from bot.domain.record import RecordId

_SEARCH = 1000  # messages: ten requests in a very busy channel
_SEARCH_WITHIN = 60.0
_READY_WITHIN = 15.0


class HistoryClosed(Exception):
    """The bot may not read what was posted in the channel."""


async def find_own(
    client: discord.Client,
    channel_id: int,
    job: Job,
    records: Sequence[RecordId],
    since: datetime,
) -> int | None:
    """Give the id of the message in which *job* shows *records*, None without one.

    The same picture may be shown there by another job. Raises: as find_message.
    """

    def is_it(message: discord.Message) -> bool:
        footers = " ".join(embed.footer.text or "" for embed in message.embeds)
        # Copies have no buttons that name a picture.
        is_shown = bool(job.resizes) or _shows(message, records)
        return is_shown and is_of(footers, job)

    return await find_message(client, channel_id, is_it, since)


async def find_message(
    client: discord.Client,
    channel_id: int,
    is_it: Callable[[discord.Message], bool],
    since: datetime,
) -> int | None:
    """Give the id of the bot's first message that *is_it*, None without one.

    Raises: HistoryClosed; discord.py's and the network's errors.
    """
    if client.get_channel(channel_id) is None:  # what it knows tells the permissions
        async with asyncio.timeout(_READY_WITHIN):
            await client.wait_until_ready()
    try:
        await _check_readable(client, channel_id)
    except discord.HTTPException as error:
        if trouble.code(error) in trouble.NOT_WELCOME:
            return None  # it cannot have been posted there; sending will say the same
        raise
    channel = client.get_partial_messageable(channel_id)
    async with asyncio.timeout(_SEARCH_WITHIN):
        async for message in channel.history(
            limit=_SEARCH, after=since, oldest_first=True
        ):
            if message.author == client.user and is_it(message):
                return message.id
    return None


async def _check_readable(client: discord.Client, channel_id: int) -> None:
    # Without the permission Discord answers with an empty list, not with an error.
    channel: Any = client.get_channel(channel_id)
    if channel is None:
        channel = await client.fetch_channel(channel_id)
    guild: discord.Guild | None = getattr(channel, "guild", None)
    me = guild.me if guild else client.user
    if me is None or not channel.permissions_for(me).read_message_history:
        raise HistoryClosed


def _shows(message: discord.Message, records: Sequence[RecordId]) -> bool:
    ids = {f":{record}" for record in records}
    return any(
        str(getattr(part, "custom_id", "")).endswith(tuple(ids))
        for row in message.components
        if isinstance(row, discord.ActionRow)
        for part in row.children
    )
