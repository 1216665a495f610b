"""A second copy of the database file: made while others write, and proved whole."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from bot.errors import StorageError
from storage.faults import as_storage_error
from storage.sqlite.connection import connect, create_file
from storage.sqlite.migrations.apply import migrate

_WAIT = timedelta(seconds=10)
_PATHS = """
    SELECT stored_path FROM (
        SELECT DISTINCT stored_path FROM generations
        WHERE stored_path > :after ORDER BY stored_path LIMIT :limit
    )
    UNION SELECT stored_path FROM (
        SELECT DISTINCT stored_path FROM copies
        WHERE stored_path > :after ORDER BY stored_path LIMIT :limit
    )
    ORDER BY stored_path LIMIT :limit
"""
_IS_USED = """
    SELECT EXISTS (SELECT 1 FROM generations WHERE stored_path = :path)
    OR EXISTS (SELECT 1 FROM copies WHERE stored_path = :path)
"""
_FORGET = "UPDATE generations SET stored_path = NULL WHERE stored_path = :path"
_FORGET_COPY = "DELETE FROM copies WHERE stored_path = :path"  # to be made again
_END_JOBS = """
    UPDATE jobs SET state = 'failed', error = :error, error_kind = 'Restored', is_told = 1
    WHERE state IN ('held', 'queued', 'running', 'waiting', 'review')
"""
_HAS_CALLBACKS = "SELECT 1 FROM sqlite_master WHERE name = 'callbacks'"
# They can still be sent again, by hand.
_END_CALLBACKS = """
    UPDATE callbacks SET
        state = 'dead', last_error = 'Restored from a backup; it may have been sent since'
    WHERE state = 'pending'
"""
_COUNT = "SELECT count(*) FROM generations"


def copy_database(source: Path, target: Path) -> None:
    """Write the database as it stands at one moment to *target*; nobody waits for it."""
    create_file(target)
    with (
        as_storage_error(target),
        closing(_open(source)) as whole,
        closing(sqlite3.connect(target)) as copy,
    ):
        whole.backup(copy)


def count_records(path: Path) -> int:
    """Count the records of a database that is whole. Raises: StorageError."""
    with as_storage_error(path), closing(_open(path)) as db:
        (told,) = db.execute("PRAGMA integrity_check (1)").fetchone()
        if told != "ok":
            raise StorageError(f"The database {path} is damaged: {told}.")
        (count,) = db.execute(_COUNT).fetchone()
        return int(count)


def bring_up_to_date(path: Path) -> None:
    """Give a database that nobody works on the shape of this version."""
    with as_storage_error(path), closing(_open(path)) as db:
        migrate(db)


def stored_paths(path: Path, *, after: str, limit: int) -> list[str]:
    """Give files that records and copies point to, those behind *after*, sorted."""
    page = {"after": after, "limit": limit}
    with as_storage_error(path), closing(_open(path)) as db:
        return [row["stored_path"] for row in db.execute(_PATHS, page).fetchall()]


def is_used(path: Path, stored: str) -> bool:
    """Say whether a record or a copy points to that file."""
    with as_storage_error(path), closing(_open(path)) as db:
        (used,) = db.execute(_IS_USED, {"path": stored}).fetchone()
        return bool(used)


def forget_files(path: Path, stored: Sequence[str]) -> None:
    """Mark the records of these files as having none."""
    with as_storage_error(path), closing(_open(path)) as db:
        db.execute("BEGIN IMMEDIATE")
        mark_lost(db, stored)
        db.execute("COMMIT")


def end_jobs(path: Path, error: str) -> None:
    """End jobs and callbacks that were unfinished: whether they went on is not known."""
    with as_storage_error(path), closing(_open(path)) as db:
        db.execute(_END_JOBS, {"error": error})
        if db.execute(_HAS_CALLBACKS).fetchone():  # older backups have none
            db.execute(_END_CALLBACKS)
        db.commit()


def mark_lost(db: sqlite3.Connection, stored: Sequence[str]) -> None:
    """Mark the records of these files as having none, inside a transaction."""
    paths = [{"path": one} for one in stored]
    db.executemany(_FORGET, paths)
    db.executemany(_FORGET_COPY, paths)


def _open(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise StorageError(f"There is no database at {path}.")
    return connect(path, busy_timeout=_WAIT)
