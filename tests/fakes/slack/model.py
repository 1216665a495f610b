"""The workspace the double keeps: channels, messages, files, private notes."""

import itertools
from dataclasses import dataclass, field
from typing import Any

TEAM = "T0TEAM"
BOT_USER = "U0BOT"
BOT_ID = "B0BOT"
APP_ID = "A0APP"
_NAMES = {"group": "privategroup", "im": "directmessage", "mpim": "mpdm-a--b-1"}


@dataclass
class SlackFile:
    """A file from the moment its upload address is handed out."""

    id: str
    name: str
    length: int
    alt_txt: str | None
    title: str | None = None
    content: bytes | None = None  # None until its bytes arrived
    is_complete: bool = False
    is_deleted: bool = False
    shares: list[tuple[str, str]] = field(default_factory=list)  # channel, ts
    looks: int = 0  # how often files.info was asked since it was shared


@dataclass
class Message:
    """One message in a channel."""

    ts: str
    channel: str
    user: str
    text: str = ""
    thread_ts: str | None = None
    blocks: list[dict[str, Any]] = field(default_factory=list)
    files: list[SlackFile] = field(default_factory=list)
    edits: int = 0

    @property
    def contents(self) -> list[bytes]:
        """Give the bytes of its pictures in their order."""
        return [file.content or b"" for file in self.files]

    def button(self, action_id: str, value: str | None = None) -> dict[str, Any]:
        """Give the block and element of a button; fails when nobody could press it."""
        for block in self.blocks:
            for element in [*block.get("elements", []), block.get("accessory") or {}]:
                if element.get("action_id") == action_id and value in (
                    None,
                    element.get("value"),
                ):
                    return {"block_id": block.get("block_id", "b1"), **element}
        raise AssertionError(f"no button {action_id} {value or ''} in {self.blocks}")


@dataclass
class Note:
    """What one person alone sees: an ack's text, a response URL's, an ephemeral message."""

    user: str
    channel: str
    via: str  # ack, response_url, ephemeral
    text: str
    blocks: list[dict[str, Any]]
    replaces: bool = False
    thread_ts: str | None = None


@dataclass
class Channel:
    """A conversation; `kind` is the events' channel_type."""

    id: str
    kind: str
    name: str
    members: set[str]
    is_archived: bool = False
    messages: list[Message] = field(default_factory=list)

    @property
    def name_in_payloads(self) -> str:
        """Give the name as slash commands and interactions tell it."""
        return _NAMES.get(self.kind, self.name)


@dataclass
class View:
    """A modal that is open on somebody's screen."""

    id: str
    hash: str
    user: str
    view: dict[str, Any]
    is_open: bool = True


class Workspace:
    """Everything one Slack team holds."""

    def __init__(self) -> None:
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, SlackFile] = {}
        self.notes: list[Note] = []
        self.views: list[View] = []
        self.team = TEAM
        self.groups: dict[str, set[str]] = {}  # user groups
        self._numbers = itertools.count(1)
        self.add_channel("C0PUBLIC", members={BOT_USER, "U1", "U2"})

    def number(self) -> int:
        """Give the next number; ids and timestamps are made of it."""
        return next(self._numbers)

    def new_ts(self) -> str:
        """Give the next message timestamp."""
        number = self.number()
        return f"{1760000000 + number}.{number:06d}"

    def add_channel(
        self, channel_id: str, *, kind: str = "channel", members: set[str]
    ) -> Channel:
        """Open a channel of a kind: channel, group, im, mpim."""
        channel = Channel(
            id=channel_id, kind=kind, name=channel_id.lower(), members=set(members)
        )
        self.channels[channel_id] = channel
        return channel

    def direct(self, user: str) -> Channel:
        """Give the direct conversation of the bot and *user*."""
        channel_id = f"D{user}"
        return self.channels.get(channel_id) or self.add_channel(
            channel_id, kind="im", members={user, BOT_USER}
        )

    def add_message(self, channel: str, user: str, **fields: Any) -> Message:
        """Put a message into a channel."""
        message = Message(ts=self.new_ts(), channel=channel, user=user, **fields)
        self.channels[channel].messages.append(message)
        return message

    def find_message(self, channel: str, ts: str) -> Message:
        """Give a message by its place and timestamp."""
        return next(m for m in self.channels[channel].messages if m.ts == ts)
