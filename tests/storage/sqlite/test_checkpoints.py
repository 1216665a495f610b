"""The write-ahead log goes into the file beside the writing, and never during a commit."""

import asyncio
import shutil
import sqlite3
from contextlib import closing, suppress

import pytest

from storage.sqlite.checkpoints import Checkpoints
from storage.sqlite.database import open_database
from tests.fakes.waiting import until

ADD = "INSERT INTO once (key, done_at) VALUES (?, '')"
MANY = 600


def adding(key):
    return lambda db: db.execute(ADD, (key,)).rowcount


def in_the_file(path):
    """Count what the file holds without its log; nothing while it is being written."""
    alone = shutil.copyfile(path, path.with_name("alone.db"))
    with closing(sqlite3.connect(alone)) as db, suppress(sqlite3.DatabaseError):
        return db.execute("SELECT count(*) FROM once").fetchone()[0]


@pytest.fixture
async def path(tmp_path):
    """A database whose tables are in the file, since it was closed."""
    path = tmp_path / "bot.db"
    async with open_database(path):
        pass
    return path


async def test_what_was_written_goes_into_the_file_meanwhile(path):
    async with open_database(path) as db:
        await asyncio.gather(*(db.write(adding(n)) for n in range(MANY)))

        await until(lambda: in_the_file(path) == MANY)


async def test_a_little_stays_in_the_log(path):
    """A checkpoint for each commit would sync the disk three times for each."""
    async with open_database(path) as db:
        await db.write(adding("a"))

        assert in_the_file(path) == 0


async def test_a_checkpoint_that_fails_is_followed_by_another(path):
    """Without room on the disk, say: the log grows until there is some."""
    opened = []

    def open_at_last() -> sqlite3.Connection:
        opened.append(len(opened))
        if len(opened) < 2:
            raise sqlite3.OperationalError("disk I/O error")
        return sqlite3.connect(path, check_same_thread=False)

    checkpoints = Checkpoints(open=open_at_last)
    async with open_database(path) as db:
        checkpoints.start()
        await db.write(adding("a"))
        checkpoints.after_commit(MANY)
        await until(lambda: opened == [0])

        checkpoints.after_commit(MANY * 2)

        await until(lambda: in_the_file(path) == 1)
        await asyncio.to_thread(checkpoints.stop)
