"""Forgetting a person with the real command: beside a live run, killed, and with others."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.system import asking
from tests.system.world import World, read, world

pytestmark = [pytest.mark.timeout(120), pytest.mark.drill]

FORGET = ("forget", "--user", "U1", "--platform", "slack", "--yes", "--json")


@pytest.fixture
async def here(tmp_path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


def bytes_on_disk(here: World) -> bytes:
    paths = sorted(here.folder.glob("bot.db*"))
    return b"".join(path.read_bytes() for path in paths)


async def test_beside_a_live_run(here: World):
    """All of one person's goes, nothing of the other's, and the run goes on."""
    await asking.in_slack(here, "a wombat of mine")
    await asking.in_discord(here, "a badger of theirs")
    await here.idle()
    before = bytes_on_disk(here)

    ended = await here.terminal(*FORGET)

    assert ended.status == 0, ended.err
    assert (ended.json["records"], ended.json["files"], ended.json["jobs"]) == (1, 1, 1)
    assert ended.json["messages"] == 1
    assert "wombat" not in ended.out + ended.err
    assert b"wombat" in before
    assert b"wombat" not in bytes_on_disk(here)
    assert [row["prompt"] for row in here.rows()] == ["a badger of theirs"]
    here.check_stores()
    await asking.in_slack(here, "a fox afterwards")
    await here.idle()
    assert here.rows()[-1]["prompt"] == "a fox afterwards"
    again = await here.terminal(*FORGET)
    assert again.json["records"] == 1
    last = await here.terminal(*FORGET)
    assert (last.status, last.out) == (1, "")
    assert "nothing of U1" in last.err


async def test_a_paid_call_under_way_ends_and_its_picture_goes_too(here: World):
    """It is not thrown away half-way; the command waits for it."""
    line = here.lines.ideogram
    line.open.clear()
    await asking.in_slack(here, "a wombat on its way")
    await here.until(lambda: line.count("POST", "/generate"))

    process = await here.terminal.start(*FORGET)
    await here.until(lambda: is_cancelled(here))
    line.open.set()
    ended = await here.terminal.ended(process)

    assert ended.status == 0, ended.err
    assert (ended.json["records"], ended.json["jobs"]) == (1, 1)
    assert here.rows() == []
    here.check_stores()


def is_cancelled(here: World) -> bool:
    sql = "SELECT '[]' AS tags FROM jobs WHERE is_cancel_requested = 1"
    return bool(read(here.folder, sql))


async def test_killed_in_the_middle_it_is_finished_by_the_next(tmp_path):
    """Typed again it goes on, with one pseudonym and one receipt for all."""
    async with world(tmp_path, discord=False) as here:
        for number in range(3):
            await asking.in_slack(here, f"a wombat {number} --n 4")
        await asking.in_slack(here, "a fox that is kept", user="U2")
        await here.idle()
        assert await here.bot.stop() == 0
        kept = here.rows(user_id="U2")

        process = await here.terminal.start(*FORGET, "--anonymise")
        await here.until(lambda: begun(here) or process.returncode is not None)
        assert process.returncode is None
        process.kill()
        await process.communicate()
        [pseudonym] = begun(here)
        ended = await here.terminal(*FORGET, "--anonymise")

        assert ended.status == 0, ended.err
        assert (ended.json["records"], ended.json["jobs"]) == (12, 3)
        assert ended.json["pseudonym"] == pseudonym
        rows = here.rows()
        assert [row for row in rows if row["user_id"] == "U2"] == kept
        assert {row["user_id"] for row in rows} == {"U2", pseudonym}
        assert b"wombat" not in bytes_on_disk(here)
        here.check_stores()


def begun(here: World) -> list[str]:
    """Give the pseudonym of whoever is being forgotten."""
    sql = "SELECT '[]' AS tags, pseudonym FROM forgettings"
    return [row["pseudonym"] for row in read(here.folder, sql)]


async def test_a_receipt_is_kept_beside_it(here: World):
    """With everything it takes to prove it later."""
    await asking.in_slack(here, "a wombat with a receipt")
    await here.idle()
    file = here.folder / "receipt.json"

    ended = await here.terminal(*FORGET, "--output", str(file))

    assert json.loads(file.read_text()) == ended.json
    assert len(ended.json["digest"]) == 64
    assert any("Backups" in sentence for sentence in ended.json["kept"])
