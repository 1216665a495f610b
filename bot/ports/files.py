"""Where the bytes of pictures live. Pure.

Every method may raise the errors of bot/errors.py and no other; named are the ones to
expect.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A whole file in its final place; `path` is relative to FILES_URL."""

    path: str
    sha256: str
    size_bytes: int


class Incoming(Protocol):
    """A file on its way in: invisible until `store` has made it whole and durable."""

    async def write(self, chunk: bytes) -> None:
        """Append *chunk*. Raises: StorageError (disk full, folder not writable)."""

    async def store(self, content_type: str, *, created_at: datetime) -> StoredFile:
        """Put the file in its final place, named by its content; fsynced.

        Raises: StorageError.
        """


class Files(Protocol):
    """Where the bytes of pictures live."""

    async def require_room(self) -> None:
        """Say nothing when a picture can be kept. Raises: StorageError."""

    def receive(self) -> AbstractAsyncContextManager[Incoming]:
        """Open a new incoming file; what was not stored is removed at the end."""

    def on_disk(self, path: str) -> AbstractAsyncContextManager[Path]:
        """Give a stored file as one on this machine, to read, for the time of the block.

        Fetched from the bucket when it is there alone. Raises: NotFound when the path is
        none of ours or the file is gone, StorageError.
        """

    async def link(self, path: str) -> str | None:
        """Give an address that shows the file to who has it; None when there is none."""

    async def delete(self, path: str) -> bool:
        """Remove a stored file; False when it was gone already. Raises: StorageError."""
