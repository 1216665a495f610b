"""Kept pictures as upkeep sees them: retention, imports, checks and backups.

More than the port Files, which is all that jobs need. The folder and the bucket each
implement it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.ports.files import Files

Forget = Callable[[Sequence[str]], Awaitable[None]]
Size = tuple[str, int | None]  # a stored path and, where it is known, its size in bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """What was deleted."""

    files: int = 0
    size_bytes: int = 0


class StoredFiles(Files, Protocol):
    """Files, with what upkeep needs. Every method may raise StorageError."""

    async def prepare(self) -> int:
        """Make ready at a start, tidy up after a crash; count what it had left."""

    def here(self, path: str) -> Path | None:
        """Give the file where people find it; None when it is not on this machine."""

    def holding(self, paths: Sequence[str]) -> AbstractAsyncContextManager[None]:
        """Keep these from being deleted while their records are written down.

        Raises: DownloadFailed when one is gone already.
        """

    def holding_whole(
        self, sizes: Collection[Size]
    ) -> AbstractAsyncContextManager[set[Size]]:
        """Keep those that are here and have their size from being deleted; give them."""

    async def delete_unused(
        self, paths: Sequence[str], *, stored_before: datetime | None = None
    ) -> Deleted:
        """Remove those of *paths* that no record has, stored before that moment."""

    def stored_before(
        self, moment: datetime, *, after: str = ""
    ) -> AsyncIterator[list[str]]:
        """Give the paths of all files stored before *moment*, sorted, in batches.

        Those up to *after* are left out.
        """

    async def absent(self, paths: Sequence[str]) -> list[str]:
        """Give those of *paths* whose file is certainly gone."""

    async def put_aside(self, paths: Sequence[str], *, forget: Forget) -> int:
        """Put damaged files aside; *forget* is told of all that are not whole; count."""
