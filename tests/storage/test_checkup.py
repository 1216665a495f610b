"""How database and folder are, without changing them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.checkup import Finding, Verdict
from storage.checkup import check_database, check_folder
from storage.lock import OwnerLock
from storage.sqlite.database import open_database


def verdicts(found: list[Finding]) -> dict[str, Verdict]:
    return {one.name: one.verdict for one in found}


def content(path: Path) -> bytes:
    return path.read_bytes()


def tear(path: Path) -> None:
    """Tear pages out of the middle."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    torn = bytearray(path.read_bytes())
    torn[8192:32768] = b"\xff" * (32768 - 8192)
    path.write_bytes(torn)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    made = tmp_path / "bot.db"
    async with open_database(made):
        pass
    return made


async def test_a_whole_database_is_fine_and_unchanged(path: Path):
    before = content(path)

    found = await check_database(path)

    assert verdicts(found) == {"database": Verdict.OK, "database owner": Verdict.OK}
    assert content(path) == before


async def test_one_that_is_not_there_yet_is_not_made(tmp_path: Path):
    path = tmp_path / "data" / "bot.db"

    found = await check_database(path)

    assert verdicts(found) == {"database": Verdict.OK}
    assert not path.parent.exists()


async def test_a_damaged_one_is_named(path: Path):
    tear(path)

    [found, *_] = await check_database(path)

    assert found.verdict is Verdict.FAIL
    assert "damaged" in found.text


async def test_one_that_is_locked_is_named(path: Path):
    """Another program holds a write for longer than is waited."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        [found, *_] = await check_database(path)

    assert found.verdict is Verdict.FAIL
    assert "locked" in found.text


async def test_a_run_that_owns_it_is_seen(path: Path):
    lock = OwnerLock(path)
    lock.try_acquire()

    [_, owner] = await check_database(path)
    lock.release()

    assert owner.text == "A run works on it, and it alone."


async def test_a_folder_that_is_a_file_is_named(tmp_path: Path):
    file = tmp_path / "images"
    file.write_bytes(b"")

    [good] = await check_folder(tmp_path / "others")
    [bad] = await check_folder(file)

    assert (good.verdict, bad.verdict) == (Verdict.OK, Verdict.FAIL)
    assert names(tmp_path) == [file.name]
