"""Ideogram's own webhooks and the real program: who waits goes on at once, also after a kill."""

from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from tests.bot.callbacks.test_incoming import KEY as SIGNING_KEY
from tests.bot.callbacks.test_incoming import jwk, signed
from tests.system import asking
from tests.system.tap import Phase
from tests.system.world import World, world

ADDRESS = "https://bot.example.com/webhooks/ideogram"
LONG = 10**6  # questions: nothing but news ends the wait, and then the answer is there
pytestmark = pytest.mark.timeout(120)


async def deliver(here: World, generation: str) -> int:
    """Be Ideogram, and say that *generation* is done."""
    body = b'{"generation_id": "whatever the header says counts"}'
    headers = signed(generation=generation, at=datetime.now(UTC), body=body)
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            f"{here.bot.address}/webhooks/ideogram", data=body, headers=headers
        ) as answer,
    ):
        return answer.status


def generation(here: World) -> str:
    return here.ideogram.polls[-1].path.rpartition("/")[2]


async def test_a_webhook_finishes_the_waiting_job(tmp_path: Path):
    """It was told where to; the picture it announces is asked for, kept and posted."""
    async with world(tmp_path, slack="", IDEOGRAM_WEBHOOK_URL=ADDRESS) as here:
        studio = here.ideogram.studio
        studio.keys.append(jwk("k1", SIGNING_KEY))
        studio.polls = LONG

        await asking.in_discord(here, "a fox on a mug --model v4.5 --seed 7")
        await here.until(lambda: len(here.ideogram.polls) > 2)
        asked = len(here.ideogram.polls)
        studio.finish(generation(here))
        status = await deliver(here, generation(here))
        await here.idle()

        [call] = here.ideogram.calls
        [row] = here.rows()
        [message] = await here.discord.pictures()
        assert status == 200
        assert call.body["webhook_url"] == ADDRESS
        assert call.body["async"] is True
        assert len(here.ideogram.polls) == asked + 1
        assert (row["model"], row["seed"], row["attempts"]) == ("V_4_5", 7, 1)
        assert row["resolution"] == "2048x2048"
        assert row["cost_usd"] == pytest.approx(0.10)
        assert message.attachments[0].content == here.file(row).read_bytes()


@pytest.mark.parametrize("phase", [Phase.ASKED, Phase.DONE])
async def test_killed_while_it_asks_it_asks_again(phase: Phase, tmp_path: Path):
    """From the id's being written down no call is repeated."""
    async with world(tmp_path, slack="", IDEOGRAM_WEBHOOK_URL=ADDRESS) as here:
        here.ideogram.studio.polls = 1
        point = here.kill_at("ideogram", "GET", "/v2/generations/[^/]+", phase)

        await asking.in_discord(here, "a fox on a mug --model v4.5 --magic off")
        await here.reached(point)
        await here.start()
        await here.idle()

        [row] = here.rows()
        assert row["attempts"] == 1
        assert len(here.ideogram.calls) == 1
        [message] = await here.discord.pictures()
        assert message.attachments[0].content == here.file(row).read_bytes()
