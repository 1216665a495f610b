"""The loopback Discord as tests use it.

async with discord_double() as discord:
    …  # a bot with DISCORD_BASE_URL=discord.url and DISCORD_TOKEN=discord.token
    asked = await discord.slash("imagine", {"prompt": "a fox"})
    [message] = await discord.pictures(discord.channel)
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.fakes.discord import payloads
from tests.fakes.discord.account import Account
from tests.fakes.discord.cdn import Cdn
from tests.fakes.discord.gateway import Gateway
from tests.fakes.discord.interactions import Interactions
from tests.fakes.discord.limits import BASE, Fault, Limits
from tests.fakes.discord.messages import Messages
from tests.fakes.discord.people import People
from tests.fakes.discord.world import (
    GUILD_TEXT,
    MIB,
    Channel,
    Guild,
    Interaction,
    Message,
    User,
    World,
)
from tests.fakes.serving import serving


class Discord:
    """One bot's Discord: a server with a public channel, and Ada in it."""

    def __init__(self, token: str) -> None:
        self.world = World(token)
        self.gateway = Gateway(self.world)
        self.limits = Limits(self.world)
        self.rest = Messages(self.world, self.gateway)
        self.people = People(self.world, self.gateway)
        self.cdn = Cdn(self.world)
        self._url = ""
        self.ada = self.add_user("ada")
        self.guild = self.add_guild("Studio")
        self.channel = self.add_channel("pictures")

    @property
    def url(self) -> str:
        """Give the address of the REST API."""
        return self._url

    @url.setter
    def url(self, url: str) -> None:
        self._url = url
        self.world.cdn = url.removesuffix(BASE)

    @property
    def token(self) -> str:
        return self.world.token

    # --- the set-up --------------------------------------------------------------

    def add_user(self, name: str) -> User:
        made = User(id=self.world.next_id(), name=name)
        self.world.people[made.id] = made
        return made

    def add_guild(self, name: str, **changes: Any) -> Guild:
        made = Guild(id=self.world.next_id(), name=name, **changes)
        self.world.guilds[made.id] = made
        return made

    def add_channel(self, name: str, **changes: Any) -> Channel:
        changes = {"guild": self.guild, "kind": GUILD_TEXT} | changes
        made = Channel(id=self.world.next_id(), name=name, **changes)
        self.world.channels[made.id] = made
        return made

    async def change(self, channel: Channel, **changes: Any) -> None:
        """Change a channel's permissions, and tell the bot."""
        for name, value in changes.items():
            setattr(channel, name, value)
        shown = payloads.channel(channel, self.world.bot)
        await self.gateway.dispatch("CHANNEL_UPDATE", shown)

    def fail(self, method: str, pattern: str, kind: str, **more: Any) -> Fault:
        """Let the next matching request fail; *pattern* is for the path below the base."""
        made = Fault(method=method, pattern=pattern, kind=kind, **more)
        self.limits.faults.append(made)
        return made

    # --- acts --------------------------------------------------------------------

    async def connected(self) -> None:
        """Wait until a bot is on the gateway."""
        await self.world.until(lambda: self.gateway.is_connected)

    async def slash(
        self,
        name: str,
        options: dict[str, Any] | None = None,
        *,
        user: User | None = None,
        channel: Channel | None = None,
        is_answered: bool = True,
    ) -> Interaction:
        """Send a slash command; give it once it has its first response."""
        made = await self.people.slash(
            name, options, user=user or self.ada, channel=channel or self.channel
        )
        return await self.answered(made) if is_answered else made

    async def autocomplete(self, name: str, option: str, text: str) -> list[Any]:
        made = await self.people.slash(
            name, {option: text}, user=self.ada, channel=self.channel, focused=option
        )
        response = (await self.answered(made)).response
        assert response
        return response["data"]["choices"]

    async def press(
        self, message: Message, custom_id: str, *, user: User | None = None
    ) -> Interaction:
        made = await self.people.press(message, custom_id, user=user or self.ada)
        return await self.answered(made)

    async def message_command(
        self, name: str, message: Message, *, user: User | None = None
    ) -> Interaction:
        made = await self.people.message_command(name, message, user=user or self.ada)
        return await self.answered(made)

    async def submit_modal(
        self,
        opened: Interaction,
        values: dict[str, Any] | None = None,
        *,
        user: User | None = None,
    ) -> Interaction:
        made = await self.people.submit_modal(
            opened, values or {}, user=user or self.ada
        )
        return await self.answered(made)

    async def reply(
        self,
        message: Message,
        text: str,
        *,
        ping: bool = True,
        user: User | None = None,
    ) -> Message:
        return await self.people.say(
            message.channel,
            text,
            user=user or self.ada,
            reference=message,
            ping=ping,
        )

    async def say(
        self, text: str, *, channel: Channel | None = None, user: User | None = None
    ) -> Message:
        return await self.people.say(
            channel or self.channel, text, user=user or self.ada
        )

    # --- what came back ----------------------------------------------------------

    async def answered(self, made: Interaction) -> Interaction:
        """Wait for the first response to an interaction."""
        await self.world.until(lambda: made.response is not None)
        return made

    async def note(self, made: Interaction, text: str) -> Message:
        """Wait until the private note of an interaction holds *text*."""

        def holds():
            return made.original and text in made.original.content and made.original

        return await self.world.until(holds)

    def messages(self, channel: Channel | None = None) -> list[Message]:
        """Give the bot's own messages that everyone in the channel sees."""
        where = (channel or self.channel).id
        return [
            m
            for m in self.world.posted.get(where, [])
            if m.author is self.world.bot and not (m.is_deleted or m.is_ephemeral)
        ]

    async def pictures(
        self, channel: Channel | None = None, *, count: int = 1
    ) -> list[Message]:
        """Wait for *count* messages with pictures; give all that there are."""

        def found():
            shown = [m for m in self.messages(channel) if m.attachments]
            return shown if len(shown) >= count else None

        return await self.world.until(found)


@asynccontextmanager
async def discord_double() -> AsyncIterator[Discord]:
    discord = Discord(token="bot-token")
    api = web.Application(client_max_size=64 * MIB)
    parts = [
        Account(discord.world, discord.gateway),
        discord.rest,
        Interactions(discord.world, discord.rest),
    ]
    for part in parts:
        api.add_routes(part.routes())
    app = web.Application(
        client_max_size=64 * MIB, middlewares=[discord.limits.middleware]
    )
    app.add_subapp(BASE, api)
    app.router.add_get("/", discord.gateway.serve)
    app.add_routes(discord.cdn.routes())
    async with serving(app) as address:
        discord.url = address + BASE
        discord.gateway.address = address.replace("http://", "ws://")
        yield discord
        await discord.gateway.close()
