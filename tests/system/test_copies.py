"""Sized copies by the real program: killed at any point, each is posted exactly once."""

import io
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PIL import Image

from tests.system import asking, points
from tests.system.points import Request
from tests.system.tap import Phase
from tests.system.world import world
from tests.system.worlds import Worlds

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(120),
    pytest.mark.drill,
]

SIZES = [(200, 100), (90, 120)]
FORMATS = "--format 200x100,90x120:webp --magic off"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worlds(tmp_path_factory) -> AsyncIterator[Worlds]:
    made = Worlds(lambda: world(tmp_path_factory.mktemp("copies")))
    yield made
    await made.close()


def sizes(contents):
    return [Image.open(io.BytesIO(content)).size for content in contents]


@pytest.mark.parametrize("phase", [Phase.ASKED, Phase.DONE, Phase.HALF_TOLD])
@pytest.mark.parametrize(
    "what", [points.UPLOAD_URL, points.COMPLETE], ids=lambda what: what.name
)
async def test_killed_while_copies_are_posted_in_slack(
    what: Request, phase: Phase, worlds: Worlds
):
    """Between the picture's message and the one of its copies, and in the latter."""
    async with worlds.lend() as here:
        before = len(here.slack.messages())
        point = here.kill_at(what.to, what.method, what.path, phase, nth=2)

        await asking.in_slack(here, f"a fox {what.name} {phase} {FORMATS}")
        await here.reached(point)
        await here.start()
        await here.idle()

        picture, copies = here.slack.messages()[before:]
        assert copies.thread_ts == picture.ts
        assert sizes(copies.contents) == SIZES
        assert len(here.calls(f"a fox {what.name} {phase}")) == 1


@pytest.mark.parametrize("phase", [Phase.ASKED, Phase.DONE, Phase.HALF_TOLD])
async def test_killed_while_copies_are_posted_in_discord(phase: Phase, worlds: Worlds):
    async with worlds.lend() as here:
        before = len(here.discord.messages())
        what = points.MESSAGE
        point = here.kill_at(what.to, what.method, what.path, phase, nth=2)

        await asking.in_discord(here, f"an owl {phase} {FORMATS}")
        await here.reached(point)
        await here.start()
        await here.idle()

        picture, copies = here.discord.messages()[before:]
        assert copies.reference == picture
        assert sizes([each.content for each in copies.attachments]) == SIZES
        assert len(here.calls(f"an owl {phase}")) == 1


async def test_verify_and_a_sweep_know_the_copies(worlds: Worlds):
    async with worlds.lend() as here:
        await asking.in_slack(here, f"a fox to be swept {FORMATS}")
        await here.idle()

        verified = await here.terminal("verify")
        swept = await here.terminal("cleanup", "--older-than", "0")

        assert "0 missing, 0 damaged" in verified.out
        assert "record" in swept.out
        assert not list((here.folder / "images").rglob("*.webp"))
