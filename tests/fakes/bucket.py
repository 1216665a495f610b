"""A bucket in memory that can go away."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from bot.errors import NotFound, StorageError
from storage.files.bucket import Bucket, Damaged, StoredObject

AWAY = StorageError("The bucket does not answer.")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An object."""

    content: bytes
    content_type: str
    metadata: Mapping[str, str]
    modified_at: datetime


def _opened() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class FakeBucket(Bucket):
    """Remembers objects and what was asked; while *error* is set it says nothing else.

    What is asked while it is not *open* is done once it is.
    """

    objects: dict[str, Kept] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    error: StorageError | None = None
    is_open: asyncio.Event = field(default_factory=_opened)

    async def put(
        self,
        key: str,
        file: Path,
        *,
        sha256: str,
        content_type: str,
        metadata: Mapping[str, str],
    ) -> None:
        await self._ask("put", key)
        content = await asyncio.to_thread(file.read_bytes)
        assert hashlib.sha256(content).hexdigest() == sha256
        kept = Kept(
            content=content,
            content_type=content_type,
            metadata=dict(metadata),
            modified_at=datetime.now(UTC),
        )
        if self.objects.setdefault(key, kept).content != content:
            raise Damaged(f"{key} is damaged.")

    async def fetch(self, key: str, into: Path) -> None:
        await self._ask("fetch", key)
        if key not in self.objects:
            raise NotFound("gone")
        content = self.objects[key].content
        if hashlib.sha256(content).hexdigest() != PurePosixPath(key).stem:
            raise Damaged(f"{key} is damaged.")
        await asyncio.to_thread(into.write_bytes, content)

    async def find(self, key: str) -> StoredObject | None:
        await self._ask("find", key)
        return self._stored(key) if key in self.objects else None

    async def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            await self._ask("delete", key)
            self.objects.pop(key, None)

    async def list(self, *, after: str = "") -> AsyncIterator[list[StoredObject]]:
        await self._ask("list", after)
        found = sorted(key for key in self.objects if key > after)
        for start in range(0, len(found), 3):
            yield [self._stored(key) for key in found[start : start + 3]]

    async def link(self, key: str, *, expires: timedelta) -> str:
        return f"https://bucket.test/{key}?expires={expires.total_seconds():.0f}"

    async def put_aside(self, key: str) -> None:
        await self._ask("put_aside", key)
        if key in self.objects:
            name = f".damaged/{PurePosixPath(key).name}"
            self.objects[name] = self.objects.pop(key)

    async def check(self) -> None:
        await self._ask("check", "")

    async def _ask(self, what: str, key: str) -> None:
        self.asked.append((what, key))
        await self.is_open.wait()
        if self.error:
            raise self.error

    def damage(self, key: str) -> None:
        self.objects[key] = replace(self.objects[key], content=b"?")

    def _stored(self, key: str) -> StoredObject:
        kept = self.objects[key]
        return StoredObject(
            key=key, size_bytes=len(kept.content), modified_at=kept.modified_at
        )
