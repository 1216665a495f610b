"""Pictures in a folder of this machine.

A file is written beside its final place and moved there once it is whole and durable, so
that a crash leaves something to tidy up and never half a picture.
"""

import asyncio
import errno
import math
import os
import shutil
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterator,
    Sequence,
)
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import chain, count, islice
from pathlib import Path
from typing import TypeVar

from bot.errors import DownloadFailed, NotFound
from bot.ports.files import StoredFile
from storage.faults import as_storage_error
from storage.files.checking import holds_its_name
from storage.files.gate import Gate
from storage.files.keys import inside, is_key, stored_path
from storage.files.stored import Deleted, Forget, Size
from storage.files.temporary import TemporaryFile, remove_left_over
from storage.folders import make_folder, sync_folder

Result = TypeVar("Result")
FindUnused = Callable[[Sequence[str]], Awaitable[Sequence[str]]]

# A trip to a thread costs more than writing a small chunk: they are gathered up to this.
_PIECE = 512 * 1024
_BATCH = 500
# The largest picture that is downloaded, and some for its row.
LEAST_FREE_BYTES = 64 * 1024 * 1024


class LocalFiles:
    """Implements StoredFiles.

    *find_unused* gives those of some stored paths that no record has; without it nobody
    is asked before a file is deleted. *public_url* is where others find the folder.
    """

    def __init__(
        self,
        root: Path,
        *,
        find_unused: FindUnused | None = None,
        least_free_bytes: int = LEAST_FREE_BYTES,
        public_url: str | None = None,
    ) -> None:
        self._root = root
        self._public_url = public_url
        self._least_free_bytes = least_free_bytes
        self._incoming = root / ".incoming"
        self._damaged = root / ".damaged"
        self._gate = Gate(self._incoming / "lock")
        self._find_unused = find_unused

    async def prepare(self) -> int:
        """Make the folder, tidy up after a crash; count the files that it had left.

        Raises: StorageError when nothing can be written there.
        """
        return await _on_thread(self._prepare)

    async def require_room(self) -> None:
        """Say nothing when a picture can be kept. Raises: StorageError."""
        # Microseconds as a rule: not worth a thread.
        with as_storage_error(self._root):
            make_folder(self._incoming)
            if shutil.disk_usage(self._incoming).free < self._least_free_bytes:
                raise OSError(errno.ENOSPC, "too little is free", str(self._root))
            if not os.access(self._incoming, os.W_OK):
                raise PermissionError(errno.EACCES, "not writable", str(self._root))

    @asynccontextmanager
    async def receive(self) -> AsyncIterator["LocalIncoming"]:
        """Open a new incoming file; what was not stored is removed at the end."""
        incoming = LocalIncoming(root=self._root, folder=self._incoming)
        try:
            yield incoming
        finally:
            await incoming.discard()

    def local_path(self, path: str) -> Path:
        """Give the file for a stored path. Raises: NotFound when it leaves the folder."""
        return self._root / inside(path)

    @asynccontextmanager
    async def on_disk(self, path: str) -> AsyncIterator[Path]:
        """Give the file for a stored path. Raises: NotFound when it is gone."""
        file = self.local_path(path)
        if not file.is_file():
            raise NotFound("The kept picture is gone: its file was deleted.")
        yield file

    async def link(self, path: str) -> str | None:
        """Give the file's public address, where the folder has one. Raises: NotFound."""
        return f"{self._public_url}/{inside(path)}" if self._public_url else None

    @asynccontextmanager
    async def holding(self, paths: Sequence[str]) -> AsyncIterator[None]:
        """Keep these files from being deleted while their records are written down.

        Raises: DownloadFailed when one is gone already: it must be fetched again.
        """
        async with self._gate.recording():
            if not all(self.local_path(path).is_file() for path in paths):
                raise DownloadFailed(
                    "The kept picture was deleted before its record was written down. "
                    "It is fetched again."
                )
            yield

    @asynccontextmanager
    async def holding_whole(self, sizes: Collection[Size]) -> AsyncIterator[set[Size]]:
        """Keep the files that are here and have their size from being deleted; give them."""
        async with self._gate.recording():
            yield await _on_thread(lambda: self._whole(sizes))

    async def delete(self, path: str) -> bool:
        """Remove a stored file that no record has; False when there was none to remove.

        Raises: StorageError.
        """
        return (await self.delete_unused([path])).files > 0

    async def delete_unused(
        self, paths: Sequence[str], *, stored_before: datetime | None = None
    ) -> Deleted:
        """Remove those of *paths* that no record has, and that were stored long enough ago.

        Raises: StorageError.
        """
        choose = self._find_unused or _all
        return await self.remove(paths, choose=choose, stored_before=stored_before)

    async def remove(
        self,
        paths: Sequence[str],
        *,
        choose: FindUnused,
        stored_before: datetime | None = None,
    ) -> Deleted:
        """Remove those of *paths* that *choose* gives, stored before that moment.

        No record is written down from its being asked on. Raises: StorageError.
        """
        async with self._gate.deleting():
            chosen = await choose(paths)
            return await _on_thread(lambda: self._unlink(chosen, stored_before))

    def here(self, path: str) -> Path | None:
        """Give the file of a stored path where people find it; None when it is gone."""
        file = self.local_path(path)
        return file if file.is_file() else None

    def not_since(self, paths: Sequence[str], moment: datetime | None) -> Sequence[str]:
        """Give those of *paths* that were not stored since that moment. Blocks."""
        if moment is None:
            return paths
        newest = moment.timestamp()
        return [p for p in paths if not _is_since(self.local_path(p), newest)]

    async def absent(self, paths: Sequence[str]) -> list[str]:
        """Give those of *paths* whose file is gone."""
        return await _on_thread(
            lambda: [path for path in paths if not self.local_path(path).is_file()]
        )

    async def put_aside(self, paths: Sequence[str], *, forget: Forget) -> int:
        """Put damaged files aside; *forget* is told of all that are not whole; count them.

        No record is written down meanwhile. Raises: StorageError.
        """
        async with self._gate.deleting():
            lost = await _on_thread(lambda: self._put_aside(paths))
            await forget(lost)
        return len(lost)

    async def stored_before(
        self, moment: datetime, *, after: str = ""
    ) -> AsyncIterator[list[str]]:
        """Give the paths of all files stored before *moment*, sorted, in batches."""
        paths = self._walk(moment, after)
        while batch := await _on_thread(lambda: list(islice(paths, _BATCH))):
            yield batch

    # --- on threads ---------------------------------------------------------

    def _prepare(self) -> int:
        with as_storage_error(self._root):
            make_folder(self._incoming)
            left_over = remove_left_over(self._incoming)
        probe = TemporaryFile(self._incoming)
        probe.append([b"writable"])
        probe.discard()
        return left_over

    def _whole(self, sizes: Collection[Size]) -> set[Size]:
        with as_storage_error(self._root):
            return {
                (path, size)
                for path, size in sizes
                if is_key(path)
                and (file := self.local_path(path)).is_file()
                and size in {None, file.stat().st_size}
            }

    def _put_aside(self, paths: Sequence[str]) -> list[str]:
        lost = [path for path in paths if not self._is_whole(path)]
        with as_storage_error(self._damaged):
            for path in filter(is_key, lost):
                file = self.local_path(path)
                if file.is_file():
                    make_folder(self._damaged)
                    file.rename(_free_name(self._damaged / file.name))
                    sync_folder(self._damaged)
        return lost

    def _is_whole(self, path: str) -> bool:
        return is_key(path) and holds_its_name(self.local_path(path))

    def _unlink(self, paths: Sequence[str], before: datetime | None) -> Deleted:
        files = size_bytes = 0
        with as_storage_error(self._root):
            for path in paths:
                file = self.local_path(path)
                try:
                    found = file.stat()
                    if before is None or found.st_mtime < before.timestamp():
                        file.unlink()
                        files += 1
                        size_bytes += found.st_size
                except FileNotFoundError:
                    continue
        return Deleted(files=files, size_bytes=size_bytes)

    def _walk(self, before: datetime, after: str) -> Iterator[str]:
        """Walk one folder after another, sorted; strangers' files are passed by."""
        newest = before.timestamp()
        for folder, below, names in os.walk(self._root):
            below.sort()
            for name in sorted(names):
                file = Path(folder, name)
                path = file.relative_to(self._root).as_posix()
                if path > after and is_key(path) and _stored_at(file) < newest:
                    yield path


