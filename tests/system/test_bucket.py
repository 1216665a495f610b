"""Pictures in a bucket, by the real program: posted from here, and moved there once.

S3 stands behind a proxy that can be told to refuse; a kill comes while it answers.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import obstore
import pytest
from aiohttp import web

from tests.fakes.buckets.places import (
    FakeCloud,
    Place,
    s3_cloud_fixture,  # noqa: F401
    servers_fixture,  # noqa: F401
)
from tests.fakes.buckets.proxy import Proxy, proxying
from tests.system.judging import check_calls, posts
from tests.system.process import Terminal
from tests.system.world import Row, World, world

pytestmark = [pytest.mark.timeout(120), pytest.mark.drill]


@dataclass(frozen=True, kw_only=True)
class Yard:
    """A world, its bucket, and the line between them."""

    here: World
    place: Place
    line: Proxy

    def objects(self) -> dict[str, bytes]:
        """Give what is in the bucket, seen past the line."""
        store = self.place.open()._store
        found = [o["path"] for page in obstore.list(store) for o in page]
        return {path: bytes(obstore.get(store, path).bytes()) for path in found}

    def refuse(self) -> None:
        """Let the bucket be down."""

        async def down(_: web.Request) -> web.Response:
            return web.Response(status=503)

        self.line.fault = down

    def kill_at(self, method: str, *, is_done: bool) -> asyncio.Event:
        """Let the bot be killed when it asks that, before or after it is done."""
        reached = asyncio.Event()

        async def kill(request: web.Request) -> web.Response | None:
            if request.method != method or ".check" in request.path:
                return None
            self.line.fault = None
            answer = await self.line.handle(request) if is_done else None
            await self.here.bot.kill()
            reached.set()
            return answer or web.Response(status=503)

        self.line.fault = kill
        return reached

    def waiting(self) -> list[Path]:
        """Give the pictures that are on this machine."""
        folder = self.here.folder / "waiting"
        return [
            p for p in folder.rglob("*.png") if p.parent.parent.parent.parent == folder
        ]

    async def settled(self) -> None:
        """Wait until everything is in the bucket, and nothing here."""

        async def is_settled() -> bool:
            _, body = await self.here.bot.health()
            return body["bucket"]["waiting"] == 0 and not self.waiting()

        await self.here.until(is_settled)

    def check(self, row: Row) -> None:
        """One object with the bytes that Ideogram served, posted once, paid once."""
        content = self.objects()[row["stored_path"]]
        assert hashlib.sha256(content).hexdigest() == row["sha256"]
        assert content in self.here.served.all
        assert posts(self.here, [row]) == [[content]], self.here.bot.log
        check_calls(self.here, row["prompt"], [row])


@pytest.fixture
def open_yard(s3: FakeCloud, tmp_path: Path):
    @asynccontextmanager
    async def open_yard(**more) -> AsyncIterator[Yard]:
        place = s3.new()
        async with proxying(place.endpoint) as line:
            settings = {
                **place.environment,
                "FILES_URL": place.url,
                "AWS_ENDPOINT_URL": line.url,
                **more,
            }
            async with world(
                tmp_path, slack="socket", discord=False, **settings
            ) as here:
                here.terminal = Terminal(here.folder, here.bot.settings)
                yield Yard(here=here, place=place, line=line)

    return open_yard


async def imagine(yard: Yard, prompt: str) -> Row:
    await yard.here.slack.slash(f"/imagine {prompt}")
    await yard.here.until(lambda: yard.here.rows(prompt=prompt))
    [row] = yard.here.rows(prompt=prompt)
    await yard.here.until(lambda: posts(yard.here, [row]))
    await yard.here.idle()
    return row


async def test_a_picture_goes_to_the_bucket(open_yard):
    """With all that a browser and an operator want to know of it."""
    async with open_yard() as yard:
        row = await imagine(yard, "a fox on the way")
        await yard.settled()

        yard.check(row)
        assert list(yard.objects()) == [row["stored_path"]]
        found = obstore.get(yard.place.open()._store, row["stored_path"]).attributes
        assert found["Content-Type"] == "image/png"
        assert found["Cache-Control"] == "public, max-age=31536000, immutable"
        assert found["seed"] == str(row["seed"])
        assert found["record"] == row["id"]
        assert found["source"] == row["original_url"].partition("?")[0]


async def test_a_bucket_that_is_down_delays_nothing(open_yard):
    """The picture is posted; it is moved when the bucket is back, told in two lines."""
    async with open_yard() as yard:
        await be_down(yard, seconds=0)


@pytest.mark.timeout(300)
async def test_a_bucket_that_is_down_for_a_minute_delays_nothing(open_yard):
    """With the waiting between tries as it comes."""
    async with open_yard(JOB_BACKOFF_S="2") as yard:
        await be_down(yard, seconds=60)


async def be_down(yard: Yard, *, seconds: float) -> None:
    yard.refuse()
    began = asyncio.get_running_loop().time()
    rows = [await imagine(yard, f"fox {n} in the rain") for n in range(2)]
    drawn = asyncio.get_running_loop().time() - began
    await asyncio.sleep(seconds - drawn)
    status, body = await yard.here.bot.health()
    before = yard.objects()
    yard.line.fault = None
    await yard.settled()

    assert (status, body["status"]) == (200, "degraded")
    assert body["bucket"] == {"state": "away", "waiting": 2}
    assert before == {}
    for row in rows:
        yard.check(row)
    told = [line for line in yard.here.bot.lines if "bucket" in line]
    assert len(told) == 2, told
    assert (await yard.here.bot.health())[1]["status"] == "ok"


@pytest.mark.parametrize(
    ("method", "is_done"),
    [
        pytest.param("PUT", False, id="before the object is there"),
        pytest.param("PUT", True, id="before the checkpoint"),
    ],
)
async def test_killed_on_the_way_it_goes_on(open_yard, method, is_done):
    async with open_yard() as yard:
        reached = yard.kill_at(method, is_done=is_done)
        await yard.here.slack.slash("/imagine a fox that falls")
        await asyncio.wait_for(reached.wait(), 30)
        await yard.here.start()
        await yard.here.idle()
        await yard.settled()

        [row] = yard.here.rows()
        yard.check(row)
        assert list(yard.objects()) == [row["stored_path"]]


async def test_killed_before_the_copy_is_cleared(open_yard):
    """A long first wait keeps the copy here until the next start."""
    async with open_yard(JOB_BACKOFF_S="1.5") as yard:
        row = await imagine(yard, "a fox that stays")
        await yard.here.until(lambda: row["stored_path"] in yard.objects())
        assert yard.waiting()
        await yard.here.restart()
        await yard.settled()

        yard.check(row)


async def test_a_wrong_bucket_is_told_and_stops_nothing(open_yard, s3):
    async with open_yard(FILES_URL="s3://nobody-made-this/images") as yard:
        await yard.here.until(lambda: "nobody-made-this" in yard.here.bot.log)
        row = await imagine(yard, "a fox without a den")

        [line] = [
            text for text in yard.here.bot.lines if "are kept on this machine" in text
        ]
        assert "FILES_URL" in line
        assert posts(yard.here, [row])
        assert len(yard.waiting()) == 1


async def test_upkeep_by_the_real_commands(open_yard, tmp_path):
    """verify, report, backup, restore and cleanup know where the pictures are."""
    async with open_yard() as yard:
        row = await imagine(yard, "a fox in the vault")
        await yard.settled()
        store = yard.place.open()._store
        here = yard.here

        whole = await here.terminal("verify", "--json")
        report = await here.terminal("report", "--json")
        backup = await here.terminal("backup", str(tmp_path / "copy"), "--json")
        again = await here.terminal("reproduce", row["id"])
        await yard.settled()
        shared = list(yard.objects())
        obstore.put(store, row["stored_path"], b"?")
        damaged = await here.terminal("verify", "--json")
        repaired = await here.terminal("verify", "--repair", "--json")

        assert (whole.status, whole.json["checked"]) == (0, 1), whole.err
        assert report.json["total"]["images"] == 1
        assert (backup.status, backup.json["files"]) == (0, 1), backup.err
        copy = tmp_path / "copy" / "images" / row["stored_path"]
        assert hashlib.sha256(copy.read_bytes()).hexdigest() == row["sha256"]
        assert again.status == 0, again.err
        assert "link" in again.out
        assert shared == [row["stored_path"]]
        assert damaged.json["damaged"] == [row["stored_path"]]
        assert (repaired.status, repaired.json["repaired"]) == (0, 1), repaired.err
        assert list(yard.objects()) == [f".damaged/{copy.name}"]

        await here.bot.stop()
        for file in here.folder.glob("bot.db*"):
            file.unlink()
        back = await here.terminal("restore", str(tmp_path / "copy"), "--json")
        assert (back.status, back.json["files"]) == (0, 1), back.err
        assert row["stored_path"] in yard.objects()

        swept = await here.terminal("cleanup", "--older-than", "0", "--json")
        assert (swept.status, swept.json["records"]) == (0, 1), swept.err
        assert row["stored_path"] not in yard.objects()
        assert not yard.waiting()


async def test_a_command_without_a_run_moves_what_it_made(open_yard):
    """Before it ends: there may be no run for days."""
    async with open_yard() as yard:
        here = yard.here
        await here.bot.stop()

        drawn = await here.terminal("imagine", "a lone fox")
        [row] = here.rows()

        assert drawn.status == 0, drawn.err
        assert list(yard.objects()) == [row["stored_path"]]
        assert "wait for the bucket" not in drawn.err
