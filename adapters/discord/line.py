"""The way out to Discord: there while the app is logged in."""

import discord

from bot.errors import PlatformDown


class Line:
    """Lends the client to those who send."""

    def __init__(self) -> None:
        self._client: discord.Client | None = None

    @property
    def client(self) -> discord.Client:
        """Give the client. Raises: PlatformDown while there is none."""
        if self._client is None:
            raise PlatformDown("The bot is not connected to Discord.")
        return self._client

    def connect(self, client: discord.Client | None) -> None:
        """Send through *client* from now on."""
        self._client = client

    def hook(self, application_id: int, token: str) -> discord.Webhook:
        """Give the way to edit and follow up by an interaction's token."""
        return discord.Webhook.partial(application_id, token, client=self.client)
