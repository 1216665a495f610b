"""Batches in Discord with the real program: over failures, a kill, and people's buttons."""

import csv
import io
import itertools
import random
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from PIL import Image

from bot.ideogram.simulator.picture import Picture
from tests.fakes.discord.bodies import Upload
from tests.fakes.discord.world import PUBLIC_THREAD, Channel, Interaction, Message
from tests.system.test_discord import new_channel
from tests.system.world import World, world
from tests.system.worlds import Worlds

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
    pytest.mark.drill,
]
PATIENCE_S = 150.0
_numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worlds(tmp_path_factory) -> AsyncIterator[Worlds]:
    made = Worlds(lambda: world(tmp_path_factory.mktemp("batches"), slack=""))
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def here(worlds: Worlds) -> AsyncIterator[World]:
    async with worlds.lend() as lent:
        lent.ideogram.studio.draw = _small
        yield lent
        assert lent.bot.is_running, lent.bot.log
        await lent.idle()
        lent.check_stores()


def _small(picture: Picture) -> bytes:
    """Draw few bytes that depend on all that was asked."""
    noise = random.Random(repr(picture)).randbytes(32 * 32 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (32, 32), noise).save(out, "PNG")
    return out.getvalue()


async def ask(here: World, channel: Channel, content: bytes, **options) -> Interaction:
    file = Upload(f"campaign-{next(_numbers)}.csv", content)
    return await here.discord.slash("batch", {"file": file, **options}, channel=channel)


async def start(here: World, channel: Channel, content: bytes, **options) -> Message:
    """Start a batch; give the message that shows it."""
    asked = await ask(here, channel, content, **options)
    offer = await here.discord.note(asked, "press Start")
    await here.discord.press(offer, offer.custom_ids[0])
    assert offer.content.startswith("Started")
    return (await seen(here, lambda: here.discord.messages(channel)))[0]


async def seen(here: World, found):
    """Wait for what *found* gives."""
    try:
        return await here.discord.world.until(found, seconds=PATIENCE_S)
    except TimeoutError:
        raise AssertionError(here.bot.log) from None


async def press(here: World, message: Message, action: str, **changes) -> Interaction:
    [custom_id] = [i for i in message.custom_ids if i.startswith(action)]
    return await here.discord.press(message, custom_id, **changes)


def thread_of(here: World, channel: Channel) -> list[Message]:
    """Give what the bot has posted into the thread of the channel's batch."""
    threads = [c for c in here.discord.world.channels.values() if c.parent is channel]
    assert [c.kind for c in threads] in ([], [PUBLIC_THREAD])
    return here.discord.messages(threads[0]) if threads else []


def pictures(here: World, channel: Channel) -> list[Message]:
    return [m for m in thread_of(here, channel) if m.custom_ids]


async def results(here: World, channel: Channel) -> tuple[str, list[dict[str, str]]]:
    """Wait for the summary; give it with its table."""

    def ended() -> list[Message]:
        shown = thread_of(here, channel)
        return [m for m in shown if m.attachments and not m.custom_ids]

    [summary] = await seen(here, ended)
    [attachment] = summary.attachments
    assert attachment.filename == "results.csv"
    table = csv.DictReader(io.StringIO(attachment.content.decode(), newline=""))
    return summary.embeds[0]["description"], list(table)


def lines(count: int, *, failing: int = 0) -> bytes:
    """Write a CSV; each *failing*-th line will be refused by Ideogram."""
    name = f"fox {next(_numbers)}"
    made = ["prompt,seed,magic"]
    for number in range(1, count + 1):
        bad = failing and number % failing == 0
        made.append(f"{'prohibited ' if bad else ''}{name}.{number},{number},off")
    return "\n".join(made).encode()


