"""What is wrong with Discord: token, intents, servers, channels, sessions, clock.

Plain requests, since a client would open the gateway and end the live bot's session.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
import discord

from bot.domain.checkup import Finding, clock, fail, ok, skipped, warn

_TOKEN, _INTENT = "Discord token", "Discord message content"
_SESSIONS, _CLOCK = "Discord sessions", "Discord clock"
_CONTENT_FLAGS = (1 << 18) | (1 << 19)  # granted, or allowed below 100 servers
_FEW_SESSIONS = 10
_NO_ANSWER = 0
_AGENT = "DiscordBot (https://pypi.org/project/ideogram-bot/, 0.1)"
_NEEDED = {
    "View Channel": discord.Permissions(view_channel=True),
    "Send Messages": discord.Permissions(send_messages=True),
    "Embed Links": discord.Permissions(embed_links=True),
    "Attach Files": discord.Permissions(attach_files=True),
    "Read Message History": discord.Permissions(read_message_history=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What Discord answered; status 0 when it did not."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    date: str | None = None

    @property
    def is_ok(self) -> bool:
        """Say whether it is what was asked for."""
        return self.status == 200  # noqa: PLR2004


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordDoctor:
    """Looks at one application; *channels* are those that the settings name."""

    token: str
    base_url: str
    guild_ids: Collection[int]
    wants_content: bool
    channels: Collection[str]
    now: Callable[[], datetime]

    async def identity(self) -> Sequence[Finding]:
        """Judge the token, and the clock."""
        said = await self._ask("/users/@me")
        found = [token(said)]
        if said.date:
            found.append(clock(_CLOCK, said.date, self.now()))
        return found

    async def intents(self) -> Sequence[Finding]:
        """Judge whether the intents that are asked for are granted."""
        if not self.wants_content:
            return [skipped(_INTENT, "It is not asked for, and no feature needs it.")]
        return [content(await self._ask("/applications/@me"))]

    async def sessions(self) -> Sequence[Finding]:
        """Judge how often the bot may still connect today."""
        return [sessions(await self._ask("/gateway/bot"))]

    async def servers(self) -> Sequence[Finding]:
        """Judge whether the bot is in the servers of DISCORD_GUILD_IDS."""
        return [
            server(guild, await self._ask(f"/guilds/{guild}"))
            for guild in self.guild_ids
        ]

    async def places(self) -> Sequence[Finding]:
        """Judge what the bot may do in the channels that the settings name."""
        return [await self._place(name) for name in self.channels]

    async def _place(self, name: str) -> Finding:
        known = await self._ask(f"/channels/{name}")
        guild_id = known.body.get("guild_id")
        if not known.is_ok or guild_id is None:
            return channel(name, known, None)
        me = await self._ask("/users/@me")
        guild = await self._ask(f"/guilds/{guild_id}")
        member = await self._ask(f"/guilds/{guild_id}/members/{me.body.get('id')}")
        if not (guild.is_ok and member.is_ok):
            return channel(name, known, None)
        return channel(name, known, permissions(guild.body, member.body, known.body))

    async def _ask(self, path: str) -> Said:
        headers = {"Authorization": f"Bot {self.token}", "User-Agent": _AGENT}
        try:
            async with (
                aiohttp.ClientSession(headers=headers, trust_env=True) as http,
                http.get(f"{self.base_url.rstrip('/')}{path}") as answer,
            ):
                body = await answer.json(content_type=None)
                return Said(
                    status=answer.status,
                    body=body if isinstance(body, dict) else {},
                    date=answer.headers.get("Date"),
                )
        except (aiohttp.ClientError, OSError, ValueError):
            return Said(status=_NO_ANSWER)


def token(said: Said) -> Finding:
    """Judge the token by /users/@me. Pure."""
    if said.is_ok:
        return ok(_TOKEN, f"Signed in as {said.body.get('username')}.")
    if said.status == 401:  # noqa: PLR2004
        remedy = (
            "Copy it from the Developer Portal: your application, Bot, Reset Token."
        )
        return fail(_TOKEN, "Discord does not know it.", remedy)
    return _trouble(_TOKEN, said)


def content(said: Said) -> Finding:
    """Judge the privileged intent by the application's flags. Pure."""
    if not said.is_ok:
        return _trouble(_INTENT, said)
    if int(said.body.get("flags") or 0) & _CONTENT_FLAGS:
        return ok(_INTENT, "The intent is granted.")
    return fail(
        _INTENT,
        "DISCORD_MESSAGE_CONTENT asks for an intent that is not granted.",
        "Leave the variable out (no feature needs it), or allow the intent in the "
        "Developer Portal: your application, Bot, Message Content Intent.",
    )


