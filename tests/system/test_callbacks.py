"""Callbacks of the real program: to a receiver that fails, over a kill, from the terminal."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.receiver import SECRET, Receiver, receiver
from tests.fakes.waiting import until
from tests.system.process import BotProcess, Terminal

pytestmark = [pytest.mark.timeout(180), pytest.mark.drill]

READY, COMPLETED = "image.ready", "generation.completed"


@dataclass(frozen=True, kw_only=True)
class Here:
    """A sandbox with its data in a folder, a terminal beside it, and a receiver."""

    bot: BotProcess
    terminal: Terminal
    there: Receiver

    async def drawn(self, *words: str) -> str:
        """Draw with a callback; give the job's id."""
        asked = ("imagine", *words, "--callback-url", self.there.url, "--json")
        ended = await self.terminal(*asked)
        assert ended.status == 0, ended.err
        return ended.json["job"]["id"]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    data = tmp_path / "data"
    settings = {
        "IDEOGRAM_ROUTE": "sandbox",
        "DATABASE_URL": f"sqlite:///{data / 'ideogram-bot.db'}",
        "FILES_URL": f"file:{data / 'images'}",
        "CALLBACK_SECRET": SECRET,
        "CALLBACK_ALLOW_PRIVATE": "true",
    }
    command = ("sandbox", "--data", str(data))
    async with receiver() as there:
        bot = BotProcess(tmp_path, settings, command=command)
        yield Here(bot=bot, terminal=Terminal(tmp_path, settings), there=there)
        if bot.is_running:
            await bot.kill()


async def test_a_command_alone_tells_what_became_of_its_job(here: Here):
    """Nobody else would, until the next run."""
    job = await here.drawn("a", "fox")

    assert here.there.events(job) == [READY, COMPLETED]
    assert all(one.is_genuine for one in here.there.taken)
    [image] = here.there.taken[1].body["images"]
    assert image.startswith("http://127.0.0.1")


async def test_a_command_alone_tries_again(here: Here):
    """The receiver is down for a moment."""
    here.there.script = [503, 200, 503, 503]

    job = await here.drawn("a", "fox")

    assert here.there.events(job) == [READY, COMPLETED]
    assert len(here.there.taken) == 5


async def test_what_was_not_taken_is_listed_and_sent_again(here: Here):
    """410 gives up at once; the receiver is there again later."""
    here.there.script = [410, 410]
    job = await here.drawn("a", "fox")

    failed = await here.terminal("callbacks", "--failed", "--json")
    again = await here.terminal("callbacks", "--resend", f"{job}.completed", "--json")
    left = await here.terminal("callbacks", "--failed", "--json")
    unknown = await here.terminal("callbacks", "--resend", "nothing")

    assert [one["id"] for one in failed.json] == [f"{job}.completed", f"{job}-1.ready"]
    assert {one["state"] for one in failed.json} == {"dead"}
    assert (again.status, again.json["state"]) == (0, "delivered")
    assert [one["id"] for one in left.json] == [f"{job}-1.ready"]
    assert here.there.events(job) == [COMPLETED]
    assert unknown.status == 1


async def test_a_refused_callback_draws_nothing(here: Here):
    ended = await here.terminal(
        *("imagine", "a", "fox", "--callback-url", here.there.url),
        CALLBACK_ALLOW_PRIVATE="false",
    )
    jobs = await here.terminal("jobs", "--json")

    assert ended.status == 2
    assert "The callback address" in ended.err
    assert jobs.json == []


async def test_a_kill_loses_no_callback(here: Here):
    """Down at first, then half of the time, and the bot killed with requests in flight."""
    chance = random.Random(7)
    here.there.is_up = lambda _number: False
    await here.bot.start()
    async with asyncio.TaskGroup() as tasks:
        drawing = [tasks.create_task(here.drawn("a", "fox", str(n))) for n in range(4)]
    jobs = [task.result() for task in drawing]

    here.there.silence = asyncio.Event()
    held = len(here.there.taken)
    await until(lambda: len(here.there.taken) > held)
    await here.bot.kill()
    here.there.silence.set()
    here.there.silence = None
    here.there.is_up = lambda _number: chance.random() < 0.5
    await here.bot.start()

    for job in jobs:
        await until(lambda job=job: COMPLETED in here.there.events(job))
        assert list(dict.fromkeys(here.there.events(job))) == [READY, COMPLETED]
        assert here.there.events(job)[-1] == COMPLETED
    assert all(one.is_genuine for one in here.there.taken)
    assert len({one.delivery for one in here.there.taken}) == 8
    assert await here.bot.stop() == 0
    here.bot.check_log([SECRET, "receivers-secret"])
