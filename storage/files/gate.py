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
_LONGEST_WAIT_S = 30


class Gate:
    """One gate for the folder of the lock file at *path*."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = asyncio.Lock()  # who wants to delete keeps newcomers waiting

    @asynccontextmanager
    async def recording(self) -> AsyncIterator[None]:
        """While this is held no file is deleted. Raises: StorageError."""
        async with self._turn:
            handle = await self._lock(fcntl.LOCK_SH)
        try:
            yield
        finally:
            os.close(handle)

    @asynccontextmanager
    async def deleting(self) -> AsyncIterator[None]:
        """While this is held no record is written down. Raises: StorageError."""
        async with self._turn:
            handle = await self._lock(fcntl.LOCK_EX)
            try:
                yield
            finally:
                os.close(handle)

    async def _lock(self, kind: int) -> int:
        # Free as a rule, and then taken in microseconds: not worth a thread.
        with as_storage_error(self._path):
            make_folder(self._path.parent)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            async with asyncio.timeout(_LONGEST_WAIT_S):
                while not _try_lock(handle, kind):  # noqa: ASYNC110 - no event for this
                    await asyncio.sleep(_PAUSE_S)
        except BaseException as error:
            os.close(handle)
            if isinstance(error, TimeoutError):
                raise StorageError(
                    "Another program keeps the folder of the pictures locked. "
                    "End it, or try again in a moment."
                ) from error
            raise
        return handle


def _try_lock(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
