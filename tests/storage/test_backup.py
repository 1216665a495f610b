"""A copy made while others work is whole, and goes back only where nothing is."""

import asyncio
import json
import stat
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.job import JobState
from bot.domain.upkeep import Copied
from bot.errors import AlreadyRunning, StorageError, WrongInput
from storage.backup import back_up, restore
from storage.files.local import LocalFiles
from storage.lock import OwnerLock
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobQueue
from storage.sqlite.records import SqliteRecords
from tests.fakes.values import make_job, make_record


@dataclass
class House:
    """An open database with its files, as a run has it."""

    database: Path
    images: Path
    records: SqliteRecords
    files: LocalFiles

    async def keep(self, name, content=b"picture"):
        async with self.files.receive() as incoming:
            await incoming.write(content)
            stored = await incoming.store("image/png", created_at=datetime.now(UTC))
        record = make_record(
            id=f"{name}-1", stored_path=stored.path, size_bytes=stored.size_bytes
        )
        await self.records.add([record])
        return record

    async def back_up(self, folder):
        return await back_up(self.database, self.files, folder)


@pytest.fixture
async def house(tmp_path):
    async with AsyncExitStack() as stack:
        path = tmp_path / "bot.db"
        db = await stack.enter_async_context(open_database(path))
        records = SqliteRecords(db=db)
        files = LocalFiles(tmp_path / "images", find_unused=records.find_unused)
        yield House(
            database=path, images=tmp_path / "images", records=records, files=files
        )


async def kept(path):
    async with open_database(path) as db:
        return [record async for record in SqliteRecords(db=db).all()]


async def test_there_and_back(house, tmp_path):
    """Records and bytes; two records of one file are one file."""
    records = [
        await house.keep("a"),
        await house.keep("b"),
        await house.keep("c", b"x"),
    ]

    made = await house.back_up(tmp_path / "copy")
    new = tmp_path / "new" / "bot.db"
    back = await restore(tmp_path / "copy", new, tmp_path / "new" / "images")

    assert made == back == Copied(records=3, files=2, size_bytes=8)
    assert await kept(new) == records
    for record in records:
        copy = tmp_path / "new" / "images" / record.stored_path
        assert copy.read_bytes() == (house.images / record.stored_path).read_bytes()
    assert stat.S_IMODE(new.stat().st_mode) == 0o600
    assert sorted(path.name for path in new.parent.iterdir() if path.is_file()) == [
        "bot.db",
        "bot.db.lock",
    ]


async def test_an_unfinished_job_is_not_done_a_second_time(house, tmp_path):
    """After the backup it may have been paid for and posted: nobody knows."""
    async with open_database(house.database) as db:
        await SqliteJobQueue(db=db).submit(
            make_job(id="0unfinished", state=JobState.QUEUED)
        )
    await house.back_up(tmp_path / "copy")

    await restore(
        tmp_path / "copy", tmp_path / "new" / "bot.db", tmp_path / "new" / "images"
    )

    async with open_database(tmp_path / "new" / "bot.db") as db:
        queue = SqliteJobQueue(db=db)
        [job] = await queue.jobs()
        assert (job.state, job.error_kind) == (JobState.FAILED, "Restored")
        assert (await queue.unfinished(), await queue.untold()) == ([], [])


async def test_a_copy_made_while_others_write_is_one_moment(house, tmp_path):
    """Every record in it has its file, and none was lost before it."""
    before = [await house.keep(f"before{n}", b"%d" % n) for n in range(20)]

    async def draw():
        for n in range(100):
            await house.keep(f"while{n:03}", b"while %d" % n)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(draw())
        made = await house.back_up(tmp_path / "copy")

    copied = await kept(tmp_path / "copy" / "ideogram-bot.db")
    assert made.lost == ()
    assert copied[:20] == before
    names = [record.id for record in copied[20:]]
    assert names == [f"while{n:03}-1" for n in range(len(names))]
    assert all(
        (tmp_path / "copy" / "images" / record.stored_path).is_file()
        for record in copied
    )


async def test_what_is_lost_is_named_and_not_pretended(house, tmp_path):
    """In the copy no record points to a file that is not whole."""
    gone, damaged, whole = [await house.keep(n, n.encode()) for n in ("a", "b", "c")]
    (house.images / gone.stored_path).unlink()
    (house.images / damaged.stored_path).write_bytes(b"?")

    made = await house.back_up(tmp_path / "copy")

    assert set(made.lost) == {gone.stored_path, damaged.stored_path}
    copied = await kept(tmp_path / "copy" / "ideogram-bot.db")
    assert [r.stored_path for r in copied] == [None, None, whole.stored_path]
    assert [r.stored_path async for r in house.records.all()] == [
        gone.stored_path,
        damaged.stored_path,
        whole.stored_path,
    ]


