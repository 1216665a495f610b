"""The sandbox as a newcomer meets it: one command, one page, no account."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.fakes.browser import Page, needs_chromium, open_browser
from tests.fakes.waiting import until
from tests.system.process import BotProcess
from tests.system.world import Row, read

pytestmark = [needs_chromium, pytest.mark.timeout(120)]


@pytest.fixture
async def sandbox(tmp_path) -> AsyncIterator[BotProcess]:
    data = tmp_path / "data"
    bot = BotProcess(tmp_path, {}, command=("sandbox", "--data", str(data)))
    await bot.start()
    yield bot
    assert await bot.stop() == 0
    bot.check_log([])


def rows(folder: Path) -> list[Row]:
    return read(folder / "data", "SELECT * FROM generations", name="ideogram-bot.db")


async def say(page: Page, text: str) -> None:
    await page.type("#text", text)
    await page.press("Enter")


async def test_type_watch_reply_and_press(sandbox: BotProcess, tmp_path):
    """All that the page is for, against the simulated Ideogram."""
    async with open_browser(tmp_path / "profile") as browser:
        page = await browser.open(sandbox.address)
        await page.wait_for_text("#connection", "Live")

        await say(page, "/imagine a fox on a bicycle --ar 16:9")
        await page.wait_for(".placeholder")
        await page.wait_for_picture(".post .frame img")
        await page.click('[data-action="reply"]')
        await page.wait_for("#replying")
        await say(page, "same")
        await page.wait_for(".post", count=2)
        await page.click('[data-action="new_seed"]')
        await page.wait_for(".post", count=3)
        await page.wait_for('.job[data-stage="done"]', count=3)
        assert page.complaints == []

    await until(lambda: len(rows(tmp_path)) == 3)
    first, same, other = rows(tmp_path)
    assert (first["prompt"], first["platform"]) == ("a fox on a bicycle", "web")
    assert first["aspect_ratio"] == "ASPECT_16_9"
    assert same["sha256"] == first["sha256"]
    assert (same["tags"], same["parent_id"]) == (["reproduced"], first["id"])
    assert other["seed"] != first["seed"]
    content = (tmp_path / "data" / "images" / first["stored_path"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == first["sha256"]


async def test_health(sandbox: BotProcess):
    """What load balancers and the image's health check read."""
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{sandbox.address}/healthz") as answer,
    ):
        assert answer.status == 200
        assert await answer.json() == {
            "status": "ok",
            "slack": None,
            "discord": None,
            "jobs": {"queued": 0, "running": 0},
        }
