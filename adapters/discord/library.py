"""What discord.py keeps for the whole process, set once at start-up.

The library knows the address of Discord's REST API, and the gateway it falls back to, only
as attributes of classes; two Discords in one process are therefore not possible.
"""

import logging

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route


def prepare(base_url: str) -> None:
    """Send REST requests to *base_url*; keep the library's own log discreet."""
    Route.BASE = base_url.rstrip("/")
    # At debug level it writes down whole events and addresses with tokens in them.
    log = logging.getLogger("discord")
    log.setLevel(max(log.getEffectiveLevel(), logging.INFO))
    # This bot has no voice, so what voice needs is not missed.
    discord.VoiceClient.warn_nacl = False
    discord.VoiceClient.warn_dave = False


async def find_gateway(client: discord.Client) -> None:
    """Ask Discord where its gateway is, and connect there.

    Only the sharded client of discord.py asks by itself.
    """
    _, url, _ = await client.http.get_bot_gateway()
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)
