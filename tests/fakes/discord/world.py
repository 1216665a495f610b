"""What exists on this Discord: people, servers, channels, messages, interactions.

Plain values with their state; the rules are in the modules that change them.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

EPOCH_MS = 1_420_070_400_000
MIB = 1024 * 1024

EPHEMERAL = 1 << 6
LOADING = 1 << 7

VIEW = 1 << 10
SEND = 1 << 11
EMBED = 1 << 14
ATTACH = 1 << 15
HISTORY = 1 << 16
BEGIN_THREAD = 1 << 35
THREAD_SEND = 1 << 38
USUAL = VIEW | SEND | EMBED | ATTACH | HISTORY | BEGIN_THREAD | THREAD_SEND

GUILD_TEXT, DM, PUBLIC_THREAD, PRIVATE_THREAD = 0, 1, 11, 12


@dataclass(slots=True, kw_only=True)
class User:
    id: int
    name: str
    is_bot: bool = False
    roles: tuple[int, ...] = ()  # in every server


@dataclass(slots=True, kw_only=True)
class Guild:
    id: int
    name: str
    has_bot: bool = True  # False: the app is only installed to the person
    upload_limit: int = 10 * MIB


@dataclass(slots=True, kw_only=True)
class Channel:
    id: int
    name: str
    guild: Guild | None = None
    kind: int = GUILD_TEXT
    parent: "Channel | None" = None
    people: tuple[User, ...] = ()  # of a direct message
    everyone_deny: int = 0
    bot_allow: int = 0
    bot_deny: int = 0
    typing: int = 0  # how often the bot showed that it types

    @property
    def bot_permissions(self) -> int:
        if self.guild is None:
            return USUAL
        if not self.guild.has_bot:
            return 0
        top = self.parent or self
        return (USUAL & ~top.everyone_deny & ~top.bot_deny) | top.bot_allow


@dataclass(slots=True, kw_only=True)
class Attachment:
    id: int
    filename: str
    content: bytes
    content_type: str
    description: str | None


@dataclass(slots=True, kw_only=True)
class Message:
    id: int
    channel: Channel
    author: User
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    nonce: str | None = None
    reference: "Message | None" = None
    mentions: list[User] = field(default_factory=list)
    allowed_mentions: dict[str, Any] | None = None
    is_interaction_response: bool = False
    texts: list[str] = field(default_factory=list)  # every content it has had
    is_deleted: bool = False

    @property
    def is_ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return [
            part
            for row in self.components
            for part in row.get("components", [])
            if part["type"] == 2
        ]

    @property
    def custom_ids(self) -> list[str]:
        return [button["custom_id"] for button in self.buttons]


@dataclass(slots=True, kw_only=True)
class Interaction:
    id: int
    token: str
    kind: int  # 2 command, 3 component, 4 autocomplete, 5 modal
    user: User
    channel: Channel
    created: float
    data: dict[str, Any]
    size_limit: int
    message: Message | None = None
    is_user_installed: bool = False
    must_be_ephemeral: bool = False
    response: dict[str, Any] | None = None  # the body of the first response
    original: Message | None = None
    is_deferred: bool = False  # the original still says "thinking"
    follow_ups: list[Message] = field(default_factory=list)
    delivered: float = 0.0
    took: float | None = None  # seconds until the first response


class World:
    """Everything there is, and the news that something has changed."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.cdn = ""  # where attachments are served
        self.ahead = 0.0  # seconds this Discord's clock is put forward
        self.first_response_within = 3.0
        self.token_life = 15 * 60.0
        self.nonce_life = 180.0  # "the past few minutes"
        self.has_message_content = False  # the privileged intent is granted
        self._last_id = 0
        self._changed = asyncio.Event()
        self.bot = User(id=self.next_id(), name="ideogram", is_bot=True)
        self.people: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.posted: dict[int, list[Message]] = {}
        self.interactions: dict[str, Interaction] = {}
        self.attached: dict[int, Attachment] = {}  # to commands, by people
        self.commands: dict[int | None, list[dict[str, Any]]] = {}

    def now(self) -> float:
        return time.time() + self.ahead

    def next_id(self) -> int:
        made = (int(self.now() * 1000) - EPOCH_MS) << 22
        self._last_id = max(made, self._last_id + 1)
        return self._last_id

    def touch(self) -> None:
        """Wake who waits for something to change."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, holds, seconds: float = 20.0):
        """Give the first true value of *holds()*."""
        async with asyncio.timeout(seconds):
            while not (value := holds()):
                await self._changed.wait()
            return value

    def message(self, channel_id: int, message_id: int) -> Message | None:
        found = (m for m in self.posted.get(channel_id, []) if m.id == message_id)
        return next((m for m in found if not m.is_deleted), None)

    def direct_channel(self, user: User) -> Channel:
        for channel in self.channels.values():
            if channel.kind == DM and user in channel.people:
                return channel
        made = Channel(id=self.next_id(), name="", kind=DM, people=(user, self.bot))
        self.channels[made.id] = made
        return made
