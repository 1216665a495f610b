"""One connection to the database file, with everything set that this program relies on."""

import os
import sqlite3
from datetime import timedelta
from pathlib import Path

from bot.errors import StorageError
from storage.faults import as_storage_error
from storage.folders import make_folder

OLDEST_SQLITE = (3, 34, 0)  # the first with the trigram tokenizer
_OWNER_ONLY = 0o600  # jobs hold the addresses by which people are answered: secrets


def create_file(path: Path) -> None:
    """Create an empty database file that only its owner may read, unless it exists."""
    with as_storage_error(path):
        make_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY))


def connect(path: Path, *, busy_timeout: timedelta) -> sqlite3.Connection:
    """Open a connection for one thread at a time; no transaction begins by itself."""
    with as_storage_error(path):
        connection = sqlite3.connect(
            path,
            timeout=busy_timeout.total_seconds(),
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StorageError(
            "The folder of the database takes no write-ahead log, as on some network "
            "drives. Move the database to a local disk."
        )
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    # What is deleted is overwritten: who is to be forgotten is not left in free pages.
    connection.execute("PRAGMA secure_delete = ON")
    # After a burst the log shrinks again to this.
    connection.execute("PRAGMA journal_size_limit = 33554432")


def check_sqlite(connection: sqlite3.Connection) -> None:
    """Raise StorageError when this SQLite lacks what the search needs."""
    try:
        connection.execute(
            "CREATE VIRTUAL TABLE temp.probe USING fts5 (text, tokenize = 'trigram')"
        )
        connection.execute("DROP TABLE temp.probe")
    except sqlite3.OperationalError as error:
        oldest = ".".join(str(part) for part in OLDEST_SQLITE)
        raise StorageError(
            f"Python's SQLite {sqlite3.sqlite_version} has no full-text search by parts "
            f"of words. Use a Python built with SQLite {oldest} or newer and FTS5."
        ) from error
