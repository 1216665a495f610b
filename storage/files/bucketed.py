"""Pictures in a bucket, and on this machine until they are there.

What comes in is kept in a folder, the waiting room, and everything works from there; the
mover (moving.py) brings it to the bucket, and deletes there, when the bucket answers.
What is to be done is in the table of transfers, so nothing here waits for the bucket but
to read what is there alone.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.errors import NotFound
from bot.ports.files import Incoming
from storage.files.bucket import Bucket, Damaged, StoredObject
from storage.files.checking import has_checksum
from storage.files.keys import inside, is_key, sha256_of
from storage.files.loans import Loans
from storage.files.local import LocalFiles
from storage.files.stored import Deleted, Forget, Size
from storage.files.transfers import Kind, Transfers

# Reads at one time: what is fetched lies on this machine meanwhile.
_SIDE_BY_SIDE = 8
_GLANCE = timedelta(seconds=0.1)
_EVER = datetime.max.replace(tzinfo=UTC)
_GONE = "The kept picture is gone: its file was deleted."


class BucketFiles:
    """Implements StoredFiles.

    *public_url* is where others find the bucket's folder of pictures; without it links
    are signed and work for *link_for*. *patience* is how long a link waits for its object.
    """

    def __init__(
        self,
        *,
        waiting: LocalFiles,
        bucket: Bucket,
        transfers: Transfers,
        loans: Loans,
        link_for: timedelta,
        public_url: str | None = None,
        patience: timedelta = timedelta(seconds=5),
    ) -> None:
        self._waiting = waiting
        self._bucket = bucket
        self._transfers = transfers
        self._loans = loans
        self._link_for = link_for
        self._public_url = public_url
        self._patience = patience
        self._reads = asyncio.Semaphore(_SIDE_BY_SIDE)

    async def prepare(self) -> int:
        """Make ready, tidy up after a crash; files that nobody moves are moved on."""
        left_over = await self._waiting.prepare()
        await asyncio.to_thread(self._loans.tidy)
        async for paths in self._waiting.stored_before(_EVER):
            await self._transfers.adopt(paths)
        return left_over

    async def require_room(self) -> None:
        """Say nothing when a picture can be kept on this machine. Raises: StorageError."""
        await self._waiting.require_room()

    def receive(self) -> AbstractAsyncContextManager[Incoming]:
        """Open a new incoming file on this machine."""
        return self._waiting.receive()

    def here(self, path: str) -> Path | None:
        """Give the file while it waits on this machine."""
        return self._waiting.here(path)

    @asynccontextmanager
    async def on_disk(self, path: str) -> AsyncIterator[Path]:
        """Give a stored file under a name of its own; fetched when it is not here.

        Raises: NotFound, Damaged, StorageError.
        """
        name = await self._borrow(path)
        try:
            yield name
        finally:
            await asyncio.to_thread(self._loans.give_back, name)

    async def link(self, path: str) -> str | None:
        """Give the object's address; None when it is being deleted.

        One on its way is waited for, but not long: the address is right from then on.
        """
        key = str(inside(path))
        if await self._transfers.kind(key) is Kind.DELETE:
            return None
        await self._wait_for(key)
        if self._public_url is not None:
            return f"{self._public_url}/{key}"
        return await self._bucket.link(key, expires=self._link_for)

    def holding(self, paths: Sequence[str]) -> AbstractAsyncContextManager[None]:
        """Keep these from being deleted on this machine while records are written down."""
        return self._waiting.holding(paths)

    @asynccontextmanager
    async def holding_whole(self, sizes: Collection[Size]) -> AsyncIterator[set[Size]]:
        """Keep those that are here or in the bucket from being deleted; give them."""
        async with self._waiting.holding_whole(sizes) as here:
            rest = [path for path, size in sizes if (path, size) not in here]
            going = await self._transfers.in_kind(rest, Kind.DELETE)
            found = await self._find(set(rest) - set(going))
            yield here | {
                (path, size)
                for path, size in sizes
                if (kept := found.get(path)) and size in {None, kept.size_bytes}
            }

    async def delete(self, path: str) -> bool:
        """Have a file removed that no record has; False when it is being removed."""
        return (await self.delete_unused([str(inside(path))])).files > 0

    async def delete_unused(
        self, paths: Sequence[str], *, stored_before: datetime | None = None
    ) -> Deleted:
        """Have those of *paths* removed that no record has; of sizes, those known here.

        One that was stored again since *stored_before* stays.
        """
        going: list[str] = []

        async def choose(paths: Sequence[str]) -> Sequence[str]:
            old = await asyncio.to_thread(self._waiting.not_since, paths, stored_before)
            going.extend(await self._transfers.delete_unused(old))
            return going

        deleted = await self._waiting.remove(paths, choose=choose)
        return Deleted(files=len(going), size_bytes=deleted.size_bytes)

    async def stored_before(
        self, moment: datetime, *, after: str = ""
    ) -> AsyncIterator[list[str]]:
        """Give the paths of what is here and in the bucket, sorted, in batches."""
        here = self._waiting.stored_before(moment, after=after)
        async for batch in _merged(here, self._listed(moment, after)):
            yield batch

    async def absent(self, paths: Sequence[str]) -> list[str]:
        """Give those of *paths* that are neither here nor, for certain, in the bucket."""
        missing = await self._waiting.absent(paths)
        found = await self._find(missing)
        return [path for path in missing if path not in found]

    async def put_aside(self, paths: Sequence[str], *, forget: Forget) -> int:
        """Put damaged files aside, in the bucket under `.damaged/`; count."""
        lost = [path for path in paths if not await self._is_whole(path)]
        for path in filter(is_key, lost):
            await self._bucket.put_aside(path)
        count = await self._waiting.put_aside(lost, forget=forget)
        # One that was drawn again meanwhile takes the place that is free now.
        await self._transfers.put_again([p for p in lost if self._waiting.here(p)])
        return count

    async def _borrow(self, path: str) -> Path:
        file = self._waiting.local_path(path)
        try:
            return await asyncio.to_thread(self._loans.lend, file)
        except FileNotFoundError:
            pass
        if not is_key(path) or await self._transfers.kind(path) is Kind.DELETE:
            raise NotFound(_GONE)
        name = await asyncio.to_thread(self._loans.new_name, file.suffix)
        try:
            async with self._reads:
                await self._bucket.fetch(path, name)
        except BaseException:
            await asyncio.to_thread(self._loans.give_back, name)
            raise
        return name

    async def _wait_for(self, key: str) -> None:
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                while await self._is_on_its_way(key):  # noqa: ASYNC110 - a mover elsewhere
                    await asyncio.sleep(_GLANCE.total_seconds())
        except TimeoutError:
            pass

    async def _is_on_its_way(self, key: str) -> bool:
        return await self._transfers.kind(key) is Kind.PUT

    async def _is_whole(self, path: str) -> bool:
        try:
            async with self.on_disk(path) as file:
                return await asyncio.to_thread(has_checksum, file, sha256_of(path))
        except (NotFound, Damaged):
            return False

    async def _find(self, paths: Iterable[str]) -> dict[str, StoredObject]:
        async def find(path: str) -> StoredObject | None:
            async with self._reads:
                return await self._bucket.find(path)

        keys = [path for path in paths if is_key(path)]
        found = await asyncio.gather(*map(find, keys))
        return {one.key: one for one in found if one is not None}

    async def _listed(self, moment: datetime, after: str) -> AsyncIterator[list[str]]:
        async for objects in self._bucket.list(after=after):
            yield [o.key for o in objects if is_key(o.key) and o.modified_at < moment]


async def _merged(
    one: AsyncIterator[list[str]], other: AsyncIterator[list[str]]
) -> AsyncIterator[list[str]]:
    """Merge sorted batches; what both have comes once."""
    left, right = await anext(one, None), await anext(other, None)
    while left is not None and right is not None:
        if not left or not right:  # a page with nothing old enough in it
            left = left or await anext(one, None)
            right = right or await anext(other, None)
            continue
        end = min(left[-1], right[-1])
        yield sorted({path for path in (*left, *right) if path <= end})
        left = [path for path in left if path > end]
        right = [path for path in right if path > end]
    for rest, batches in ((left, one), (right, other)):
        if rest:
            yield rest
        async for batch in batches:
            if batch:
                yield batch