class LocalIncoming:
    """Implements the port Incoming."""

    def __init__(self, *, root: Path, folder: Path) -> None:
        self._root = root
        self._file = TemporaryFile(folder)
        self._chunks: list[bytes] = []
        self._size = 0
        self._is_on_disk = False

    async def write(self, chunk: bytes) -> None:
        """Append *chunk*. Raises: StorageError."""
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size >= _PIECE:
            chunks = self._take()
            self._is_on_disk = True
            await _on_thread(lambda: self._file.append(chunks))

    async def store(self, content_type: str, *, created_at: datetime) -> StoredFile:
        """Put the file in its final place. Raises: StorageError."""
        chunks = self._take()
        self._is_on_disk = True

        def choose(sha256: str) -> Path:
            return self._root / stored_path(sha256, content_type, created_at)

        placed = await _on_thread(lambda: self._file.place(chunks, choose))
        self._is_on_disk = False
        return StoredFile(
            path=stored_path(placed.sha256, content_type, created_at),
            sha256=placed.sha256,
            size_bytes=placed.size_bytes,
        )

    async def discard(self) -> None:
        """Remove what was not stored."""
        if self._is_on_disk:
            await _on_thread(self._file.discard)

    def _take(self) -> list[bytes]:
        chunks, self._chunks, self._size = self._chunks, [], 0
        return chunks


async def _all(paths: Sequence[str]) -> Sequence[str]:
    return paths


async def _on_thread(work: Callable[[], Result]) -> Result:
    return await asyncio.get_running_loop().run_in_executor(None, work)


def _free_name(file: Path) -> Path:
    names = (file.with_name(f"{file.name}.{number}") for number in count(1))
    return next(name for name in chain([file], names) if not name.exists())


def _is_since(file: Path, newest: float) -> bool:
    try:
        return file.stat().st_mtime >= newest
    except FileNotFoundError:
        return False


def _stored_at(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:  # deleted since its folder was listed
        return math.inf
