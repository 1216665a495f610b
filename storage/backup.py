"""Backup and restore: the database, then the files its records point to.

A file lies there before its record does, so the files of a copied database are all there,
but for those that retention takes meanwhile. The note `backup.json` is written last: a
folder without it was cut off.
"""

import hashlib
import json
import os
from pathlib import Path, PurePosixPath

from bot.domain.upkeep import Copied
from bot.errors import AlreadyRunning, StorageError, WrongInput
from storage.faults import as_storage_error
from storage.files.checking import holds_its_name
from storage.files.keys import is_key
from storage.folders import make_folder, sync_folder
from storage.lock import OwnerLock
from storage.sqlite.copying import (
    copy_database,
    count_records,
    end_jobs,
    forget_files,
    is_used,
    stored_paths,
)

_DATABASE = "ideogram-bot.db"
_FILES = "images"
_NOTE = "backup.json"
# It may have been paid for and posted after the backup was made: nothing is done twice.
_UNFINISHED = (
    "This was unfinished when the backup was made that was restored. If its picture is "
    "missing, ask for it again."
)
_PIECE = 1024 * 1024


def back_up(database: Path, files: Path, folder: Path) -> Copied:
    """Copy everything to *folder*, while others work on it. Takes minutes; blocks.

    In the copy the records of lost files have none. Raises: WrongInput when there is
    something in the folder, StorageError.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongInput(f"{folder} is not empty. Name a folder that is new.")
    with as_storage_error(folder):
        make_folder(folder.absolute())
    copy = folder / _DATABASE
    copy_database(database, copy)
    copied = _copy_files(copy, files, folder / _FILES)
    if copied.lost:
        forget_files(copy, copied.lost)
    done = Copied(
        records=count_records(copy),
        files=copied.files,
        size_bytes=copied.size_bytes,
        # What nobody points to any more was deleted meanwhile, and rightly so.
        lost=tuple(path for path in copied.lost if is_used(database, path)),
    )
    _write_note(folder, done)
    return done


def restore(folder: Path, database: Path, files: Path) -> Copied:
    """Put a backup in place, where there is no database yet. Blocks.

    Raises: WrongInput when there is one, or *folder* is no backup; AlreadyRunning;
    StorageError.
    """
    promised = _read_note(folder)
    # Without its database a log is worth nothing, and to another one it is poison.
    if database.exists() or _beside(database, "-wal").exists():
        raise WrongInput(
            f"There is a database already: {database}. Put it aside first; restore "
            "overwrites nothing."
        )
    lock = OwnerLock(database)
    if not lock.try_acquire():
        raise AlreadyRunning("A run works on this database. Stop it first.")
    try:
        return _restore(folder, database, files, promised)
    finally:
        lock.release()


def _restore(folder: Path, database: Path, files: Path, promised: int) -> Copied:
    source = folder / _DATABASE
    part = _beside(database, ".part")
    for left_over in (part, _beside(part, "-wal"), _beside(part, "-shm")):
        left_over.unlink(missing_ok=True)  # by an earlier restore, cut off
    copy_database(source, part)
    records = count_records(part)
    if records != promised:
        raise StorageError(f"{source} has {records} records, not {promised}.")
    copied = _copy_files(part, folder / _FILES, files)
    if copied.lost:
        forget_files(part, copied.lost)
    end_jobs(part, _UNFINISHED)
    with as_storage_error(database):
        os.link(part, database)  # unlike a rename it never overwrites
        part.unlink()
        sync_folder(database.parent)
    return Copied(
        records=records,
        files=copied.files,
        size_bytes=copied.size_bytes,
        lost=copied.lost,
    )


def _beside(database: Path, ending: str) -> Path:
    return database.with_name(f"{database.name}{ending}")


def _copy_files(database: Path, source: Path, target: Path) -> Copied:
    files = size_bytes = 0
    lost = []
    for path in stored_paths(database):
        size = _copy_whole(source / path, target / path) if is_key(path) else None
        if size is None:
            lost.append(path)
        else:
            files += 1
            size_bytes += size
    os.sync()  # once for all of them
    return Copied(records=0, files=files, size_bytes=size_bytes, lost=tuple(lost))


def _copy_whole(source: Path, target: Path) -> int | None:
    """Copy a file that is what its name says; give its size, None when it is not."""
    with as_storage_error(target):
        if holds_its_name(target):
            return target.stat().st_size
        if target.exists():
            raise StorageError(f"{target} is damaged. Put it aside, then try again.")
        make_folder(target.parent.absolute())
        part = target.with_name(f".{target.name}.part")
        try:
            digest = _copy(source, part)
        except FileNotFoundError:
            return None
        if digest != PurePosixPath(source.name).stem:
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
