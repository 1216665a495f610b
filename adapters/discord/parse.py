"""From what Discord tells to the vocabulary of the core. Pure.

Outside of servers the workspace is `local`: direct messages, and talks between people
where the app is only installed to one of them.
"""

import re
from typing import Any

import discord

from adapters.discord import address
from bot.chat.actions import read_reply
from bot.chat.commands import Command, MessageRef, Origin, Reproduce, WithheldReply
from bot.domain.people import Person, Place, Platform, Visibility

NO_SERVER = "local"


def origin_of(
    interaction: discord.Interaction[Any], guild: discord.Guild | None
) -> Origin:
    """Say who asked and where; *guild* is the cached server, if the bot is in it."""
    workspace = str(interaction.guild_id or NO_SERVER)
    channel_id = interaction.channel_id or 0
    if interaction.guild_id:
        visibility = visibility_of(guild, channel_id)
    elif isinstance(interaction.channel, discord.DMChannel) and _is_with_bot(
        interaction
    ):
        visibility = Visibility.OWNER
    else:
        visibility = Visibility.MEMBERS
    return Origin(
        event_id=str(interaction.id),
        person=_person(workspace, interaction.user.id),
        place=_place(workspace, channel_id, visibility),
        return_address=address.of_interaction(interaction),
        groups=_roles(interaction.user),
    )


def origin_of_message(message: discord.Message) -> Origin:
    """Say who wrote *message* and where."""
    workspace = str(message.guild.id) if message.guild else NO_SERVER
    visibility = Visibility.OWNER
    if message.guild:
        visibility = visibility_of(message.guild, message.channel.id)
    return Origin(
        event_id=str(message.id),
        person=_person(workspace, message.author.id),
        place=_place(workspace, message.channel.id, visibility),
        return_address=address.of_message(message),
        groups=_roles(message.author),
    )


def origin_of_channel(
    guild: discord.Guild, channel_id: int, event_id: str, user_id: int
) -> Origin:
    """Say which place was opened to the bot."""
    return Origin(
        event_id=event_id,
        person=_person(str(guild.id), user_id),
        place=_place(str(guild.id), channel_id, visibility_of(guild, channel_id)),
    )


def visibility_of(guild: discord.Guild | None, channel_id: int) -> Visibility:
    """Say who may see a channel; what is not known counts as private."""
    channel = guild.get_channel_or_thread(channel_id) if guild else None
    if isinstance(channel, discord.Thread):
        channel = None if channel.is_private() else channel.parent
    if guild is None or channel is None:
        return Visibility.MEMBERS
    is_public = channel.permissions_for(guild.default_role).view_channel
    return Visibility.WORKSPACE if is_public else Visibility.MEMBERS


def read_message(message: discord.Message, bot_id: int) -> Command | None:
    """Give what a reply asks for; None when it is not for the bot."""
    reference = message.reference
    if (
        message.type is not discord.MessageType.reply
        or message.author.bot
        or reference is None
        or reference.message_id is None
        or not _may_be_own(reference, bot_id)
    ):
        return None
    target = MessageRef(
        channel_id=str(reference.channel_id), message_id=str(reference.message_id)
    )
    if _is_withheld(message):
        return WithheldReply(origin=origin_of_message(message), target=target)
    flags = read_reply(re.sub(rf"<@!?{bot_id}>", " ", message.content))
    if flags is None:
        return None
    return Reproduce(origin=origin_of_message(message), target=target, text=flags)


def _may_be_own(reference: discord.MessageReference, bot_id: int) -> bool:
    if isinstance(reference.resolved, discord.Message):
        return reference.resolved.author.id == bot_id
    return True  # not told: the core knows which messages show pictures


def _is_withheld(message: discord.Message) -> bool:
    """Say whether a reply came without what is in it, as it does without a ping."""
    return not (
        message.content
        or message.attachments
        or message.embeds
        or message.stickers
        or message.poll
        or message.guild is None
    )


def _is_with_bot(interaction: discord.Interaction[Any]) -> bool:
    return interaction.context.dm_channel


def _person(workspace: str, user_id: int) -> Person:
    return Person(
        platform=Platform.DISCORD, workspace_id=workspace, user_id=str(user_id)
    )


def _roles(user: discord.User | discord.Member) -> tuple[str, ...]:
    """Give the ids of somebody's roles, as the event tells them; none outside servers."""
    # `roles` leaves out what the cache does not have: all, where the bot is not inside.
    return tuple(str(role) for role in getattr(user, "_roles", ()))


def _place(workspace: str, channel_id: int, visibility: Visibility) -> Place:
    return Place(
        platform=Platform.DISCORD,
        workspace_id=workspace,
        channel_id=str(channel_id),
        visibility=visibility,
    )
