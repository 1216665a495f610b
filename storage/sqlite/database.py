"""The database file: one writer thread, readers of their own.

A public method of a store is one call here, and one transaction. SQL is in the stores.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from storage.faults import as_storage_error
from storage.sqlite.connection import check_sqlite, connect, create_file
from storage.sqlite.migrations.apply import migrate
from storage.sqlite.readers import Readers
from storage.sqlite.writer import Writer

Result = TypeVar("Result")

BUSY_TIMEOUT = timedelta(seconds=10)


class Database:
    """An open database; `open_database` gives it."""

    def __init__(self, *, path: Path, writer: Writer, readers: Readers) -> None:
        self.path = path
        self._writer = writer
        self._readers = readers
        self._under_way = 0

    @property
    def is_idle(self) -> bool:
        """Whether nobody in this program is reading or writing."""
        return not self._under_way

    async def write(self, operation: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run *operation* in a transaction; durable when this returns.

        Any exception takes back what the operation wrote, and nothing else.
        Raises: StorageError and what *operation* raises.
        """
        with self._counted():
            result: Result = await self._writer.run(operation)
        return result

    async def read(self, operation: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run *operation*, which only reads; it sees every write that was answered."""
        with self._counted():
            return await self._readers.run(operation)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1


@asynccontextmanager
async def open_database(
    path: Path, *, busy_timeout: timedelta = BUSY_TIMEOUT
) -> AsyncIterator[Database]:
    """Open the database at *path*, made and brought up to date where needed.

    *busy_timeout* is how long to wait for another program that writes.
    Raises: StorageError.
    """

    def reading() -> sqlite3.Connection:
        return connect(path, busy_timeout=busy_timeout)

    def writing() -> sqlite3.Connection:
        create_file(path)
        connection = reading()
        try:
            with as_storage_error(path):
                check_sqlite(connection)
                migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    writer = Writer(path=path, open=writing)
    await writer.start()
    readers = Readers(path=path, open=reading)
    try:
        yield Database(path=path, writer=writer, readers=readers)
    finally:
        try:
            await readers.stop()
        finally:
            await writer.stop()
