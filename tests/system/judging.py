"""What must hold for a job whatever happened: kept whole, posted once, paid once.

The promises of INTERFACE.md section 6 that can be seen from outside.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.ideogram.simulator.faults import Received
from tests.fakes.discord.world import Message
from tests.system.world import Row, World, read_call


def check(here: World, prompt: str) -> list[Row]:
    """Judge the one job that *prompt* made; give its rows."""
    rows = here.rows(prompt=prompt)
    assert len({row["job_id"] for row in rows}) == 1, f"{prompt}\n{here.bot.log}"
    contents = [here.file(row).read_bytes() for row in rows]
    drawn = {(p.prompt, p.seed): content for p, content in here.served.pictures}
    assert contents == [drawn[row["prompt"], row["seed"]] for row in rows]
    shown = posts(here, rows)
    assert [sorted(one) for one in shown] == [sorted(contents)], here.bot.log
    check_calls(here, prompt, rows)
    return rows


ASKED_FOR = {  # on both platforms, in their own ways
    "expanded_prompt": None,
    "negative_prompt": "text, blur",
    "model": "V_2",
    "style_type": "DESIGN",
    "aspect_ratio": "ASPECT_16_9",
    "seed": 42,
    "resolution": "1312x736",
    "is_safe": 1,
    "tags": ["campaign", "fox"],
    "parent_id": None,
    "magic_prompt": "OFF",
    "color_palette": "JUNGLE",
    "rendering_speed": None,
    "attempts": 1,
    "cost_usd": 0.08,
    "pinned": 0,
}


def check_columns(row: Row, content: bytes, **expected: str) -> None:
    """Every column, spelled as the outward contract spells it."""
    sha256 = hashlib.sha256(content).hexdigest()
    expected = {**ASKED_FOR, "sha256": sha256, "size_bytes": len(content), **expected}
    assert {name: row[name] for name in expected} == expected
    assert datetime.fromisoformat(row["created_at"]).utcoffset() == timedelta(0)
    assert row["stored_path"].endswith(f"/{sha256}.png")
    assert row["original_url"].startswith("http://127.0.0.1:")
    assert len(row["prompt_hash"]) == 64
    assert row["id"] == f"{row['job_id']}-1"


def check_calls(here: World, prompt: str, rows: Sequence[Row]) -> None:
    """A call is repeated the same, counted, and never once its picture was asked for."""
    calls = here.calls(prompt)
    assert all(call == calls[0] for call in calls), calls
    assert len({row["attempts"] for row in rows}) == 1
    # A kill between the mark and the sending counts a call that nobody received.
    assert 1 <= len(calls) <= rows[0]["attempts"] <= here.bot.lives
    assert not _repeated_after_download(here, prompt), here.bot.log


def _repeated_after_download(here: World, prompt: str) -> bool:
    was_asked_for = False
    for request in here.ideogram.received:
        if request.is_download:
            picture = here.ideogram.studio.picture(_picture_id(request.path))
            was_asked_for |= picture is not None and picture.prompt == prompt
        elif was_asked_for and _is_call(request, prompt):
            return True
    return False


def _is_call(request: Received, prompt: str) -> bool:
    return request.is_generate and read_call(request)["prompt"] == prompt


def _picture_id(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".png")


def posts(here: World, rows: Sequence[Row]) -> list[list[bytes]]:
    """Give the pictures of each message that shows the rows, by bytes or by buttons."""
    find = _slack if rows[0]["platform"] == "slack" else _discord
    return find(here, {row["id"] for row in rows})


def _slack(here: World, records: set[str]) -> list[list[bytes]]:
    return [
        message.contents
        for channel in here.slack.workspace.channels.values()
        for message in channel.messages
        if _values(message.blocks) & records
    ]


def _values(blocks: Sequence[dict[str, Any]]) -> set[str]:
    elements = [e for block in blocks for e in block.get("elements", [])]
    return {element.get("value", "") for element in elements}


def _discord(here: World, records: set[str]) -> list[list[bytes]]:
    return [
        [attachment.content for attachment in message.attachments]
        for message in _discord_messages(here)
        if {i.partition(":")[2] for i in message.custom_ids} & records
    ]


def _discord_messages(here: World) -> list[Message]:
    """Give every message, also those that one person alone sees."""
    world = here.discord.world
    found = {m.id: m for messages in world.posted.values() for m in messages}
    for interaction in world.interactions.values():
        own = [interaction.original, *interaction.follow_ups]
        found |= {message.id: message for message in own if message is not None}
    return [message for message in found.values() if not message.is_deleted]
