"""A channel of each platform in which the same picture is asked for, offered and pressed.

The tests of offers are the same for both; how a press is made and what stands in a private
note is not.
"""

import itertools
from collections.abc import Sequence
from typing import Any, Protocol

from tests.fakes.discord import payloads
from tests.fakes.discord.world import VIEW, Interaction
from tests.fakes.slack.double import SlackDouble
from tests.fakes.slack.model import Note
from tests.system.world import World

SHOW, ANEW = "show_here", "draw_anew"
_numbers = itertools.count(1)


class Room(Protocol):
    """One channel, and what people do there; *user* 2 is somebody else."""

    id: str

    async def ask(self, typed: str, *, user: int = 1) -> Any:
        """Type the command; give what `offer` and `press` need."""

    async def offer(self, asked: Any) -> bytes:
        """Wait for the offer of an earlier picture; give the picture that it shows."""

    async def press(self, asked: Any, button: str, *, user: int = 1) -> None:
        """Press a button of the offer."""

    def buttons(self, asked: Any) -> int:
        """Count the buttons the private note has now."""

    async def pictures(self, count: int) -> Sequence[bytes]:
        """Wait for *count* pictures in the channel; give all there are."""

    async def told(self) -> None:
        """Wait until the last word of the first job was said."""


class SlackRoom:
    """A channel of Slack's."""

    def __init__(self, here: World, *, is_private: bool = False) -> None:
        self._slack = here.slack
        self.id = f"C0ROOM{next(_numbers)}"
        kind = "group" if is_private else "channel"
        members = {"U1", "U2", SlackDouble.bot_user}
        self._slack.workspace.add_channel(self.id, kind=kind, members=members)

    async def ask(self, typed: str, *, user: int = 1, **changes: Any) -> int:
        """Type the command; give how many private notes there were before."""
        before = len(self._slack.notes)
        ack = await self._slack.slash(
            f"/imagine {typed}", user=f"U{user}", channel=self.id, **changes
        )
        assert ack.is_acked
        return before

    async def offer(self, asked: int) -> bytes:
        """Wait until the note has its picture; the acknowledgement has none."""
        await self._slack.until(lambda: self._files(asked))
        first, *_ = self._notes(asked)
        assert first.via == "ack"
        assert [b["type"] for b in first.blocks] == ["section", "actions"]
        [file_id] = self._files(asked)
        return self._slack.workspace.files[file_id].content or b""

    async def press(self, asked: int, button: str, *, user: int = 1) -> None:
        """Press on the note as it was shown first, as long as that takes."""
        ack = await self._slack.press(self._notes(asked)[0], button, user=f"U{user}")
        assert ack.is_acked

    def buttons(self, asked: int) -> int:
        """Count those of the last note, which has taken the place of the others."""
        blocks = self._notes(asked)[-1].blocks
        return sum(len(block.get("elements", [])) for block in blocks)

    async def pictures(self, count: int) -> list[bytes]:
        """Give the bytes of the files in the channel."""
        await self._slack.wait_for_message(self.id, count=count)
        return [c for m in self._slack.messages(self.id) for c in m.contents]

    async def told(self) -> None:
        """Wait for the note that would otherwise come between later ones."""
        await self._slack.until(
            lambda: any(note.text.startswith("Done") for note in self._notes(0))
        )

    def _notes(self, asked: int) -> list[Note]:
        """Give the channel's notes since then, what was acknowledged first of all.

        The double may hear of an acknowledgement after what followed it.
        """
        notes = [n for n in self._slack.notes[asked:] if n.channel == self.id]
        return sorted(notes, key=lambda note: note.via != "ack")

    def _files(self, asked: int) -> list[str]:
        return [
            block["slack_file"]["id"]
            for note in self._notes(asked)
            for block in note.blocks
            if block["type"] == "image"
        ]


class DiscordRoom:
    """A channel of Discord's."""

    def __init__(self, here: World, *, is_private: bool = False) -> None:
        self._discord = here.discord
        hidden = {"everyone_deny": VIEW, "bot_allow": VIEW} if is_private else {}
        self.channel = here.discord.add_channel(f"room-{next(_numbers)}", **hidden)
        self.id = str(self.channel.id)
        self._people = {1: here.discord.ada, 2: here.discord.add_user("bob")}

    async def opened(self) -> "DiscordRoom":
        """Let the bot hear of the channel."""
        shown = payloads.channel(self.channel, self._discord.world.bot)
        await self._discord.gateway.dispatch("CHANNEL_CREATE", shown)
        return self

    async def ask(self, typed: str, *, user: int = 1) -> Interaction:
        """Type the command."""
        return await self._discord.slash(
            "imagine",
            {"prompt": typed},
            channel=self.channel,
            user=self._people[user],
        )

    async def offer(self, asked: Interaction) -> bytes:
        """Wait until the private note has its picture."""
        await self._discord.world.until(
            lambda: asked.original and asked.original.attachments
        )
        assert asked.original
        assert asked.original.is_ephemeral
        assert self.buttons(asked) == 2
        return asked.original.attachments[0].content

    async def press(self, asked: Interaction, button: str, *, user: int = 1) -> None:
        """Press on the private note, while it has the button."""
        assert asked.original
        ids = [i for i in asked.original.custom_ids if i.startswith(button)]
        await self._discord.press(asked.original, ids[0], user=self._people[user])

    def buttons(self, asked: Interaction) -> int:
        """Count those of the private note."""
        return len(asked.original.custom_ids) if asked.original else 0

    async def pictures(self, count: int) -> list[bytes]:
        """Give the bytes of the attachments in the channel."""
        messages = await self._discord.pictures(self.channel, count=count)
        return [a.content for message in messages for a in message.attachments]

    async def told(self) -> None:
        """Each command has a note of its own here."""


async def new_room(here: World, platform: str, *, is_private: bool = False) -> Room:
    """Open a channel that nobody has drawn in."""
    if platform == "slack":
        return SlackRoom(here, is_private=is_private)
    return await DiscordRoom(here, is_private=is_private).opened()
