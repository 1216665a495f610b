"""Discord, whole: logged in and on the gateway from enter to exit.

A wrong token or a forbidden intent ends the start; a Discord that cannot be reached is
tried again until it can. Commands stop first (`close_intake`); pictures can be posted until
the exit.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import discord
from discord import app_commands

from adapters.discord import library, trouble
from adapters.discord.attachments import Attachments
from adapters.discord.client import BotClient, Tree
from adapters.discord.commands import build
from adapters.discord.desk import Desk
from adapters.discord.intake import Intake
from adapters.discord.registry import register
from adapters.discord.send import DiscordSender
from bot.chat.catalogue import Catalogue
from bot.errors import ConfigError, Problem
from bot.ports.base import Dispatch
from bot.ports.files import Files

log = logging.getLogger(__name__)

_START_WITHIN = 15.0
_LOGIN_WITHIN = 60.0
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
_BAD_TOKEN = 4004  # gateway close code "authentication failed"

WRONG_TOKEN = Problem(
    variable="DISCORD_TOKEN",
    expected="Discord does not know this token.",
    remedy="Copy it from the Developer Portal: your application, Bot, Reset Token.",
)
FORBIDDEN_INTENT = Problem(
    variable="DISCORD_MESSAGE_CONTENT",
    expected="Discord refuses the message content intent to this application.",
    remedy="Leave the variable out (no feature needs it), or allow the intent in the "
    "Developer Portal: your application, Bot, Message Content Intent.",
)


class DiscordApp:
    """The front end for Discord; `sender` posts through it while it is entered."""

    def __init__(
        self,
        *,
        token: str,
        base_url: str,
        guild_ids: Sequence[int | str],
        message_content: bool,
        dispatch: Dispatch,
        sender: DiscordSender,
        catalogue: Catalogue,
        files: Files | None = None,
    ) -> None:
        self._token = token
        self._base_url = base_url
        self._guild_ids = [int(guild_id) for guild_id in guild_ids]
        self._message_content = message_content
        self._sender = sender
        self._catalogue = catalogue
        self._intake = Intake()
        self._desk = Desk(
            dispatch=dispatch,
            deferrals=sender.deferrals,
            intake=self._intake,
            attachments=Attachments(base_url=base_url),
            files=files,
        )
        self._is_online = False
        self._problem: Problem | None = None
        self._started = asyncio.Event()
        self._stack = AsyncExitStack()

    @property
    def is_connected(self) -> bool:
        """Say whether commands reach the bot at this moment."""
        return self._is_online and self._intake.is_open

    async def close_intake(self) -> None:
        """Take no more commands; return once those taken are answered."""
        await self._intake.close()

    async def __aenter__(self) -> Self:
        """Connect. Raises: ConfigError for a wrong token or a forbidden intent."""
        library.prepare(self._base_url)
        async with AsyncExitStack() as stack:
            stack.callback(self._sender.line.close)
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            stack.callback(tasks.create_task(self._run()).cancel)
            await self._first_outcome()
            if self._problem is None:
                self._stack = stack.pop_all()
        if self._problem is not None:
            raise ConfigError([self._problem])
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close_intake()
        await self._stack.aclose()

    async def _first_outcome(self) -> None:
        try:
            async with asyncio.timeout(_START_WITHIN):
                await self._started.wait()
        except TimeoutError:
            log.warning("Discord takes its time; going on without it for now")

    def _changed(self, is_online: bool) -> None:
        self._is_online = is_online
        if is_online:
            self._started.set()

    async def _run(self) -> None:
        """Stay connected until cancelled, or until only the operator can help."""
        wait = _FIRST_WAIT
        while self._problem is None:
            try:
                await self._connect()
            except discord.LoginFailure:
                self._problem = WRONG_TOKEN
            except discord.PrivilegedIntentsRequired:
                self._problem = FORBIDDEN_INTENT
            except discord.ConnectionClosed as error:
                self._problem = WRONG_TOKEN if error.code == _BAD_TOKEN else None
            except trouble.ANY as error:
                log.warning("Discord cannot be reached (%s)", type(error).__name__)
            except Exception:  # an event the library cannot read must not end the bot
                log.exception("The connection to Discord ended by a fault")
            self._changed(is_online=False)
            self._started.set()
            if self._problem is None:
                await asyncio.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT)
        log.error("Discord is off: %s", self._problem)

    async def _connect(self) -> None:
        client = BotClient(
            desk=self._desk,
            message_content=self._message_content,
            on_change=self._changed,
        )
        tree = self._tree(client)
        try:
            async with asyncio.timeout(_LOGIN_WITHIN):
                await client.login(self._token)
                await library.find_gateway(client)
            self._sender.line.connect(client)
            async with asyncio.TaskGroup() as tasks:
                registering = tasks.create_task(register(tree, self._guild_ids))
                await client.connect()
                registering.cancel()
        except* trouble.ANY as errors:
            raise errors.exceptions[0] from None
        finally:
            self._sender.line.connect(None)
            await client.close()

    def _tree(self, client: BotClient) -> Tree:
        tree = Tree(client)
        if not self._guild_ids:  # commands of single servers know no other contexts
            tree.allowed_contexts = app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=True
            )
            tree.allowed_installs = app_commands.AppInstallationType(
                guild=True, user=True
            )
        for command in build(self._catalogue, self._desk):
            tree.add_command(command)
        return tree
