"""Connections that only read, on threads of their own: the writer never waits for them."""

import asyncio
import queue
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from storage.faults import as_storage_error

Result = TypeVar("Result")

_THREADS = 3  # a report that scans must not stand in the way of a look-up


class Readers:
    """A few connections, opened when first needed."""

    def __init__(self, *, path: Path, open: Callable[[], sqlite3.Connection]) -> None:  # noqa: A002 - reads well at the caller's
        self._path = path
        self._open = open
        self._idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sqlite-reader")

    async def run(self, operation: Callable[[sqlite3.Connection], Result]) -> Result:
        """Give what *operation* read. Raises: StorageError."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._run, operation)

    async def stop(self) -> None:
        """Finish what runs, then close the connections."""
        await asyncio.to_thread(self._threads.shutdown)
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _run(self, operation: Callable[[sqlite3.Connection], Result]) -> Result:
        with as_storage_error(self._path):
            connection = self._take()
            try:
                return operation(connection)
            finally:
                self._idle.put(connection)

    def _take(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            connection = self._open()
            connection.execute("PRAGMA query_only = ON")
            return connection
