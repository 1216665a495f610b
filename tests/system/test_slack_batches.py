"""Batches of the real program in Slack: over failures, a kill, buttons, beside others."""

import csv
import io
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.receiver import SECRET, Receiver, receiver
from tests.fakes.slack.double import Message
from tests.system.world import World, read, world

pytestmark = [pytest.mark.timeout(180), pytest.mark.drill]

LINES = 200
FAILING = {line for line in range(1, LINES + 1) if line % 10 == 0}
DONE_EVENTS = ["image.ready", "generation.completed"]
POLICY = "[[callbacks]]\nallowed = true\n"


@pytest.fixture
async def there() -> AsyncIterator[Receiver]:
    async with receiver() as there:
        yield there


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    (tmp_path / "policy.toml").write_text(POLICY)
    settings = {
        "CALLBACK_SECRET": SECRET,
        "CALLBACK_ALLOW_PRIVATE": "true",
        "POLICY_FILE": str(tmp_path / "policy.toml"),
    }
    async with world(tmp_path, discord=False, **settings) as here:
        here.served.side = 8  # what is counted here are pictures, not bytes
        yield here


def prompt(line: int) -> str:
    return f"a prohibited fox {line}" if line in FAILING else f"a fox of line {line}"


async def start(here: World, content: bytes, flags: str = "") -> None:
    """Send a file, and say yes to what it costs."""
    file = here.slack.api.describe(here.slack.api.attach("foxes.txt", content))
    await here.slack.mention(f"batch {flags}", files=[file])
    offer = await here.slack.wait_for_note("Nothing is drawn before")
    await here.slack.press(offer, "start_batch")
    await here.slack.wait_for_note("Started")


def jobs(here: World) -> list[dict]:
    return read(here.folder, "SELECT *, '[]' AS tags FROM jobs ORDER BY line")


def said(message: Message) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def progress(here: World) -> Message:
    return here.slack.messages()[0]


def summary(here: World) -> Message | None:
    found = [
        m for m in here.slack.messages() if m.files and "batch-" in m.files[0].name
    ]
    assert len(found) <= 1, "the table was posted twice"
    return found[0] if found else None


async def test_200_lines_with_failures_and_a_kill(here: World, there: Receiver):
    """Each picture once, each figure right, each event told; the receiver is half down."""
    chance = random.Random(11)
    there.is_up = lambda _number: chance.random() < 0.5
    lines = "\n".join(prompt(line) for line in range(1, LINES + 1))
    flags = f"--magic off --campaign spring --callback-url {there.url}"

    await start(here, lines.encode(), flags)
    await here.until(lambda: len(here.rows()) >= LINES // 3)
    await here.restart()
    await here.until(lambda: summary(here) is not None)
    there.is_up = lambda _number: True

    check_pictures(here)
    check_figures(here)
    await check_events(here, there)
    here.check_stores()


def check_pictures(here: World) -> None:
    """Each line that may be drawn is, once, in the thread below the progress."""
    rows = here.rows()
    drawn = [n for n in range(1, LINES + 1) if n not in FAILING]
    assert sorted(r["prompt"] for r in rows) == sorted(prompt(n) for n in drawn)
    assert all("spring" in row["tags"] for row in rows)
    pictures = [m for m in here.slack.messages()[1:] if m is not summary(here)]
    assert {m.thread_ts for m in here.slack.messages()[1:]} == {progress(here).ts}
    shown = Counter(content for message in pictures for content in message.contents)
    assert shown == Counter(here.file(row).read_bytes() for row in rows)
    assert len(pictures) == len(rows)


def check_figures(here: World) -> None:
    """Message, table and records say the same."""
    table = summary(here)
    assert table is not None
    rows, cost = here.rows(), sum(row["cost_usd"] for row in here.rows())
    counts = f"180 done, 20 failed; 180 pictures, ${cost:.2f}."
    assert counts in table.text
    assert counts in said(progress(here))
    assert "button" not in said(progress(here))
    told = list(csv.DictReader(io.StringIO(table.contents[0].decode())))
    assert [int(row["line"]) for row in told] == list(range(1, LINES + 1))
    assert {int(r["line"]) for r in told if r["state"] == "failed"} == FAILING
    assert {r["record_id"] for r in told} - {""} == {row["id"] for row in rows}


async def check_events(here: World, there: Receiver) -> None:
    """At least once each, in order per job, the batch's own at the end."""
    every = jobs(here)
    batch = every[0]["batch_id"]
    expected = {
        job["id"]: ["generation.failed"] if job["line"] in FAILING else DONE_EVENTS
        for job in every
    } | {batch: ["batch.completed"]}
    await here.until(
        lambda: all(
            list(dict.fromkeys(there.events(subject))) == events
            for subject, events in expected.items()
        )
    )
    assert all(one.is_genuine for one in there.taken)
    assert {one.body["jobId"] for one in there.taken} == set(expected)


async def test_paused_resumed_and_cancelled_by_buttons(here: World):
    """What is under way ends; what is left waits, goes on, or is never paid."""
    held = here.lines.ideogram.open
    held.clear()
    await start(here, "\n".join(f"a fox {n}" for n in range(40)).encode())
    await here.until(lambda: here.lines.ideogram.count("POST", "/generate") > 0)

    await here.slack.press(progress(here), "pause_batch")
    held.set()
    await here.until(lambda: "resume_batch" in said(progress(here)))
    await here.until(lambda: {j["state"] for j in jobs(here)} == {"done", "queued"})
    paid = len(here.ideogram.calls)
    assert paid < 40
    await here.slack.press(progress(here), "resume_batch", user="U2")
    await here.slack.wait_for_note("Only the person who asked")
    await here.slack.press(progress(here), "resume_batch")
    await here.until(lambda: len(here.ideogram.calls) > paid)
    held.clear()
    await here.slack.press(progress(here), "cancel_batch")
    await here.slack.wait_for_note("ancel")
    held.set()
    await here.until(lambda: summary(here) is not None)

    states = Counter(job["state"] for job in jobs(here))
    assert set(states) == {"done", "cancelled"}
    assert len(here.rows()) <= len(here.ideogram.calls) < 40
    assert "was cancelled" in summary(here).text
    assert "button" not in said(progress(here))


async def test_one_picture_alone_does_not_wait_for_a_thousand(here: World):
    """The batch takes turns with everybody, and is asked for by the same person."""
    await start(here, "\n".join(f"a fox {n}" for n in range(1000)).encode())
    await here.until(lambda: len(here.rows()) > 5)

    before = len(here.rows())
    await here.slack.slash("/imagine a lone hen --magic off")
    await here.until(lambda: here.rows(prompt="a lone hen"))

    assert len(here.rows()) - before < 60
    await here.slack.press(progress(here), "cancel_batch")
    await here.until(lambda: summary(here) is not None)
