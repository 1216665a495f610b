"""The discord.py client: what it asks the gateway for, and where its events go."""

import logging
import sys
from collections.abc import Callable, Iterable
from typing import Any

import discord
from discord import app_commands

from adapters.discord.buttons import BotButton
from adapters.discord.desk import Desk

log = logging.getLogger(__name__)

_WRITE = discord.Permissions(
    view_channel=True, send_messages=True, attach_files=True, embed_links=True
)


class Tree(app_commands.CommandTree["BotClient"]):
    """The commands; a fault in one is logged in a sentence."""

    async def on_error(
        self,
        interaction: discord.Interaction["BotClient"],
        error: app_commands.AppCommandError,
        /,
    ) -> None:
        """Log what the core did not answer: a command of another version, as a rule."""
        log.error(
            "A command could not be carried out: %s", error, exc_info=error.__cause__
        )
        del interaction


class BotClient(discord.Client):
    """Hears the gateway; `desk` answers."""

    def __init__(
        self,
        *,
        desk: Desk,
        message_content: bool,
        on_change: Callable[[bool], None],
    ) -> None:
        super().__init__(
            intents=discord.Intents(
                guilds=True,
                guild_messages=True,
                dm_messages=True,
                message_content=message_content,
            ),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=30.0,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.presses = desk
        self._on_change = on_change
        self._desk = desk
        self.add_dynamic_items(BotButton)

    # --- the connection ----------------------------------------------------------

    async def on_connect(self) -> None:
        """Note that the gateway knows us."""
        self._on_change(True)
        log.info("Connected to Discord")

    async def on_resumed(self) -> None:
        """Note that what was missed has been told."""
        self._on_change(True)

    async def on_disconnect(self) -> None:
        """Note that the line is cut; the library connects again by itself."""
        self._on_change(False)

    async def on_error(self, event_method: str, /, *_: Any, **__: Any) -> None:
        """Log a fault without the event's data, which people wrote."""
        # Called while the error is handled.
        log.error("A fault in %s", event_method, exc_info=sys.exception())

    # --- what people do ----------------------------------------------------------

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Take forms; commands and buttons have their own ways."""
        if interaction.type is discord.InteractionType.modal_submit:
            await self._desk.submitted(interaction)

    async def on_message(self, message: discord.Message) -> None:
        """Take replies to pictures."""
        if self.user is not None:
            await self._desk.heard(message, self.user.id)

    # --- places that open --------------------------------------------------------

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Go on with what waited for the bot to be added."""
        await self._open(guild, guild.text_channels)

    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """Go on with what waited for permissions in a channel."""
        if before.overwrites != after.overwrites:
            await self._open(after.guild, [after])

    async def on_guild_role_update(
        self, before: discord.Role, after: discord.Role
    ) -> None:
        """Go on with what waited for permissions of a role the bot has."""
        me = after.guild.me
        if before.permissions != after.permissions and me and after in me.roles:
            await self._open(after.guild, after.guild.text_channels)

    async def on_member_update(
        self, before: discord.Member, after: discord.Member
    ) -> None:
        """Go on with what waited for the bot to be given a role."""
        if after == after.guild.me and before.roles != after.roles:
            await self._open(after.guild, after.guild.text_channels)

    async def _open(
        self, guild: discord.Guild, channels: Iterable[discord.abc.GuildChannel]
    ) -> None:
        for channel in channels:
            if guild.me and channel.permissions_for(guild.me) >= _WRITE:
                await self._desk.opened(guild, channel.id, f"open:{channel.id}")
