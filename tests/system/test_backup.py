"""A backup beside a live run, by the real command; and back again."""

import pytest

from tests.system.world import world

pytestmark = pytest.mark.timeout(120)


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
