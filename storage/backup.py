"""Backup and restore: the database, then the files its records point to.

A file lies there before its record does, so the files of a copied database are all there,
but for those that retention takes meanwhile. The note `backup.json` is written last: a
folder without it was cut off.
"""

import asyncio
import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

from bot.domain.upkeep import Copied
from bot.errors import AlreadyRunning, NotFound, StorageError, WrongInput
from storage.faults import as_storage_error
from storage.files.bucket import Damaged
from storage.files.checking import holds_its_name
from storage.files.keys import is_key
from storage.files.local import LocalFiles
from storage.files.stored import StoredFiles
from storage.folders import make_folder, sync_folder
from storage.lock import OwnerLock
from storage.side_by_side import pages_of_paths, side_by_side
from storage.sqlite.copying import (
    bring_up_to_date,
    copy_database,
    count_records,
    end_jobs,
    forget_files,
    is_used,
)
from storage.sqlite.transfers import put_all

_DATABASE = "ideogram-bot.db"
_FILES = "images"
_NOTE = "backup.json"
# It may have been paid for and posted after the backup was made: nothing is done twice.
_UNFINISHED = (
    "This was unfinished when the backup was made that was restored. If its picture is "
    "missing, ask for it again."
)
_PIECE = 1024 * 1024


async def back_up(database: Path, files: StoredFiles, folder: Path) -> Copied:
    """Copy everything to *folder*, while others work on it. Takes minutes.

    In the copy the records of lost files have none. Raises: WrongInput when there is
    something in the folder, StorageError.
    """
    copy = folder / _DATABASE
    await asyncio.to_thread(_begin, database, folder)
    copied = await _copy_files(copy, files, folder / _FILES)
    return await asyncio.to_thread(_finish, database, folder, copied)


def _begin(database: Path, folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongInput(f"{folder} is not empty. Name a folder that is new.")
    with as_storage_error(folder):
        make_folder(folder.absolute())
    copy_database(database, folder / _DATABASE)


def _finish(database: Path, folder: Path, copied: Copied) -> Copied:
    copy = folder / _DATABASE
    if copied.lost:
        forget_files(copy, copied.lost)
    done = replace(
        copied,
        records=count_records(copy),
        # What nobody points to any more was deleted meanwhile, and rightly so.
        lost=tuple(path for path in copied.lost if is_used(database, path)),
    )
    _write_note(folder, done)
    return done


async def restore(
    folder: Path, database: Path, files: Path, *, has_bucket: bool = False
) -> Copied:
    """Put a backup in place, where there is no database yet.

    With *has_bucket* the folder *files* is where pictures wait to be moved there.
    Raises: WrongInput when there is one, or *folder* is no backup; AlreadyRunning;
    StorageError.
    """
    promised = await asyncio.to_thread(_check, folder, database)
    lock = OwnerLock(database)
    if not await asyncio.to_thread(lock.try_acquire):
        raise AlreadyRunning("A run works on this database. Stop it first.")
    try:
        part = _beside(database, ".part")
        records = await asyncio.to_thread(
            _open_copy, folder / _DATABASE, part, promised
        )
        copied = await _copy_files(part, LocalFiles(folder / _FILES), files)
        await asyncio.to_thread(_put_in_place, part, database, copied, has_bucket)
        return replace(copied, records=records)
    finally:
        lock.release()


def _check(folder: Path, database: Path) -> int:
    promised = _read_note(folder)
    # Without its database a log is worth nothing, and to another one it is poison.
    if database.exists() or _beside(database, "-wal").exists():
        raise WrongInput(
            f"There is a database already: {database}. Put it aside first; restore "
            "overwrites nothing."
        )
    return promised


def _open_copy(source: Path, part: Path, promised: int) -> int:
    for left_over in (part, _beside(part, "-wal"), _beside(part, "-shm")):
        left_over.unlink(missing_ok=True)  # by an earlier restore, cut off
    copy_database(source, part)
    records = count_records(part)
    if records != promised:
        raise StorageError(f"{source} has {records} records, not {promised}.")
    bring_up_to_date(part)
    return records


def _put_in_place(
    part: Path,
    database: Path,
    copied: Copied,
    has_bucket: bool,
) -> None:
    if copied.lost:
        forget_files(part, copied.lost)
    end_jobs(part, _UNFINISHED)
    put_all(part, has_bucket=has_bucket)
    with as_storage_error(database):
        os.link(part, database)  # unlike a rename it never overwrites
        part.unlink()
        sync_folder(database.parent)


def _beside(database: Path, ending: str) -> Path:
    return database.with_name(f"{database.name}{ending}")


async def _copy_files(database: Path, source: StoredFiles, target: Path) -> Copied:
    total = Copied(records=0, files=0, size_bytes=0)

    async def copy(path: str) -> int | None:
        if not is_key(path):
            return None
        try:
            async with source.on_disk(path) as file:
                return await asyncio.to_thread(_copy_whole, file, target / path)
        except (NotFound, Damaged):
            return await asyncio.to_thread(_size_of_whole, target / path)

    async for paths in pages_of_paths(database):
        sizes = await side_by_side(copy, paths)
        whole = [size for size in sizes if size is not None]
        lost = [path for path, size in zip(paths, sizes, strict=True) if size is None]
        total = Copied(
            records=0,
            files=total.files + len(whole),
            size_bytes=total.size_bytes + sum(whole),
            lost=(*total.lost, *lost),
        )
    await asyncio.to_thread(os.sync)  # once for all of them
    return total


def _size_of_whole(file: Path) -> int | None:
    with as_storage_error(file):
        return file.stat().st_size if holds_its_name(file) else None


def _copy_whole(source: Path, target: Path) -> int | None:
    """Copy a file that is what the target's name says; give its size, None when not."""
    if (size := _size_of_whole(target)) is not None:
        return size
    with as_storage_error(target):
        if target.exists():
            raise StorageError(f"{target} is damaged. Put it aside, then try again.")
        make_folder(target.parent.absolute())
        part = target.with_name(f".{target.name}.part")
        try:
            digest = _copy(source, part)
        except FileNotFoundError:
            return None
        if digest != target.stem:
            part.unlink()
            return None
        part.replace(target)
        return target.stat().st_size


def _copy(source: Path, target: Path) -> str:
    digest = hashlib.sha256()
    with source.open("rb") as original, target.open("wb") as copy:
        while piece := original.read(_PIECE):
            digest.update(piece)
            copy.write(piece)
    return digest.hexdigest()


def _write_note(folder: Path, done: Copied) -> None:
    note = {"records": done.records, "files": done.files, "size_bytes": done.size_bytes}
    part = folder / f"{_NOTE}.part"
    with as_storage_error(folder):
        part.write_text(f"{json.dumps(note)}\n")
        part.replace(folder / _NOTE)
        os.sync()


def _read_note(folder: Path) -> int:
    try:
        return int(json.loads((folder / _NOTE).read_text())["records"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WrongInput(
            f"{folder} is no finished backup: no {_NOTE} in it."
        ) from error