async def test_two_hundred_lines_with_failures_and_a_kill(here: World):
    """Right counts, every picture once in the thread, and a table that says so."""
    channel = await new_channel(here)

    message = await start(here, channel, lines(200, failing=10), campaign="spring")
    await seen(here, lambda: len(pictures(here, channel)) >= 60)
    await here.restart()
    text, table = await results(here, channel)
    await seen(here, lambda: not message.custom_ids)

    rows = [row for row in here.rows() if row["tags"] == ["spring"]]
    shown = [i for m in pictures(here, channel) for i in m.custom_ids]
    posted = sorted(i.partition(":")[2] for i in shown if i.startswith("reproduce:"))
    assert posted == sorted(row["id"] for row in rows)
    assert len(posted) == 180
    assert "180 of 200" in text
    assert "180 done, 20 failed; 180 pictures, $14.40." in text
    assert [row["line"] for row in table] == [str(n) for n in range(2, 202)]
    assert sorted(row["record_id"] for row in table if row["record_id"]) == posted
    failed = [row for row in table if row["state"] == "failed"]
    assert len(failed) == 20
    assert all("prohibited" in row["prompt"] and row["error"] for row in failed)
    assert "200 of 200" in message.embeds[0]["title"]
    assert here.discord.messages(channel) == [message]


async def test_pause_go_on_and_cancel(here: World):
    """By buttons that say what can be done, also after a restart."""
    channel = await new_channel(here)
    message = await start(here, channel, lines(60), delay="0.2s")
    await seen(here, lambda: len(pictures(here, channel)) >= 2)

    await press(here, message, "pause_batch")
    await seen(here, lambda: "(paused)" in message.embeds[0]["title"])
    await here.until(lambda: _is_calm(here))
    before = len(pictures(here, channel))
    await here.restart()
    await _draw_slowly(here)
    assert len(pictures(here, channel)) == before

    await press(here, message, "resume_batch")
    await seen(here, lambda: len(pictures(here, channel)) > before + 1)
    stranger = await press(
        here, message, "cancel_batch", user=here.discord.add_user("bob")
    )
    await press(here, message, "cancel_batch")
    text, table = await results(here, channel)

    done = len(pictures(here, channel))
    assert "Only the person" in stranger.original.content
    assert f"cancelled after {done} of 60" in text
    states = [row["state"] for row in table]
    assert (states.count("done"), states.count("cancelled")) == (done, 60 - done)
    assert message.custom_ids == []


async def _is_calm(here: World) -> bool:
    _, health = await here.bot.health()
    return health["jobs"]["running"] == 0


async def _draw_slowly(here: World) -> None:
    """Let a second pass in which the bot works."""
    elsewhere = await new_channel(here)
    here.ideogram.studio.delay = timedelta(seconds=1)
    await here.discord.slash("imagine", {"prompt": "a slow fox"}, channel=elsewhere)
    await here.discord.pictures(elsewhere)
    here.ideogram.studio.delay = timedelta(0)


async def test_lines_from_the_form(here: World):
    channel = await new_channel(here)

    opened = await here.discord.slash(
        "batch", {"flags": "--magic off"}, channel=channel
    )
    typed = ["a fox from the form", "a badger from the form"]
    values = {"lines": f"{typed[0]}\n{typed[1]} --seed 3"}
    sent = await here.discord.submit_modal(opened, values)
    await press(here, sent.original, "start_batch")
    text, table = await results(here, channel)

    assert "2 of 2" in text
    assert [row["prompt"] for row in table] == typed
    assert table[1]["seed"] == "3"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"prompt\n" * 1_000_000, ["5 MiB", "Split it"], id="too large"),
        pytest.param("prompt\nä fox".encode("latin-1"), ["UTF-8"], id="not UTF-8"),
        pytest.param(
            b"prompt,ar\na fox,16:9\na badger,17:9\n,1:1\n",
            ["Line 3", "17:9", "Line 4"],
            id="wrong lines",
        ),
        pytest.param(b"prompt,colour\na fox,red\n", ["colour"], id="no such column"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_drawn(here, content, told):
    """Before a line is queued."""
    channel = await new_channel(here)
    calls = len(here.ideogram.calls)

    asked = await ask(here, channel, content)
    note = await here.discord.note(asked, told[0])

    assert all(words in note.content for words in told)
    assert "Nothing was drawn" in note.content
    assert note.custom_ids == []
    assert len(here.ideogram.calls) == calls
    assert here.discord.messages(channel) == []