def sessions(said: Said) -> Finding:
    """Judge the session starts that are left. Pure."""
    if not said.is_ok:
        return _trouble(_SESSIONS, said)
    limit = said.body.get("session_start_limit") or {}
    left, total = int(limit.get("remaining", 1)), int(limit.get("total", 1))
    told = f"{left} of {total} connections are left today."
    remedy = "Find out why the bot connects so often; Discord counts anew every day."
    if left == 0:
        return fail(_SESSIONS, told, remedy)
    return (
        warn(_SESSIONS, told, remedy) if left < _FEW_SESSIONS else ok(_SESSIONS, told)
    )


def server(guild_id: int, said: Said) -> Finding:
    """Judge whether the bot is in a server. Pure."""
    name = f"Discord server {guild_id}"
    if said.is_ok:
        return ok(name, f"The bot is in {said.body.get('name')}.")
    if said.status in {403, 404}:
        remedy = (
            "Invite it with the link of README's section Discord, or correct "
            "DISCORD_GUILD_IDS."
        )
        return fail(name, "The bot is not in it.", remedy)
    return _trouble(name, said)


def channel(name: str, said: Said, may: discord.Permissions | None) -> Finding:
    """Judge what the bot may do in a channel, if *may* is known. Pure."""
    label = f"Discord channel {name}"
    remedy = "Add it to the channel's permissions, or name another channel."
    if said.status in {403, 404}:
        text = "There is none, or the bot may not see it."
        return fail(label, text, remedy)
    if not said.is_ok:
        return _trouble(label, said)
    if may is None:
        return ok(label, "The bot sees it; what it may do there is not told.")
    lacking = [words for words, one in _NEEDED.items() if not may >= one]
    if lacking:
        return fail(label, f"The bot lacks there: {', '.join(lacking)}.", remedy)
    return ok(label, "The bot may write and show pictures there.")


def permissions(
    guild: Mapping[str, Any], member: Mapping[str, Any], where: Mapping[str, Any]
) -> discord.Permissions:
    """Give what a member may do in a channel. Pure.

    https://docs.discord.com/developers/topics/permissions#permission-overwrites
    """
    everyone, mine = str(guild["id"]), {str(role) for role in member.get("roles", ())}
    user = str((member.get("user") or {}).get("id"))
    value = 0
    for role in guild.get("roles", ()):
        if str(role["id"]) in {everyone, *mine}:
            value |= int(role["permissions"])
    may = discord.Permissions(value)
    if may.administrator or str(guild.get("owner_id")) == user:
        return discord.Permissions.all()
    overwrites = {str(o["id"]): o for o in where.get("permission_overwrites", ())}
    roles = [overwrites[role] for role in mine if role in overwrites]
    for layer in (
        [overwrites[everyone]] if everyone in overwrites else [],
        roles,
        [overwrites[user]] if user in overwrites else [],
    ):
        deny = allow = 0
        for one in layer:
            deny |= int(one["deny"])
            allow |= int(one["allow"])
        value = (value & ~deny) | allow
    return discord.Permissions(value)


def _trouble(name: str, said: Said) -> Finding:
    if said.status == _NO_ANSWER:
        return fail(
            name,
            "Discord cannot be reached.",
            "Check the network, the proxy and DISCORD_BASE_URL.",
        )
    return fail(
        name,
        f"Discord answered with status {said.status}.",
        "Set the token right first; else try again in a moment.",
    )
