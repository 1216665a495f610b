"""Killed while an earlier picture is shown again: it is shown once, and nothing is paid."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from tests.system import points
from tests.system.points import Request
from tests.system.rooms import SHOW, new_room
from tests.system.tap import Phase
from tests.system.world import world
from tests.system.worlds import Worlds

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(120),
    pytest.mark.drill,
]

ASKED, HALF_ASKED, DONE, TOLD = (
    Phase.ASKED,
    Phase.HALF_ASKED,
    Phase.DONE,
    Phase.TOLD,
)
Point = tuple[Request, Phase]
_numbers = itertools.count(1)


def case(*stops: Point) -> object:
    """Give the points of one test, one life after the other."""
    name = " then ".join(f"{what.name} {phase}" for what, phase in stops)
    return pytest.param(stops, id=f"{stops[0][0].to}: {name}")


CASES = [
    case((points.UPLOAD_URL, ASKED)),
    case((points.UPLOAD, HALF_ASKED)),
    *(case((points.COMPLETE, phase)) for phase in (ASKED, DONE, TOLD)),
    case((points.COMPLETE, DONE), (points.FILE_INFO, DONE)),
    *(case((points.MESSAGE, phase)) for phase in (ASKED, HALF_ASKED, DONE, TOLD)),
    case((points.MESSAGE, DONE), (points.HISTORY, DONE)),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worlds(tmp_path_factory) -> AsyncIterator[Worlds]:
    made = Worlds(
        lambda: world(tmp_path_factory.mktemp("shown-again"), DUPLICATE_DAYS="7")
    )
    yield made
    await made.close()


@pytest.mark.parametrize("stops", CASES)
async def test_killed_while_it_is_shown_again(stops: Sequence[Point], worlds: Worlds):
    """In the channel in which it stands already, which must not be mistaken for it."""
    async with worlds.lend() as here:
        room = await new_room(here, stops[0][0].to)
        prompt = f"a fox shown again over a kill, number {next(_numbers)}"
        await room.ask(prompt)
        [picture] = await room.pictures(1)
        await room.told()
        await here.idle()
        asked = await room.ask(prompt)
        await room.offer(asked)

        for number, (what, phase) in enumerate(stops):
            point = here.kill_at(what.to, what.method, what.path, phase)
            if number:
                await here.bot.start(is_ready=False)
            else:
                await room.press(asked, SHOW)
            await here.reached(point)
        await here.start()
        shown = await room.pictures(2)
        await here.idle()

        assert shown == await room.pictures(2) == [picture, picture], here.bot.log
        assert len(here.calls(prompt)) == 1
        assert len(here.rows(prompt=prompt)) == 1
        here.check_stores()


@pytest.mark.parametrize("platform", ["slack", "discord"])
async def test_killed_as_soon_as_the_press_is_answered(platform: str, worlds: Worlds):
    """What was acknowledged is done."""
    async with worlds.lend() as here:
        room = await new_room(here, platform)
        prompt = f"a fox pressed before a kill, number {next(_numbers)}"
        await room.ask(prompt)
        [picture] = await room.pictures(1)
        await room.told()
        await here.idle()
        asked = await room.ask(prompt)
        await room.offer(asked)

        async with asyncio.timeout(30):
            await room.press(asked, SHOW)
            await here.restart()
        shown = await room.pictures(2)
        await here.idle()

        assert shown == await room.pictures(2) == [picture, picture]
        assert len(here.calls(prompt)) == 1
