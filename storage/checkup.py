"""How database and folder are: looked at without changing them. Bounded by who asks."""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.domain.checkup import Finding, fail, ok, warn
from bot.errors import StorageError
from bot.opening import opened
from storage.faults import as_storage_error
from storage.files.bucket import Bucket
from storage.lock import OwnerLock

_MB = 1_000_000
_LITTLE, _TOO_LITTLE = 1000 * _MB, 100 * _MB
_DATABASE, _OWNER = "database", "database owner"
_FOLDER, _BUCKET = "folder of pictures", "bucket of pictures"


async def check_database(path: Path) -> Sequence[Finding]:
    """Judge the database file: whole, writable, with room; and who works on it."""
    if not await asyncio.to_thread(path.exists):
        return [await _check_folder(_DATABASE, path.parent, "It is made at the start.")]
    return [await _whole(path), *await asyncio.to_thread(_owner, path)]


async def check_folder(root: Path) -> Sequence[Finding]:
    """Judge the folder of pictures."""
    return [await _check_folder(_FOLDER, root, "Pictures can be kept.")]


async def check_bucket(bucket: Bucket) -> Sequence[Finding]:
    """Judge the bucket: an object is written, read, listed and deleted."""
    try:
        await bucket.check()
    except StorageError as error:
        return [fail(_BUCKET, error.text, "Correct FILES_URL, or the bucket's rights.")]
    return [ok(_BUCKET, "Objects can be written, read, listed and deleted.")]


async def _whole(path: Path) -> Finding:
    """Ask SQLite itself; on a cancellation it is interrupted."""
    try:
        with as_storage_error(path):
            async with opened(lambda: _open(path)) as connection:
                looking = asyncio.ensure_future(asyncio.to_thread(_quick, connection))
                try:
                    said = await asyncio.shield(looking)
                except asyncio.CancelledError:
                    connection.interrupt()
                    await asyncio.wait({looking})
                    looking.exception()
                    raise
    except StorageError as error:
        return fail(_DATABASE, error.text, "See README, Operation.")
    if said is not None:
        remedy = "Put it aside and bring back a backup: ideogram-bot restore."
        return fail(_DATABASE, f"It is damaged: {said}", remedy)
    free = await asyncio.to_thread(lambda: shutil.disk_usage(path.parent).free)
    return _room(_DATABASE, free, path.parent) or ok(
        _DATABASE, "It is whole and can be written."
    )


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=2,
        isolation_level=None,
        check_same_thread=False,
    )


def _quick(connection: sqlite3.Connection) -> str | None:
    """Give what is broken; None when nothing is. Tries to write, and takes it back."""
    (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        return str(said)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("PRAGMA user_version = 0")
    connection.execute("ROLLBACK")
    return None


def _owner(path: Path) -> list[Finding]:
    lock = OwnerLock(path)
    try:
        if lock.try_acquire():
            return [ok(_OWNER, "No run works on it at this moment.")]
    except StorageError as error:
        return [
            fail(_OWNER, error.text, "Give the bot's user the right to write there.")
        ]
    finally:
        lock.release()
    return [ok(_OWNER, "A run works on it, and it alone.")]


async def _check_folder(name: str, folder: Path, well: str) -> Finding:
    def look() -> int:
        there = next(p for p in [folder, *folder.parents] if p.exists())
        with as_storage_error(folder), tempfile.TemporaryFile(dir=there) as file:
            file.write(b"The bot may write here.")
            file.flush()
            return shutil.disk_usage(there).free

    try:
        free = await asyncio.to_thread(look)
    except StorageError as error:
        return fail(name, error.text, "Correct the path, or the folder's rights.")
    return _room(name, free, folder) or ok(name, f"{well} {free // _MB} MB are free.")


def _room(name: str, free: int, where: Path) -> Finding | None:
    text = f"Only {free // _MB} MB are free on the disk of {where}."
    remedy = "Free some space, or let pictures go sooner (RETENTION_DAYS)."
    if free < _TOO_LITTLE:
        return fail(name, text, remedy)
    return warn(name, text, remedy) if free < _LITTLE else None
