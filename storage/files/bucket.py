"""Pictures in a bucket: S3 and what speaks like it, Google Cloud Storage, Azure blobs.

One small client over obstore. Every call is bounded in time and made once: who calls
repeats what is worth it. Nothing here knows records or the folder of this machine.
"""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from string import punctuation
from urllib.parse import quote

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

from bot.errors import NotFound, StorageError
from storage.faults import as_storage_error
from storage.files.bucket_faults import Deed, final, is_no_object, too_slow, translate
from storage.files.bucket_stores import Store, make_store

LIMIT = timedelta(seconds=60)
# The largest file that is sent in one piece, and so created or refused by the service
# itself; obstore has no conditional multipart upload.
PART_BYTES = 8 * 1024 * 1024
_PARTS_AT_ONCE = 3
_CHUNK = 1024 * 1024
_PAGE = 1000  # as many as S3 lists, or deletes, at one time
_DELETES_AT_ONCE = 10
_CACHE_CONTROL = "public, max-age=31536000, immutable"


class Damaged(StorageError):
    """The object under this name has other bytes than its name says."""

    retryable = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object in the bucket; `key` is relative to FILES_URL, like a stored path."""

    key: str
    size_bytes: int
    modified_at: datetime
    e_tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What a file on this machine holds."""

    size_bytes: int
    sha256: str
    md5: str


def open_bucket(
    url: str,
    *,
    environment: Mapping[str, str],
    endpoint: str | None = None,
    limit: timedelta = LIMIT,
) -> "Bucket":
    """Give the bucket of FILES_URL, not yet spoken to; `check` does that.

    *environment* holds the credentials by the names that each cloud's own tools read;
    no request takes longer than *limit*. Raises: StorageError when they make no sense.
    """
    store = make_store(url, environment, endpoint, limit)
    return Bucket(store=store, url=url, limit=limit)


