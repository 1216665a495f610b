"""The way out to Discord: there while the app is logged in."""

import asyncio
from datetime import timedelta
from typing import cast

import discord

from bot.errors import PlatformDown

# The private note. Webhook.edit_message puts whatever it is given into the address.
ORIGINAL = cast("int", "@original")
_NOT_THERE = "The bot is not connected to Discord."


class Line:
    """Lends the client to those who send."""

    def __init__(self) -> None:
        self._client: discord.Client | None = None
        self._is_decided = asyncio.Event()  # whether there is a client

    @property
    def client(self) -> discord.Client:
        """Give the client. Raises: PlatformDown while there is none."""
        if self._client is None:
            raise PlatformDown(_NOT_THERE)
        return self._client

    def connect(self, client: discord.Client | None) -> None:
        """Send through *client* from now on."""
        self._client = client
        if client is None:
            self._is_decided.clear()
        else:
            self._is_decided.set()

    def close(self) -> None:
        """Let nobody wait any more: no client will come."""
        self._client = None
        self._is_decided.set()

    async def ready(self, patience: timedelta) -> None:
        """Return once there is a client; `client` raises when none will come.

        Raises: PlatformDown after *patience*.
        """
        try:
            async with asyncio.timeout(patience.total_seconds()):
                await self._is_decided.wait()
        except TimeoutError:
            raise PlatformDown(_NOT_THERE) from None

    def hook(self, application_id: int, token: str) -> discord.Webhook:
        """Give the way to edit and follow up by an interaction's token."""
        return discord.Webhook.partial(application_id, token, client=self.client)
