"""What was exported comes back exactly, into an empty database, by the real command."""

import resource
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.system.process import environment
from tests.system.world import World, world

pytestmark = [pytest.mark.timeout(120), pytest.mark.drill]


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


def export(here: World, output: Path, *, most: int | None = None):
    """Export into a file; with *most* bytes to a file, as on a disk that gets full."""

    def limit() -> None:
        if most is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return subprocess.run(
        [sys.executable, "-m", "bot", "export", "--output", str(output)],
        env=environment(here.folder, {}),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )


async def test_pictures_travel_with_their_records(here: World):
    """Into an empty folder; the same tar comes out of there."""
    before, after = (here.folder / f"{name}.tar" for name in ("one", "two"))
    exported = await here.terminal("export", "--with-files", "--output", str(before))
    pictures = {here.file(row): here.file(row).read_bytes() for row in here.rows()}
    empty(here)
    for file in pictures:
        file.unlink()

    done = await here.terminal("import", str(before), "--json")
    again = await here.terminal("import", str(before), "--json")
    await here.terminal("export", "--output", str(after))

    assert exported.status == 0, exported.err
    assert (done.json, done.err) == ({"imported": 2, "skipped": 0}, "")
    assert again.json == {"imported": 0, "skipped": 2}
    assert before.read_bytes() == after.read_bytes()
    assert {file: file.read_bytes() for file in pictures} == pictures
    here.check_stores()


def test_an_export_that_ran_out_of_room_goes_on(here: World):
    """One clear line, no half file; then the same command does the rest."""
    cut, whole = here.folder / "cut.jsonl", here.folder / "whole.jsonl"
    with closing(sqlite3.connect(here.folder / "bot.db")) as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(generations)")]
        given = {"seq": "NULL", "id": "id || n", "prompt": "hex(zeroblob(5000))"}
        chosen = ", ".join(given.get(name, name) for name in columns)
        numbers = "SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 700"
        rows = f"SELECT {chosen} FROM generations, numbers"  # noqa: S608 - its own columns
        db.execute(
            f"WITH RECURSIVE numbers (n) AS ({numbers}) INSERT INTO generations {rows}"
        )
        db.commit()

    full = export(here, cut, most=12 * 1024 * 1024)
    left = cut.exists()
    rest = export(here, cut)
    export(here, whole)

    assert (full.returncode, left) == (1, False)
    assert "Traceback" not in full.stderr
    assert "Cannot write" in full.stderr
    assert "the same command goes on from there" in full.stderr
    assert rest.returncode == 0, rest.stderr
    assert "Going on after the first" in rest.stderr
    assert "Wrote 1,402 records" in rest.stdout
    assert cut.read_bytes() == whole.read_bytes()
    assert not list(here.folder.glob(".cut*"))
