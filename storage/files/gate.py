"""Keeps apart: writing a record down for a stored file, and deleting files without one.

Without it a file could go in the instant between its being stored and its record being
written down, because the record that had the same bytes before was just deleted. Many may
record at once; who deletes is alone, among all processes on this folder.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.errors import StorageError
from storage.faults import as_storage_error
from storage.folders import make_folder

_PAUSE_S = 0.005
_IN_TURN_S = 0.5  # so long who wants to delete keeps newcomers waiting
_LONGEST_WAIT_S = 30


class Gate:
    """One gate for the folder of the lock file at *path*."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = asyncio.Lock()  # who wants to delete keeps newcomers waiting

    @asynccontextmanager
    async def recording(self) -> AsyncIterator[None]:
        """While this is held no file is deleted. Raises: StorageError."""
        handle = self._open()
        try:
            async with self._turn:
                await _lock(handle, fcntl.LOCK_SH)
            yield
        finally:
            os.close(handle)

    @asynccontextmanager
    async def deleting(self) -> AsyncIterator[None]:
        """While this is held no record is written down. Raises: StorageError."""
        handle = self._open()
        try:
            if not await self._lock_in_turn(handle):
                # Another program records for long: nobody here shall wait for that.
                await _lock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    async def _lock_in_turn(self, handle: int) -> bool:
        async with self._turn:
            try:
                async with asyncio.timeout(_IN_TURN_S):
                    await _lock(handle, fcntl.LOCK_EX)
            except TimeoutError:
                return False
        return True

    def _open(self) -> int:
        # Microseconds as a rule: not worth a thread.
        with as_storage_error(self._path):
            make_folder(self._path.parent)
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


async def _lock(handle: int, kind: int) -> None:
    """Take the lock; it goes with *handle*. Raises: StorageError."""
    waiting_since = asyncio.get_running_loop().time()
    while not _try_lock(handle, kind):
        if asyncio.get_running_loop().time() - waiting_since > _LONGEST_WAIT_S:
            raise StorageError(
                "Another program keeps the folder of the pictures locked. "
                "End it, or try again in a moment."
            )
        await asyncio.sleep(_PAUSE_S)


def _try_lock(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
