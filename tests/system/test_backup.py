"""A backup and a check beside a live run, by the real command; and back again."""

import pytest

from tests.system.world import world

pytestmark = [pytest.mark.timeout(120), pytest.mark.drill]


async def test_backup_beside_a_run_and_restore(tmp_path):
    """The same rows and bytes; nothing is overwritten on the way back."""
    async with world(tmp_path, slack="socket") as here:
        drawn = await here.terminal("imagine", "a fox", "--n", "2")
        assert drawn.status == 0, drawn.err
        rows = here.rows()

        made = await here.terminal("backup", str(tmp_path / "copy"), "--json")
        refused = await here.terminal("restore", str(tmp_path / "copy"))

        assert made.status == 0, made.err
        assert (made.json["records"], made.json["files"]) == (2, 2)
        assert refused.status == 2
        assert here.rows() == rows

    async with world(tmp_path, slack="", is_started=False) as here:
        for file in here.folder.glob("bot.db*"):
            file.unlink()
        for row in rows:
            here.file(row).unlink()

        back = await here.terminal("restore", str(tmp_path / "copy"), "--json")

        assert back.json == made.json
        assert here.rows() == rows
        here.check_stores()


async def test_verify_beside_a_run(tmp_path):
    """A lost picture fails the check until its record is marked; the run goes on."""
    async with world(tmp_path, slack="socket") as here:
        drawn = await here.terminal("imagine", "a fox")
        assert drawn.status == 0, drawn.err
        whole = await here.terminal("verify", "--json")
        [row] = here.rows()
        here.file(row).unlink()

        lost = await here.terminal("verify", "--json")
        repaired = await here.terminal("verify", "--repair", "--json")
        again = await here.terminal("verify", "--json")

        assert (whole.status, lost.status) == (0, 1)
        assert lost.json["missing"] == [row["stored_path"]]
        assert (repaired.status, repaired.json["repaired"]) == (0, 1)
        assert (again.status, again.json["checked"]) == (0, 0)
        assert [row["stored_path"] for row in here.rows()] == [None]
