"""Killed with SIGKILL at any point and started again: nothing is lost, nothing is doubled.

The scripted points (points.py) are requests of the bot's and how far they have come; the
random ones fall anywhere while several jobs run on both platforms. Each test goes on with
the folder that the one before has left, so one bot process lives after the other.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from tests.fakes.ideogram import KEY
from tests.system import asking, points
from tests.system.judging import check
from tests.system.points import Case
from tests.system.tap import Phase, tap
from tests.system.world import World, world
from tests.system.worlds import Worlds

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worlds(tmp_path_factory) -> AsyncIterator[Worlds]:
    made = Worlds(lambda: world(tmp_path_factory.mktemp("kill")))
    yield made
    await made.close()


@pytest.mark.drill
@pytest.mark.parametrize("case", points.cases(), ids=lambda case: case.id)
async def test_killed_at(case: Case, worlds: Worlds):
    """The job is posted exactly once, and no call is paid twice without need."""
    async with worlds.lend() as here:
        prompt = new_prompt(case.id)
        what, ideogram = case.what, here.lines.ideogram
        point = here.kill_at(what.to, what.method, what.path, case.phase, nth=case.nth)

        if case.is_held:
            ideogram.open.clear()
        is_acked = await case.ask(here, f"{prompt} --magic off")
        await here.reached(point)
        if case.is_held:
            ideogram.hang_up()
            ideogram.open.set()
        if case.then is not None:
            what, phase = case.then
            point = here.kill_at(what.to, what.method, what.path, phase)
            await here.bot.start(is_ready=False)
            await here.reached(point)
        here.discord.world.ahead += case.later_s
        await here.start()
        await here.idle()

        rows = check(here, prompt)
        assert is_acked or what is points.RESPONSE
        assert len(here.calls(prompt)) in case.calls
        assert rows[0]["attempts"] in case.attempts
        here.check_stores()


WAYS = (
    asking.in_slack,
    asking.in_slack_unjoined,
    asking.in_slack_privately,
    asking.two_in_slack,
    asking.in_slack_thread,
    asking.in_discord,
    asking.in_discord_read_only,
    asking.in_discord_privately,
)


@pytest.mark.drill
@pytest.mark.parametrize("seed", range(12))
async def test_killed_at_random(seed: int, worlds: Worlds):
    """Four jobs of all kinds at once; every other time the recovery is killed, too."""
    chance = random.Random(seed)
    async with worlds.lend() as here:
        asked = {
            new_prompt(f"{seed}, job {number}"): ask
            for number, ask in enumerate(chance.sample(WAYS, 4))
        }

        async with asyncio.TaskGroup() as tasks:
            asks = [
                tasks.create_task(ask(here, f"{prompt} --magic off"))
                for prompt, ask in asked.items()
            ]
            await kill_anywhere(here, chance, most=130, asks=asks)
            if seed % 2:
                await here.bot.start(is_ready=False)
                await kill_anywhere(here, chance, most=60)
            await here.start()
        await here.idle()

        for prompt, is_acked in zip(asked, asks, strict=True):
            # What was not acknowledged may be there or not, but never twice.
            if is_acked.result() or here.rows(prompt=prompt):
                check(here, prompt)
        here.check_stores()


async def kill_anywhere(
    here: World,
    chance: random.Random,
    *,
    most: int,
    asks: Sequence[asyncio.Task[bool]] = (),
) -> None:
    """Kill the bot after up to *most* steps of its traffic, or when it has none left."""
    left, pause = chance.randint(1, most), chance.uniform(0, 0.01)
    reached = asyncio.Event()

    def count(_phase: Phase) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            reached.set()

    async def nothing_left() -> None:
        await asyncio.gather(*map(asyncio.shield, asks))
        await here.bot.wait_ready()
        await here.idle()

    lines = (here.lines.ideogram, here.lines.slack, here.lines.discord)
    for line in lines:
        line.watch = count
    async with asyncio.TaskGroup() as tasks:
        ways = [
            tasks.create_task(reached.wait()),
            tasks.create_task(nothing_left()),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
    await asyncio.sleep(pause)  # into what happens between two requests
    await here.bot.kill()
    for line in lines:
        line.watch = lambda _phase: None


async def test_a_job_that_kills_the_process_three_times_is_set_aside(worlds: Worlds):
    """One poisonous job must not keep the bot from working; its person is told."""
    async with worlds.lend() as here:
        prompt = new_prompt("three points")

        point = here.kill_at("ideogram", "POST", "/generate", Phase.DONE)
        await asking.in_slack(here, prompt)
        await here.reached(point)
        for _ in range(2):
            point = here.kill_at("ideogram", "POST", "/generate", Phase.DONE)
            await here.bot.start(is_ready=False)
            await here.reached(point)
        await here.start()

        note = await here.slack.wait_for_note("Set aside")
        assert note.user == "U1"
        assert len(here.calls(prompt)) == 3
        await asking.in_slack(here, new_prompt("three points, afterwards"))
        await here.idle()
        assert here.rows()[-1]["attempts"] == 1


# --- worlds of their own ------------------------------------------------------


@pytest.mark.parametrize("phase", [Phase.ASKED, Phase.DONE, Phase.HALF_TOLD])
async def test_killed_while_it_waits_for_a_ticket(phase: Phase, tmp_path):
    """Where the call answers with a ticket, it is asked for again and never paid again."""
    async with world(
        tmp_path, slack="", IDEOGRAM_ROUTE="pixazo", IDEOGRAM_API_KEY=KEY
    ) as here:
        here.ideogram.studio.polls = 1
        path = "/ai-model-api-polling/getGenerationResults"
        point = here.kill_at("ideogram", "POST", path, phase)

        await asking.in_discord(here, "a fox with a ticket --magic off")
        await here.reached(point)
        await here.start()
        await here.idle()

        [row] = here.rows()
        assert row["attempts"] == 1
        assert len(here.ideogram.calls) == 1
        [message] = await here.discord.pictures()
        assert message.attachments[0].content == here.file(row).read_bytes()


@pytest.mark.parametrize("phase", [Phase.ASKED, Phase.HALF_ASKED, Phase.DONE])
async def test_an_event_that_slack_repeats_is_one_job(phase: Phase, tmp_path):
    """Killed before its answer is out, the bot is sent the event again."""
    async with (
        world(tmp_path, slack="http", discord=False) as here,
        tap(here.bot.address) as line,
        asyncio.TaskGroup() as tasks,
    ):
        here.slack.http.url = f"{line.url}/slack/events"

        async def kill() -> None:
            here.slack.http.later.clear()
            await here.bot.kill()

        point = line.stop_at("POST", "/slack/events", phase, kill)
        words = "imagine a fox asked for twice --magic off"
        saying = tasks.create_task(here.slack.mention(words))
        await here.reached(point)
        await here.bot.start()
        line.lead_to(here.bot.address)
        here.slack.http.later.set()

        _, ack = await saying
        assert ack.is_acked
        assert ack.retries
        await here.idle()
        check(here, "a fox asked for twice")


def new_prompt(words: str) -> str:
    """Give a prompt that no other job has."""
    return f"a fox killed at {words}"
