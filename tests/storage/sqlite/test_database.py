"""Transactions: what is shared, what fails alone, what the operator hears."""

import asyncio
import shutil
import sqlite3
import stat
import threading
from contextlib import AsyncExitStack, closing, suppress
from datetime import timedelta

import pytest

from bot.errors import NotFound, StorageError
from storage.sqlite.database import open_database
from tests.fakes.waiting import until

ADD = "INSERT INTO once (key, done_at) VALUES (?, '')"
MOMENT = timedelta(milliseconds=50)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "bot.db"


@pytest.fixture
async def db(path):
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(open_database(path, busy_timeout=MOMENT))


def adding(key):
    return lambda db: db.execute(ADD, (key,)).rowcount


def keys(db):
    return [row["key"] for row in db.execute("SELECT key FROM once ORDER BY key")]


async def test_what_was_answered_is_read_at_once(db):
    await db.write(adding("a"))

    assert await db.read(keys) == ["a"]


async def test_it_is_set_up_for_durability(db):
    """WAL and a sync at every commit: what was acknowledged is never lost."""

    def settings(connection):
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [connection.execute(f"PRAGMA {n}").fetchone()[0] for n in names]

    assert await db.write(settings) == ["wal", 2, 1]


async def test_only_its_owner_may_read_the_file(db, path):
    """It holds the addresses by which people are answered."""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_failing_operation_fails_alone(db):
    """Strangers share a transaction: one's mistake is not the other's loss."""

    def failing(connection):
        connection.execute(ADD, ("lost",))
        raise NotFound("There is no such thing.")

    answers = await asyncio.gather(
        db.write(adding("a")),
        db.write(failing),
        db.write(lambda connection: connection.execute("no SQL")),
        db.write(adding("b")),
        return_exceptions=True,
    )

    assert [type(answer) for answer in answers] == [int, NotFound, StorageError, int]
    assert await db.read(keys) == ["a", "b"]


async def test_an_operation_that_ends_the_transaction_leaves_nobody_waiting(db):
    """A mistake in a store must not stop the bot."""

    def ending(connection):
        connection.execute("ROLLBACK")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.write(ending)

    await db.write(adding("a"))
    assert await db.read(keys) == ["a"]


async def test_callers_at_once_share_a_commit(db):
    """A hundred commands at once must not cost a hundred syncs of the disk."""
    held = asyncio.Event()
    loop = asyncio.get_running_loop()
    commits = []

    def watch(connection):
        connection.set_trace_callback(
            lambda sql: commits.append(sql) if sql == "COMMIT" else None
        )
        # The writer is busy here until the others stand in line.
        asyncio.run_coroutine_threadsafe(held.wait(), loop).result(timeout=10)

    watching = asyncio.ensure_future(db.write(watch))
    writing = [
        asyncio.ensure_future(db.write(adding(str(number)))) for number in range(100)
    ]
    await asyncio.sleep(0)
    held.set()
    await asyncio.gather(watching, *writing)

    assert len(await db.read(keys)) == 100
    assert len(commits) <= 2


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_it_is_idle_while_nobody_is_at_it(db, kind):
    """A sweep waits for that."""
    may_end = threading.Event()
    assert db.is_idle

    under_way = asyncio.ensure_future(getattr(db, kind)(lambda _: may_end.wait()))
    await asyncio.sleep(0)
    assert not db.is_idle
    may_end.set()
    await under_way

    assert db.is_idle


async def test_it_is_idle_after_a_failure(db):
    with pytest.raises(StorageError):
        await db.read(lambda connection: connection.execute("no SQL"))

    assert db.is_idle


async def test_the_log_goes_into_the_file_while_nobody_waits(path):
    """Within a commit everyone would wait for it, and for all the longer."""
    async with open_database(path):
        pass  # from now on its tables are in the file
    async with open_database(path) as db:
        await asyncio.gather(*(db.write(adding(str(n))) for n in range(600)))

        await until(lambda: in_the_file(path) == 600)


async def test_a_little_stays_in_the_log(path):
    """Copying after each commit would sync the disk three times for each."""
    async with open_database(path):
        pass
    async with open_database(path) as db:
        await db.write(adding("a"))
        await db.write(adding("b"))

        assert in_the_file(path) == 0


def in_the_file(path):
    """Count what the file holds without its log; nothing while it is being written."""
    alone = shutil.copyfile(path, path.with_name("alone.db"))
    with closing(sqlite3.connect(alone)) as db, suppress(sqlite3.DatabaseError):
        return db.execute("SELECT count(*) FROM once").fetchone()[0]


async def test_a_cancelled_caller_hears_of_it_after_its_operation(db):
    """Who holds a lock around a write may rely on it."""
    calling = asyncio.ensure_future(db.write(adding("a")))
    await asyncio.sleep(0)
    calling.cancel()

    with pytest.raises(asyncio.CancelledError):
        await calling

    assert await db.read(keys) == ["a"]


async def test_readers_cannot_write(db):
    with pytest.raises(StorageError):
        await db.read(adding("a"))


async def test_a_closed_database_says_so(path):
    async with open_database(path) as db:
        pass

    with pytest.raises(StorageError, match="closed"):
        await db.write(adding("a"))


async def test_what_waits_is_written_before_closing(path):
    async with open_database(path) as db:
        waiting = [asyncio.ensure_future(db.write(adding(str(n)))) for n in range(50)]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)

    async with open_database(path) as db:
        assert len(await db.read(keys)) == 50


async def test_another_writer_is_waited_for(path):
    """A terminal command and a live `run` write to one file."""
    async with open_database(path) as db:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            writing = asyncio.ensure_future(db.write(adding("a")))
            done, _ = await asyncio.wait([writing], timeout=0.05)
            other.execute("COMMIT")

            await writing

    assert not done


async def test_a_locked_database_is_said_and_harms_nothing(db, path):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked by another program") as error:
            await db.write(adding("a"))

    assert error.value.retryable
    await db.write(adding("b"))
    assert await db.read(keys) == ["b"]


async def test_reading_goes_on_while_another_writes(db, path):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        assert await db.read(keys) == []


async def test_a_full_disk_is_said_and_harms_nothing(db):
    """SQLite ends the whole transaction then; the connection works on."""

    def limit(connection, pages):
        connection.execute(f"PRAGMA max_page_count = {pages}")

    await db.write(lambda connection: limit(connection, 1))
    answers = await asyncio.gather(
        *(db.write(adding(str(number) * 5000)) for number in range(3)),
        return_exceptions=True,
    )
    await db.write(lambda connection: limit(connection, 10_000))
    await db.write(adding("b"))

    assert {type(answer) for answer in answers} == {StorageError}
    assert "is full" in str(answers[0])
    assert await db.read(keys) == ["b"]


async def test_a_folder_that_cannot_be_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StorageError, match="part of that path"):
        async with open_database(tmp_path / "file" / "bot.db"):
            pass


async def test_a_file_that_is_no_database_is_said(path):
    path.parent.mkdir()
    path.write_bytes(b"this is no database at all" * 100)

    with pytest.raises(StorageError, match="damaged or no database"):
        async with open_database(path):
            pass


async def test_a_folder_in_its_place_is_said(path):
    path.mkdir(parents=True)

    with pytest.raises(StorageError):
        async with open_database(path):
            pass


async def test_two_may_start_at_once(path):
    """`run` and a terminal command on a fresh machine."""
    async with AsyncExitStack() as stack:
        opened = await asyncio.gather(
            *(stack.enter_async_context(open_database(path)) for _ in range(4))
        )

        assert [await db.read(keys) for db in opened] == [[], [], [], []]