class Bucket:
    """One bucket. Every method may raise StorageError, whose text names the bucket."""

    def __init__(self, *, store: Store, url: str, limit: timedelta) -> None:
        self._store = store
        self._url = url
        self._limit = limit

    async def put(
        self,
        key: str,
        file: Path,
        *,
        sha256: str,
        content_type: str,
        metadata: Mapping[str, str],
    ) -> None:
        """Store *file* whole under *key* unless it is there already; may be repeated.

        What arrived is proved: by its ETag where that is the MD5 (S3 and Google Cloud
        Storage, sent in one piece), else by reading it once more.
        Raises: Damaged when what is there already has other bytes.
        """
        with as_storage_error(file):
            content = await asyncio.to_thread(_look_at, file)
        if content.sha256 != sha256:
            raise final(
                f"The picture {key} was damaged on this machine before it was moved to "
                "the bucket. Bring its file back from a backup, or delete its record."
            )
        attributes = {
            "Content-Type": content_type,
            "Cache-Control": _CACHE_CONTROL,
            **{name: _header_safe(value) for name, value in metadata.items()},
        }
        e_tag = await self._create(key, file, content, attributes)
        if e_tag is None:
            await self._prove(key, content)
        elif e_tag != content.md5:
            await self._prove_new(key, content)

    async def fetch(self, key: str, into: Path) -> None:
        """Write the object to *into*, checked against its name.

        On failure there is no such file. Raises: NotFound, Damaged.
        """

        async def write(chunk: bytes) -> None:
            await asyncio.to_thread(_append, into, chunk)

        with as_storage_error(into):
            await asyncio.to_thread(into.write_bytes, b"")
        is_whole = False
        try:
            is_whole = await self._read(key, write) == PurePosixPath(key).stem
        finally:
            if not is_whole:
                await asyncio.to_thread(into.unlink, missing_ok=True)
        if not is_whole:
            raise self._damaged(key)

    async def find(self, key: str) -> StoredObject | None:
        """Give what the bucket says of *key*; None only when it certainly has none."""
        async with self._asking(Deed.FIND):
            try:
                return _stored(await obstore.head_async(self._store, key))
            except FileNotFoundError:
                pass
            # No body told whether it was the object that is missing, or the bucket.
            try:
                answer = await obstore.get_async(
                    self._store, key, options={"range": (0, 1)}
                )
            except FileNotFoundError as error:
                if not is_no_object(error):
                    raise
                return None
            return _stored(answer.meta)

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; one that is gone already is fine."""
        # S3 takes many at one time and says nothing of those gone. The others stop at
        # the first that is gone, so that each is a call of its own.
        is_bulk = self._url.startswith("s3:")
        for batch in _batches(keys, _PAGE if is_bulk else _DELETES_AT_ONCE):
            calls = [batch] if is_bulk else [[key] for key in batch]
            done = await asyncio.gather(
                *map(self._delete, calls), return_exceptions=True
            )
            for failure in filter(None, done):
                raise failure

    async def list(self, *, after: str = "") -> AsyncIterator[list[StoredObject]]:
        """Give all objects behind *after*, sorted by key, in pages."""
        pages = obstore.list(self._store, offset=after or None, chunk_size=_PAGE)
        while True:
            async with self._asking(Deed.LIST):
                try:
                    page = await pages.__anext__()
                except StopAsyncIteration:
                    return
            # Azure begins with the page that holds *after*.
            yield [_stored(found) for found in page if found["path"] > after]

    async def link(self, key: str, *, expires: timedelta) -> str:
        """Give a signed address that shows the object until it expires."""
        async with self._asking(Deed.SIGN):
            return await obstore.sign_async(self._store, "GET", key, expires)

    async def put_aside(self, key: str) -> None:
        """Move a damaged object to `.damaged/`, if it is there."""
        async with self._asking(Deed.WRITE):
            try:
                aside = f".damaged/{PurePosixPath(key).name}"
                await obstore.copy_async(self._store, key, aside)
            except FileNotFoundError as error:
                if not is_no_object(error):
                    raise
        await self.delete([key])

    async def check(self) -> None:
        """Say nothing when objects can be written, read, listed and deleted."""
        key, content = f".check/{secrets.token_hex(8)}", b"The bot may write here."
        async with self._asking(Deed.WRITE):
            await obstore.put_async(self._store, key, content, mode="create")
        try:
            if await self._read(key, _ignore) != hashlib.sha256(content).hexdigest():
                raise self._damaged(key)
        finally:
            await self.delete([key])
        async with self._asking(Deed.LIST):
            await anext(aiter(obstore.list(self._store, chunk_size=1)), None)
        if await self.find(key) is not None:
            raise StorageError(
                f"The bucket {self._url} still has what was deleted. Check its rules for "
                "versions and retention."
            )

    # --- the steps ----------------------------------------------------------

    async def _create(
        self, key: str, file: Path, content: _Content, attributes: dict[str, str]
    ) -> str | None:
        """Send the file; give its ETag, None when there is an object of that name."""
        is_small = content.size_bytes <= PART_BYTES
        # Between this question and the last part another may write the same name; it
        # writes the same bytes, since they are named by their content.
        if not is_small and await self.find(key) is not None:
            return None
        parts = content.size_bytes // PART_BYTES + 1
        async with self._asking(Deed.WRITE, requests=parts):
            try:
                result = await obstore.put_async(
                    self._store,
                    key,
                    file,
                    attributes=attributes,
                    mode="create" if is_small else "overwrite",
                    use_multipart=not is_small,
                    chunk_size=PART_BYTES,
                    max_concurrency=_PARTS_AT_ONCE,
                )
            except (AlreadyExistsError, PreconditionError):
                return None
        return _bare(result["e_tag"])

    async def _prove_new(self, key: str, content: _Content) -> None:
        """Remove again what did not arrive as it was sent."""
        try:
            await self._prove(key, content)
        except Damaged as error:
            await self.delete([key])
            raise StorageError(
                f"The picture {key} did not reach the bucket {self._url} whole. "
                "The bot tries again by itself."
            ) from error

    async def _prove(self, key: str, content: _Content) -> None:
        """Say nothing when the object has these bytes."""
        found = await self.find(key)
        if found is None:
            raise StorageError(
                f"The bucket {self._url} did not keep the picture {key}. "
                "The bot tries again by itself."
            )
        if found.size_bytes != content.size_bytes:
            raise self._damaged(key)
        if found.e_tag == content.md5:
            return
        if await self._read(key, _ignore) != content.sha256:
            raise self._damaged(key)

    async def _read(self, key: str, take: Callable[[bytes], Awaitable[object]]) -> str:
        """Hand the object's bytes to *take*; give their sha256. Raises: NotFound."""
        digest = hashlib.sha256()
        async with self._asking(Deed.READ):
            answer = await obstore.get_async(self._store, key)
            async for chunk in answer.stream(_CHUNK):
                digest.update(chunk)
                await take(chunk)
        return digest.hexdigest()

    async def _delete(self, keys: Sequence[str]) -> None:
        async with self._asking(Deed.DELETE):
            try:
                await obstore.delete_async(self._store, keys)
            except FileNotFoundError as error:
                if not is_no_object(error):
                    raise

    @asynccontextmanager
    async def _asking(self, deed: Deed, *, requests: int = 1) -> AsyncIterator[None]:
        """Bound the calls of this block in time; turn what obstore raises into ours."""
        try:
            async with asyncio.timeout((self._limit * (requests + 1)).total_seconds()):
                yield
        except TimeoutError as error:
            raise too_slow(f"The bucket {self._url}") from error
        # From None: the text of obstore's errors quotes addresses and what signs them.
        except FileNotFoundError as error:
            if is_no_object(error) and deed is Deed.READ:
                raise NotFound(
                    "The kept picture is gone: the bucket no longer has it."
                ) from None
            raise translate(error, bucket=self._url, deed=deed) from None
        except (BaseError, ValueError, OSError) as error:
            raise translate(error, bucket=self._url, deed=deed) from None

    def _damaged(self, key: str) -> Damaged:
        return Damaged(
            f"The bucket {self._url} has other bytes under {key} than belong there. "
            "Remove that object, or run ideogram-bot verify --repair."
        )


def _stored(found: "obstore.ObjectMeta") -> StoredObject:
    return StoredObject(
        key=found["path"],
        size_bytes=found["size"],
        modified_at=found["last_modified"],
        e_tag=_bare(found["e_tag"]),
    )


def _bare(e_tag: str | None) -> str:
    return (e_tag or "").strip('"').lower()


def _look_at(file: Path) -> _Content:
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    size = 0
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            size += len(chunk)
            sha256.update(chunk)
            md5.update(chunk)
    return _Content(size_bytes=size, sha256=sha256.hexdigest(), md5=md5.hexdigest())


def _append(file: Path, chunk: bytes) -> None:
    # Never makes the file anew: its reader may have given up and removed it.
    with as_storage_error(file), file.open("r+b") as handle:
        handle.seek(0, 2)
        handle.write(chunk)


async def _ignore(_chunk: bytes) -> None:
    pass


def _header_safe(value: str) -> str:
    return quote(value, safe=f"{punctuation} ").strip()


def _batches(keys: Sequence[str], size: int) -> list[Sequence[str]]:
    return [keys[at : at + size] for at in range(0, len(keys), size)]
