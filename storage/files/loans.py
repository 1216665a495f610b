"""Files that are being read: each under a name of its own, so that it may go meanwhile.

Each process has a folder for them, and a lock file beside it that says that it lives: what
a crash has left is removed at the next start. Everything here blocks.
"""

import fcntl
import os
import secrets
import shutil
from pathlib import Path

from storage.faults import as_storage_error
from storage.folders import make_folder


class Loans:
    """The files that this process has lent out, in a folder below *root*."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder: Path | None = None
        self._lock = -1

    def lend(self, file: Path) -> Path:
        """Give *file* another name. Raises: FileNotFoundError, StorageError."""
        name = self.new_name(file.suffix)
        try:
            os.link(file, name)
        except FileNotFoundError:
            raise
        except OSError:  # no second names on this disk
            with as_storage_error(file):
                shutil.copyfile(file, name)
        return name

    def new_name(self, suffix: str) -> Path:
        """Give a name for a file that is fetched. Raises: StorageError."""
        with as_storage_error(self._root):
            folder = self._folder or self._open()
        return folder / f"{secrets.token_hex(8)}{suffix}"

    def give_back(self, name: Path) -> None:
        """Remove a name. Raises: StorageError."""
        with as_storage_error(name):
            name.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the folder."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            _lock_of(self._folder).unlink(missing_ok=True)
            os.close(self._lock)
            self._folder = None

    def tidy(self) -> None:
        """Remove the folders of processes that are no more. Raises: StorageError."""
        with as_storage_error(self._root):
            for lock in self._root.glob("*.lock"):
                handle = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                    lock.unlink(missing_ok=True)
                except BlockingIOError:
                    continue
                finally:
                    os.close(handle)

    def _open(self) -> Path:
        make_folder(self._root)
        while self._folder is None:
            folder = self._root / secrets.token_hex(8)
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            handle = os.open(_lock_of(folder), flags, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.fstat(handle).st_nlink:
                folder.mkdir()
                self._folder, self._lock = folder, handle
            else:  # tidied up in the instant before it was locked
                os.close(handle)
        return self._folder


def _lock_of(folder: Path) -> Path:
    return folder.with_suffix(".lock")