async def test_a_folder_with_something_in_it_is_refused(house, tmp_path):
    folder = tmp_path / "copy"
    await house.back_up(folder)

    with pytest.raises(WrongInput, match="not empty"):
        await house.back_up(folder)


async def test_without_a_database_there_is_nothing_to_back_up(tmp_path):
    with pytest.raises(StorageError, match="no database"):
        await back_up(tmp_path / "bot.db", LocalFiles(tmp_path), tmp_path / "copy")


async def test_restore_overwrites_nothing(house, tmp_path):
    await house.keep("a")
    await house.back_up(tmp_path / "copy")
    await house.keep("b")

    with pytest.raises(WrongInput, match="already"):
        await restore(tmp_path / "copy", house.database, house.images)

    assert len(await kept(house.database)) == 2


async def test_a_log_left_alone_is_in_the_way(house, tmp_path):
    """SQLite would read it into the restored database."""
    await house.back_up(tmp_path / "copy")
    (tmp_path / "new.db-wal").write_bytes(b"old")

    with pytest.raises(WrongInput, match="already"):
        await restore(tmp_path / "copy", tmp_path / "new.db", tmp_path / "new")


async def test_restore_waits_for_no_run(house, tmp_path):
    await house.back_up(tmp_path / "copy")
    lock = OwnerLock(tmp_path / "new.db")
    lock.try_acquire()

    with pytest.raises(AlreadyRunning):
        await restore(tmp_path / "copy", tmp_path / "new.db", tmp_path / "new")

    lock.release()
    assert not (tmp_path / "new.db").exists()


async def test_a_backup_that_was_cut_off_is_none(house, tmp_path):
    await house.back_up(tmp_path / "copy")
    (tmp_path / "copy" / "backup.json").unlink()

    with pytest.raises(WrongInput, match="no finished backup"):
        await restore(tmp_path / "copy", tmp_path / "new.db", tmp_path / "new")


async def test_a_backup_with_other_numbers_is_refused(house, tmp_path):
    await house.back_up(tmp_path / "copy")
    note = {"records": 7, "files": 0, "size_bytes": 0}
    (tmp_path / "copy" / "backup.json").write_text(json.dumps(note))

    with pytest.raises(StorageError, match="not 7"):
        await restore(tmp_path / "copy", tmp_path / "new.db", tmp_path / "new")

    assert not (tmp_path / "new.db").exists()


async def test_a_damaged_copy_is_refused(house, tmp_path):
    for n in range(50):
        await house.keep(f"a{n}")
    await house.back_up(tmp_path / "copy")
    database = tmp_path / "copy" / "ideogram-bot.db"
    content = bytearray(database.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    database.write_bytes(content)

    with pytest.raises(StorageError, match="damaged"):
        await restore(tmp_path / "copy", tmp_path / "new.db", tmp_path / "new")

    assert not (tmp_path / "new.db").exists()


async def test_a_restore_that_was_cut_off_goes_on(house, tmp_path):
    """What an earlier one left is taken over where it is right, else written anew."""
    record = await house.keep("a")
    await house.back_up(tmp_path / "copy")
    (tmp_path / "new.db.part").write_bytes(b"half")
    (tmp_path / "new.db.part-wal").write_bytes(b"old")
    half = tmp_path / "new" / record.stored_path
    half.parent.mkdir(parents=True)
    half.with_name(f".{half.name}.part").write_bytes(b"pic")

    await restore(tmp_path / "copy", tmp_path / "new.db", tmp_path / "new")

    assert half.read_bytes() == b"picture"
    assert [path.name for path in half.parent.iterdir()] == [half.name]


async def test_a_damaged_file_in_the_way_is_named(house, tmp_path):
    record = await house.keep("a")
    await house.back_up(tmp_path / "copy")
    other = tmp_path / "new" / record.stored_path
    other.parent.mkdir(parents=True)
    other.write_bytes(b"?")

    with pytest.raises(StorageError, match="damaged"):
        await restore(tmp_path / "copy", tmp_path / "new.db", tmp_path / "new")

    assert other.read_bytes() == b"?"
