"""slack-bolt and discord.py by themselves: apps whose listener acknowledges, and no more.

`python -m bench.alone bolt|bolt-as-here|discord ADDRESS`. "as here" is bolt set up as the
bot does it: without its polling (`process_before_response`), and authorized locally.
"""

import re
import sys

import discord
import uvloop
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bench.slack_double import BOT, TEAM

_NOTE = {
    "response_type": "ephemeral",
    "text": "Drawing now: the picture with v2, $0.08.",
}


async def _bolt(name: str, address: str) -> None:
    client = AsyncWebClient(token="xoxb-bench", base_url=f"{address}/slack/api/")
    if name == "bolt":
        app = AsyncApp(client=client)
    else:
        app = AsyncApp(client=client, authorize=_known, process_before_response=True)

    async def listener(ack: AsyncAck) -> None:
        await ack(_NOTE)

    app.command(re.compile(".*"))(listener)
    handler = AsyncSocketModeHandler(app, app_token=f"xapp-{name.replace('-', '_')}")
    await handler.start_async()


async def _known() -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=None,
        team_id=TEAM,
        bot_token="xoxb-bench",
        bot_id="B0BOT",
        bot_user_id=BOT,
    )


async def _discord(address: str) -> None:
    Route.BASE = f"{address}/discord"
    client = discord.Client(
        intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True),
        max_messages=None,
    )
    tree = app_commands.CommandTree(client)

    @tree.command(name="imagine", description="Draw a picture")
    async def imagine(interaction: discord.Interaction, prompt: str) -> None:  # noqa: ARG001 - what is typed is not looked at
        await interaction.response.defer(ephemeral=True, thinking=True)

    async with client:
        await client.login("alone")
        _, url, _ = await client.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)
        await client.connect()


def main() -> None:
    name, address = sys.argv[1:]
    app = _discord(address) if name == "discord" else _bolt(name, address)
    uvloop.run(app)


if __name__ == "__main__":
    main()
