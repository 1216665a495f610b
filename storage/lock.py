"""Which process works the jobs of a database: the one that holds its lock file.

The kernel lets go of the lock when the process ends, however it ends. The file stays:
removing it would let two processes each hold a lock on a file of the same name.
"""

import fcntl
import os
import time
from pathlib import Path

from storage.faults import as_storage_error
from storage.folders import make_folder

# A process that is just ending may hold it an instant longer: no reason to give up.
_TRIES = 5
_PAUSE_S = 0.02


class OwnerLock:
    """The lock of the database at *path*, whatever links lead to it."""

    def __init__(self, path: Path) -> None:
        path = path.resolve()
        self._path = path.with_name(f"{path.name}.lock")
        self._handle: int | None = None

    def try_acquire(self) -> bool:
        """Take the lock; False when another process has it. Raises: StorageError."""
        if self._handle is not None:
            return True
        handle = self._open()
        for _ in range(_TRIES):
            if _try_lock(handle, fcntl.LOCK_EX):
                self._handle = handle
                return True
            time.sleep(_PAUSE_S)
        os.close(handle)
        return False

    def release(self) -> None:
        """Give the lock back, if it is held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _open(self) -> int:
        with as_storage_error(self._path):
            make_folder(self._path.parent)
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try_lock(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
