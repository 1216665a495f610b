"""What goes wrong with a machine: disk full, database locked, clock set back.

Nothing is lost, nothing is paid or posted twice, the operator reads one line, and work goes
on by itself once the cause is gone.
"""

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.fakes.ideogram import server_error
from tests.system import asking
from tests.system.judging import check
from tests.system.world import World, world

pytestmark = [pytest.mark.timeout(120), pytest.mark.drill]

HELD = "Jobs are held and go on by themselves"
OVER = "Disk and database work again"


@pytest.fixture
async def here(tmp_path) -> AsyncIterator[World]:
    async with world(tmp_path, discord=False) as made:
        yield made


@contextmanager
def full_disk(here: World, *, most_bytes: int) -> Iterator[None]:
    """Let no file of the bot grow beyond that: what a full disk looks like from inside."""
    old, hard = resource.prlimit(here.bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(here.bot.pid, resource.RLIMIT_FSIZE, (most_bytes, hard))
    yield
    resource.prlimit(here.bot.pid, resource.RLIMIT_FSIZE, (old, hard))


@contextmanager
def locked_database(here: World) -> Iterator[None]:
    """Hold the lock that every writer needs, as a program that hangs does."""
    with closing(sqlite3.connect(here.folder / "bot.db", isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("ROLLBACK")


async def ask(here: World, prompt: str) -> bool:
    return await asking.in_slack(here, f"{prompt} --magic off")


def lines(here: World, words: str) -> list[str]:
    return [line for line in here.bot.lines if words in line]


async def test_no_room_for_pictures(here: World):
    """What is paid for waits for room, and is asked for once."""
    with full_disk(here, most_bytes=1_000_000):  # a picture has half as much again
        await ask(here, "a fox without room")
        await ask(here, "a badger without room")
        await here.until(lambda: lines(here, HELD))
        await here.until(lambda: len(here.ideogram.calls) == 2)
        assert here.rows() == []
        assert here.slack.messages() == []

    await here.idle()

    for prompt in ("a fox without room", "a badger without room"):
        [row] = check(here, prompt)
        assert row["attempts"] == 1
    here.check_stores()
    assert len(lines(here, HELD)) == 1
    assert "full" in lines(here, HELD)[0]
    assert len(lines(here, OVER)) == 1


async def test_no_room_in_the_database(here: World):
    """A job under way is held; who asks meanwhile is told, and it is no job."""
    ideogram = here.lines.ideogram
    ideogram.open.clear()
    assert await ask(here, "a fox under way")
    await here.until(lambda: ideogram.count("POST", "/generate"))

    with full_disk(here, most_bytes=4096):  # less than the log has already
        ideogram.open.set()
        await here.until(lambda: lines(here, "held until it can be written down"))
        refused = await here.slack.slash("/imagine a fox refused --magic off")
        again = await here.slack.slash("/imagine a fox refused as well --magic off")
    await here.idle()
    assert await ask(here, "a fox afterwards")
    await here.idle()

    for ack in (refused, again):
        assert ack.is_acked
        assert "space" in ack.text
    assert here.rows(prompt="a fox refused") == []
    assert check(here, "a fox under way")[0]["attempts"] == 1
    check(here, "a fox afterwards")
    assert len(here.ideogram.calls) == 2
    here.check_stores()
    assert len(lines(here, "held until it can be written down")) == 1
    assert len(lines(here, "The database refused to write")) == 1


async def test_a_database_that_is_locked_for_ten_seconds(here: World):
    """Nothing is acknowledged that is not written down, and all is well afterwards."""
    ideogram = here.lines.ideogram
    ideogram.open.clear()
    assert await ask(here, "a fox under way")
    await here.until(lambda: ideogram.count("POST", "/generate"))

    async with asyncio.TaskGroup() as tasks:
        with locked_database(here):
            ideogram.open.set()
            during = tasks.create_task(
                here.slack.slash("/imagine a fox meanwhile --magic off")
            )
            await asyncio.sleep(10.5)  # the drill itself: longer than the bot waits
    await here.idle()
    assert await ask(here, "a fox afterwards")
    await here.idle()

    assert check(here, "a fox under way")[0]["attempts"] == 1
    check(here, "a fox afterwards")
    ack = during.result()
    if here.rows(prompt="a fox meanwhile"):  # written down late
        check(here, "a fox meanwhile")
    else:
        assert not ack.is_acked or "locked" in ack.text
    here.check_stores()
    assert len(lines(here, "The database refused to write")) <= 1


# --- the clock ----------------------------------------------------------------

_FAKE_CLOCK = next(
    iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), Path("absent")
)


@pytest.mark.skipif(
    not _FAKE_CLOCK.exists(), reason="libfaketime is not installed; .ci/run does that."
)
async def test_a_clock_set_back_by_three_days(tmp_path):
    """A retry comes at its time, over a restart at once; what follows is drawn as ever."""
    set_by = tmp_path / "set-by"
    set_by.write_text("+0")
    async with world(
        tmp_path,
        discord=False,
        LD_PRELOAD=str(_FAKE_CLOCK),
        FAKETIME_TIMESTAMP_FILE=str(set_by),
        FAKETIME_NO_CACHE="1",
        DONT_FAKE_MONOTONIC="1",
        JOB_BACKOFF_S="5",
    ) as here:
        here.ideogram.faults.generate.append(server_error())
        assert await ask(here, "a fox before")
        await here.until(lambda: lines(here, "draw failed"))

        set_by.write_text("-3d")
        await here.until(lambda: lines(here, "clock was set back by 3 days"))
        await here.restart()
        assert await ask(here, "a fox afterwards")
        await here.idle()

        check(here, "a fox before")
        check(here, "a fox afterwards")
        assert [
            len(here.calls(f"a fox {when}")) for when in ("before", "afterwards")
        ] == [
            2,
            1,
        ]
        here.check_stores()
        assert len(lines(here, "clock was set back")) == 1
