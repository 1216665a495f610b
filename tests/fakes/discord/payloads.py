"""The world's values as Discord's JSON. Pure."""

from datetime import UTC, datetime
from typing import Any

from tests.fakes.discord.world import (
    DM,
    EPOCH_MS,
    USUAL,
    VIEW,
    Attachment,
    Channel,
    Guild,
    Interaction,
    Message,
    User,
    World,
)

MESSAGE_CONTENT = 1 << 15


def moment(snowflake: int) -> str:
    return datetime.fromtimestamp(
        ((snowflake >> 22) + EPOCH_MS) / 1000, UTC
    ).isoformat()


def user(value: User) -> dict[str, Any]:
    return {
        "id": str(value.id),
        "username": value.name,
        "discriminator": "0",
        "global_name": value.name,
        "avatar": None,
        "bot": value.is_bot,
        "public_flags": 0,
    }


def member(value: User) -> dict[str, Any]:
    return {
        "user": user(value),
        "nick": None,
        "avatar": None,
        "roles": [str(role) for role in value.roles],
        "joined_at": moment(value.id),
        "deaf": False,
        "mute": False,
        "flags": 0,
        "permissions": str(USUAL),
    }


def overwrites(channel: Channel, bot: User) -> list[dict[str, Any]]:
    assert channel.guild
    return [
        {
            "id": str(channel.guild.id),
            "type": 0,
            "allow": "0",
            "deny": str(channel.everyone_deny),
        },
        {
            "id": str(bot.id),
            "type": 1,
            "allow": str(channel.bot_allow),
            "deny": str(channel.bot_deny),
        },
    ]


def channel(value: Channel, bot: User) -> dict[str, Any]:
    if value.kind == DM:
        return {
            "id": str(value.id),
            "type": DM,
            "last_message_id": None,
            "recipients": [user(p) for p in value.people if p is not bot],
        }
    assert value.guild
    made: dict[str, Any] = {
        "id": str(value.id),
        "guild_id": str(value.guild.id),
        "name": value.name,
        "type": value.kind,
        "nsfw": False,
        "last_message_id": None,
        "permissions": str(USUAL),
    }
    if value.parent is None:
        return made | {
            "position": 0,
            "parent_id": None,
            "permission_overwrites": overwrites(value, bot),
            "topic": None,
        }
    return made | {
        "parent_id": str(value.parent.id),
        "owner_id": str(bot.id),
        "message_count": 0,
        "member_count": 1,
        "rate_limit_per_user": 0,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 60,
            "archive_timestamp": moment(value.id),
            "locked": False,
        },
    }


def guild(value: Guild, world: World) -> dict[str, Any]:
    mine = [c for c in world.channels.values() if c.guild is value]
    everyone = {
        "id": str(value.id),
        "name": "@everyone",
        "color": 0,
        "colors": {
            "primary_color": 0,
            "secondary_color": None,
            "tertiary_color": None,
        },
        "hoist": False,
        "position": 0,
        "permissions": str(USUAL),
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }
    return {
        "id": str(value.id),
        "name": value.name,
        "owner_id": "1",
        "unavailable": False,
        "member_count": 3,
        "large": False,
        "joined_at": moment(value.id),
        "premium_tier": 0,
        "preferred_locale": "en-US",
        "features": [],
        "emojis": [],
        "stickers": [],
        "roles": [everyone],
        "members": [member(world.bot)],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "channels": [channel(c, world.bot) for c in mine if c.parent is None],
        "threads": [
            channel(c, world.bot) for c in mine if c.parent and c.bot_permissions & VIEW
        ],
    }


def attachment(value: Attachment, where: Channel) -> dict[str, Any]:
    url = f"http://127.0.0.1:9/attachments/{where.id}/{value.id}/{value.filename}"
    return {
        "id": str(value.id),
        "filename": value.filename,
        "size": len(value.content),
        "url": url,
        "proxy_url": url,
        "content_type": value.content_type,
        "description": value.description,
    }


def message(value: Message, *, is_reference: bool = False) -> dict[str, Any]:
    """A message whole, as its author sees it."""
    made: dict[str, Any] = {
        "id": str(value.id),
        "channel_id": str(value.channel.id),
        "author": user(value.author),
        "content": value.content,
        "timestamp": moment(value.id),
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [user(u) for u in value.mentions],
        "mention_roles": [],
        "attachments": [attachment(a, value.channel) for a in value.attachments],
        "embeds": value.embeds,
        "components": value.components,
        "pinned": False,
        "type": 19 if value.reference else 0,
        "flags": value.flags,
    }
    if value.is_interaction_response:
        made["webhook_id"] = str(value.author.id)
        made["application_id"] = str(value.author.id)
    if value.reference and not is_reference:
        made["message_reference"] = {
            "type": 0,
            "channel_id": str(value.reference.channel.id),
            "message_id": str(value.reference.id),
        }
        made["referenced_message"] = message(value.reference, is_reference=True)
    return made


def withheld(value: Message, bot: User, intents: int) -> dict[str, Any]:
    """A message as the gateway tells it to a bot with *intents*."""
    made = message(value)
    if not _shows_content(value, bot, intents):
        made |= {"content": "", "embeds": [], "attachments": [], "components": []}
    referenced = value.reference
    if referenced and not _shows_content(referenced, bot, intents):
        made["referenced_message"] |= {
            "content": "",
            "embeds": [],
            "attachments": [],
            "components": [],
        }
    return made


def _shows_content(value: Message, bot: User, intents: int) -> bool:
    # developers/gateway/you-might-not-need-a-privileged-intent.mdx
    if intents & MESSAGE_CONTENT or value.author is bot or value.channel.kind == DM:
        return True
    if f"<@{bot.id}>" in value.content or f"<@!{bot.id}>" in value.content:
        return True
    is_pinged = bot in value.mentions
    return is_pinged and not (
        value.reference and value.reference.is_interaction_response
    )


def interaction(value: Interaction, bot: User) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": str(value.id),
        "application_id": str(bot.id),
        "type": value.kind,
        "data": value.data,
        "token": value.token,
        "version": 1,
        "channel_id": str(value.channel.id),
        "channel": channel(value.channel, bot),
        "app_permissions": str(value.channel.bot_permissions),
        "locale": "en-US",
        "entitlements": [],
        "attachment_size_limit": value.size_limit,
        "authorizing_integration_owners": (
            {"1": str(value.user.id)} if value.is_user_installed else {"0": "0"}
        ),
        "context": 0 if value.channel.guild else 1,
    }
    if value.message:
        made["message"] = message(value.message)
    if value.channel.guild is None:
        return made | {"user": user(value.user)}
    guild_id = str(value.channel.guild.id)
    return made | {
        "guild_id": guild_id,
        "guild": {"id": guild_id, "locale": "en-US", "features": []},
        "guild_locale": "en-US",
        "member": member(value.user),
    }
