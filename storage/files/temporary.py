"""A file that is being written, out of sight, until it is whole and in its place.

Everything here blocks and runs on threads, one call at a time. While the file is written
it is locked, so that a process that tidies up knows it from one that a crash left behind.
"""

import fcntl
import hashlib
import os
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.faults import as_storage_error
from storage.folders import make_folder, sync_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The file in its final place."""

    sha256: str
    size_bytes: int


class TemporaryFile:
    """One file in *folder*, made by the first call that needs it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path: Path | None = None
        self._handle = -1
        self._digest = hashlib.sha256()
        self._size = 0
        # A call whose caller was cancelled still runs: the next one waits for it.
        self._turn = threading.Lock()

    def append(self, chunks: Sequence[bytes]) -> None:
        """Write *chunks* at the end. Raises: StorageError."""
        with self._turn, as_storage_error(self._folder):
            self._append(chunks)

    def place(self, chunks: Sequence[bytes], choose: Callable[[str], Path]) -> Placed:
        """Write the last *chunks*, then move the file to where *choose* puts its sha256.

        Durable when this returns. Raises: StorageError.
        """
        with self._turn, as_storage_error(self._folder):
            path = self._append(chunks)
            placed = Placed(sha256=self._digest.hexdigest(), size_bytes=self._size)
            target = choose(placed.sha256)
            os.fsync(self._handle)
            make_folder(target.parent)
            # Also over a file that is there: it may be old, and is about to be used again.
            path.replace(target)
            self._close()
            sync_folder(target.parent)
        return placed

    def discard(self) -> None:
        """Remove the file unless it was placed."""
        with self._turn, as_storage_error(self._folder):
            if self._path is not None:
                self._path.unlink(missing_ok=True)
                self._close()

    def _append(self, chunks: Sequence[bytes]) -> Path:
        path = self._path or self._open()
        piece = memoryview(b"".join(chunks))
        self._digest.update(piece)
        self._size += len(piece)
        while piece:
            piece = piece[os.write(self._handle, piece) :]
        return path

    def _open(self) -> Path:
        make_folder(self._folder)
        while self._path is None:
            path = self._folder / f"{secrets.token_hex(8)}.part"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            handle = os.open(path, flags, 0o666)
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.fstat(handle).st_nlink:
                self._path, self._handle = path, handle
            else:  # tidied up in the instant before it was locked
                os.close(handle)
        return self._path

    def _close(self) -> None:
        self._path = None
        os.close(self._handle)


def remove_left_over(folder: Path) -> int:
    """Remove the files that no process writes any more; count them."""
    removed = 0
    for path in folder.glob("*.part"):
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
            removed += 1
        except BlockingIOError:
            continue
        finally:
            os.close(handle)
    return removed
