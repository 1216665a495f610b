"""The thread that writes, and those who wait for it."""

import asyncio
import sqlite3
import threading

import pytest

from storage.sqlite.writer import Writer


async def test_a_start_that_is_cut_short_leaves_nothing_open(tmp_path):
    """A signal may come while the database is being opened."""
    path = tmp_path / "bot.db"
    begun, may_go_on = threading.Event(), threading.Event()
    opened = []

    def open_slowly() -> sqlite3.Connection:
        opened.append(sqlite3.connect(path, check_same_thread=False))
        begun.set()
        may_go_on.wait()
        return opened[0]

    writer = Writer(path=path, open=open_slowly)
    starting = asyncio.ensure_future(writer.start())
    await asyncio.to_thread(begun.wait)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting

    may_go_on.set()
    await writer.stop()

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")
