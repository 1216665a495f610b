"""Pictures in a bucket: S3 and what speaks like it, Google Cloud Storage, Azure blobs.

One small client over obstore. Every call is bounded in time and made once: who calls
repeats what is worth it. Nothing here knows records or the folder of this machine.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object in the bucket; `key` is relative to FILES_URL, like a stored path."""

    key: str
    size_bytes: int
    modified_at: datetime


def open_bucket(
    url: str, *, environment: Mapping[str, str], endpoint: str | None = None
) -> "Bucket":
    """Give the bucket of FILES_URL, not yet spoken to; `check` does that.

    *environment* holds the credentials by the names that each cloud's own tools read.
    Raises: StorageError when they make no sense.
    """
    raise NotImplementedError


class Bucket:
    """One bucket. Every method may raise StorageError, whose text names the bucket."""

    async def put(
        self,
        key: str,
        file: Path,
        *,
        sha256: str,
        content_type: str,
        metadata: Mapping[str, str],
    ) -> None:
        """Store *file* whole under *key* unless it is there already; may be repeated."""
        raise NotImplementedError

    async def fetch(self, key: str, into: Path) -> None:
        """Write the object to *into*, checked against its name. Raises: NotFound."""
        raise NotImplementedError

    async def find(self, key: str) -> StoredObject | None:
        """Give what the bucket says of *key*; None only when it certainly has none."""
        raise NotImplementedError

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; one that is gone already is fine."""
        raise NotImplementedError

    async def put_aside(self, key: str) -> None:
        """Move a damaged object to `.damaged/` and its name; fine when it is gone.

        What was put aside under that name before may be replaced.
        """
        raise NotImplementedError

    def list(self, *, after: str = "") -> AsyncIterator[list[StoredObject]]:
        """Give all objects behind *after*, sorted by key, in pages."""
        raise NotImplementedError

    async def link(self, key: str, *, expires: timedelta) -> str:
        """Give a signed address that shows the object until it expires."""
        raise NotImplementedError

    async def check(self) -> None:
        """Say nothing when objects can be written, read and deleted."""
        raise NotImplementedError
