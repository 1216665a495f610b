"""What was exported comes back exactly, into an empty database, by the real command."""

from collections.abc import AsyncIterator

import pytest

from tests.system.world import World, world

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
async def here(tmp_path) -> AsyncIterator[World]:
    """A world in which nobody runs yet, and two pictures were drawn."""
    async with world(tmp_path, slack="", is_started=False) as made:
        words = ('="a fox",\n狐', "--n", "2", "--tags", "a b,c")
        ended = await made.terminal("imagine", *words)
        assert ended.status == 0, ended.err
        yield made


def empty(here: World) -> None:
    """Lose the database, not the pictures."""
    for file in here.folder.glob("bot.db*"):
        file.unlink()


@pytest.mark.parametrize("form", ["jsonl", "csv", "json"])
async def test_export_import_export(here: World, form: str):
    """Byte for byte; a second import passes everything by."""
    before, after = (str(here.folder / f"{name}.{form}") for name in ("one", "two"))
    exported = await here.terminal("export", "--format", form, "--output", before)
    empty(here)

    first = await here.terminal("import", before, "--json")
    again = await here.terminal("import", before, "--json")
    await here.terminal("export", "--format", form, "--output", after)

    assert exported.status == 0, exported.err
    assert first.json == {"imported": 2, "skipped": 0}
    assert again.json == {"imported": 0, "skipped": 2}
    one, two = (here.folder / f"{name}.{form}" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    here.check_stores()


async def test_one_wrong_line_and_nothing_is_imported(here: World):
    """Exit status 2, and each bad line by its number."""
    exported = await here.terminal("export")
    file = here.folder / "records.jsonl"
    file.write_text(f"{exported.out}no\n{{}}\n")
    empty(here)

    ended = await here.terminal("import", str(file), "--json")

    assert (ended.status, ended.out) == (2, "")
    assert "Line 3: " in ended.err
    assert "Line 4: " in ended.err
    assert here.rows() == []
