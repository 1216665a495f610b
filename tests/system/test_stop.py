"""SIGTERM: nothing new is taken, what runs is finished, the rest goes on at the next start."""

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest

from tests.system import asking
from tests.system.judging import check
from tests.system.world import World, world

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
async def here(tmp_path) -> AsyncIterator[World]:
    async with world(tmp_path, IDEOGRAM_MAX_IN_FLIGHT="1") as made:
        yield made
        made.check_stores()


def log_has(here: World, words: str):
    return lambda: words in here.bot.log


async def test_a_call_under_way_is_finished(here: World):
    """Its picture is kept and posted before the end, with exit status 0."""
    line = here.lines.ideogram
    line.open.clear()
    await asking.in_discord(here, "a fox at closing time --magic off")
    await here.until(lambda: line.count("POST", "/generate"))

    here.bot.terminate()
    await here.until(log_has(here, "Stopping"))
    assert here.bot.is_running
    line.open.set()

    assert await here.bot.ended() == 0
    [row] = check(here, "a fox at closing time")
    assert row["attempts"] == 1


async def test_what_waits_goes_on_at_the_next_start(here: World):
    """Of three jobs the one that runs is finished; each is drawn once."""
    line = here.lines.ideogram
    line.open.clear()
    asks = {
        "a first fox": asking.in_slack,
        "a second fox": asking.in_discord,
        "a third fox": asking.in_slack,
    }
    for prompt, ask in asks.items():
        assert await ask(here, f"{prompt} --magic off")
    await here.until(lambda: line.count("POST", "/generate"))

    here.bot.terminate()
    await here.until(log_has(here, "Stopping"))
    line.open.set()
    status = await here.bot.ended()
    after_the_stop = [row["prompt"] for row in here.rows()]
    await here.start()
    await here.idle()

    assert status == 0
    assert after_the_stop == ["a first fox"]
    for prompt in asks:
        [row] = check(here, prompt)
        assert row["attempts"] == 1


async def test_a_post_under_way_is_finished(here: World):
    """The upload goes on while the program stops."""
    line = here.lines.slack
    await here.until(lambda: line.count("POST", "/api/users.conversations"))
    line.open.clear()
    await asking.in_slack(here, "a fox half posted --magic off")
    await here.until(lambda: line.count("POST", "/api/files.getUploadURLExternal"))

    here.bot.terminate()
    await here.until(log_has(here, "Stopping"))
    line.open.set()

    assert await here.bot.ended() == 0
    check(here, "a fox half posted")
    note = await here.slack.wait_for_note("Done.")
    assert note.user == "U1"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_with_nothing_to_do_it_ends_at_once(here: World, number: signal.Signals):
    assert await here.bot.signal(number) == 0

    assert "Stopped" in here.bot.lines[-1]


async def test_a_start_can_be_stopped(here: World):
    """A signal during the start ends it as quietly."""
    await here.bot.stop()
    lines = (here.lines.slack, here.lines.discord)
    for line in lines:
        line.open.clear()  # neither platform answers yet
    before = len(here.lines.slack.seen)

    await here.bot.start(is_ready=False)
    await here.until(lambda: len(here.lines.slack.seen) > before)
    status = await here.bot.stop()
    for line in lines:
        line.open.set()

    assert status == 0


async def test_what_comes_while_it_stops_is_taken_by_the_next(here: World):
    """Not acknowledged by the one that goes, so Slack sends it to the one that comes."""
    line = here.lines.ideogram
    line.open.clear()
    await asking.in_slack(here, "a fox before --magic off")
    await here.until(lambda: line.count("POST", "/generate"))
    here.bot.terminate()
    await here.until(lambda: not here.slack.socket.is_ready)

    async with asyncio.TaskGroup() as tasks:
        asking_late = tasks.create_task(
            here.slack.mention("imagine a fox meanwhile --magic off")
        )
        line.open.set()
        assert await here.bot.ended() == 0
        await here.start()

    _, ack = asking_late.result()
    assert ack.is_acked
    await here.idle()
    check(here, "a fox before")
    check(here, "a fox meanwhile")
