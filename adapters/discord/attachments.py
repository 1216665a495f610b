"""Fetching what a person attached to a command.

Its address comes from Discord, but what is asked for there is this machine's to decide:
only Discord's own file hosts (https://docs.discord.com/developers/reference), or the one
that stands in for Discord (DISCORD_BASE_URL), no redirects, and no more than asked for.
"""

import asyncio
from http import HTTPStatus

import aiohttp
import discord
import yarl

from bot.errors import PlatformDown

_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_WITHIN = 15.0
LARGEST = 5 * 1024 * 1024  # bytes of a batch; the core refuses what is larger
NOT_FETCHED = (
    "The file could not be fetched from Discord. Nothing was drawn; send the command "
    "again."
)


class Attachments:
    """Reads attachments, of a Discord at *base_url*."""

    def __init__(self, *, base_url: str) -> None:
        self._own = yarl.URL(base_url).origin()

    async def read(self, attachment: discord.Attachment) -> bytes:
        """Give its bytes; of one that is too large no more than shows that it is.

        Raises: PlatformDown.
        """
        try:
            url = yarl.URL(attachment.url, encoded=True)
            if not is_known(url, own=self._own):
                raise PlatformDown(NOT_FETCHED)
            async with asyncio.timeout(_WITHIN):
                return await _fetch(url, LARGEST + 1)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise PlatformDown(NOT_FETCHED) from error


def is_known(url: yarl.URL, *, own: yarl.URL) -> bool:
    """Say whether *url* is on a host of Discord's, or on *own*. Raises: ValueError."""
    if url.origin() == own:
        return True
    return (url.scheme, url.port) == ("https", 443) and url.host in _HOSTS


async def _fetch(url: yarl.URL, limit: int) -> bytes:
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(url, allow_redirects=False) as response,
    ):
        if response.status != HTTPStatus.OK:
            raise PlatformDown(NOT_FETCHED)
        content = bytearray()
        async for chunk in response.content.iter_chunked(64 * 1024):
            content += chunk
            if len(content) >= limit:
                break
        return bytes(content[:limit])
