"""Brings kept pictures to the bucket, clears what is there, deletes what nobody needs.

Everything to be done is a row of the table of transfers, written down with the records;
each step is checkpointed, and after a crash the next start goes on with what is left. One
mover works on a database, several paths at a time and never one path twice. While the
bucket is away a single try now and then finds out whether it is back.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import assert_never

from bot.errors import StorageError
from bot.ports.base import Clock
from storage.files.bucket import Bucket, Damaged
from storage.files.checking import has_checksum
from storage.files.keys import content_type, is_key, sha256_of
from storage.files.line import LONGEST_WAIT, BucketAway, Line, wait_after
from storage.files.loans import Loans
from storage.files.local import LocalFiles
from storage.files.metadata import describe
from storage.files.transfers import Kind, Transfer, Transfers

log = logging.getLogger(__name__)

_LOOK_EVERY = timedelta(seconds=0.5)  # other processes write rows down as well
_GLANCE = timedelta(seconds=0.05)
_SIDE_BY_SIDE = 8
_MOST_DELETED = 100  # in one call
# What was stored just now may be about to get a record of its own.
_SETTLED = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How the bucket is, and how many pictures wait to be brought there."""

    is_away: bool
    waiting: int


class Mover:
    """Works the transfers off; `running` is its life."""

    def __init__(
        self,
        *,
        transfers: Transfers,
        waiting: LocalFiles,
        bucket: Bucket,
        loans: Loans,
        clock: Clock,
        first_wait: timedelta,
    ) -> None:
        self._transfers = transfers
        self._waiting = waiting
        self._bucket = bucket
        self._loans = loans
        self._clock = clock
        self._first_wait = first_wait
        self._line = Line(
            bucket=bucket,
            first_wait=first_wait,
            count=self._count_waiting,
            on_back=self._hurry,
        )
        self._busy: dict[str, Kind] = {}
        self._tasks = 0
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def running(self, *, greets: bool = False) -> AsyncIterator[None]:
        """Move until the end of the block; what is cut off there is done again.

        With *greets* the bucket is checked at once, so that what is wrong is told.
        """
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(self._work(greets=greets))
            try:
                yield
            finally:
                working.cancel()

    async def settle(self, within: timedelta) -> int:
        """Move what waits, for so long at most; count what is left."""
        try:
            async with asyncio.timeout(within.total_seconds()), self.running():
                while await self.left():  # noqa: ASYNC110 - others write rows too
                    await asyncio.sleep(_GLANCE.total_seconds())
        except TimeoutError:
            pass
        return await self.left()

    async def left(self) -> int:
        """Count what is not in the bucket yet, or has to go from it."""
        counts = await self._transfers.counts()
        return counts.get(Kind.PUT, 0) + counts.get(Kind.DELETE, 0)

    async def deletions(self) -> int:
        """Count what has to go from the bucket."""
        return (await self._transfers.counts()).get(Kind.DELETE, 0)

    async def backlog(self) -> Backlog:
        """Tell how it stands."""
        waiting = await self._count_waiting()
        return Backlog(is_away=self._line.is_away, waiting=waiting)

    # --- what comes next ------------------------------------------------------------

    async def _work(self, *, greets: bool) -> None:
        await _bearing(self._transfers.hurry())
        if greets:
            await _bearing(self._line.greet())
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._changed.clear()
                await _bearing(self._start(tasks))
                await self._wait_for_change()

    async def _wait_for_change(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_EVERY.total_seconds()):
                await self._changed.wait()
        except TimeoutError:
            pass

    async def _start(self, tasks: asyncio.TaskGroup) -> None:
        for kind in Kind:
            for batch in await self._next(kind):
                self._busy |= dict.fromkeys((one.path for one in batch), kind)
                self._tasks += 1
                tasks.create_task(self._try(kind, batch))

    async def _next(self, kind: Kind) -> list[list[Transfer]]:
        """Give what may begin now; of deletions all together, since they are one call."""
        free = (1 if self._line.is_away else _SIDE_BY_SIDE) - self._tasks
        if self._line.is_resting or free <= 0:
            return []
        is_many = kind is Kind.DELETE
        if is_many and kind in self._busy.values():
            return []
        due = await self._transfers.due(
            kind,
            self._clock.now(),
            longest=LONGEST_WAIT,
            besides=self._busy.keys(),
            limit=_MOST_DELETED if is_many else free,
        )
        if is_many:
            return [due] if due else []
        return [[one] for one in due]

    async def _try(self, kind: Kind, batch: Sequence[Transfer]) -> None:
        paths = [one.path for one in batch]
        failures = max(one.failures for one in batch) + 1
        try:
            await self._carry_out(kind, batch)
        except BucketAway as away:
            await _bearing(self._later(paths, kind, failures, away.error))
            await _bearing(self._line.rest(away.error))
        except StorageError as error:  # this machine's disk or database
            _complain(error)
            await asyncio.sleep(wait_after(1, first=self._first_wait).total_seconds())
        finally:
            self._tasks -= 1
            for path in paths:
                del self._busy[path]
            self._changed.set()

    async def _carry_out(self, kind: Kind, batch: Sequence[Transfer]) -> None:
        match kind:
            case Kind.PUT:
                await self._put(batch[0].path)
            case Kind.CLEAR:
                await self._clear(batch[0])
            case Kind.DELETE:
                await self._delete([one.path for one in batch])
            case _:
                assert_never(kind)

    # --- the three things -----------------------------------------------------------

    async def _put(self, path: str) -> None:
        if not is_key(path):  # none of ours
            await self._transfers.forget([path], Kind.PUT)
        elif await self._is_in_bucket(path):
            await self._transfers.moved(path)

    async def _is_in_bucket(self, path: str) -> bool:
        """Bring the file there; when there is none to bring, settle what that means."""
        record = await self._transfers.record(path)
        if record is None:  # deleted since
            await self._transfers.delete_unused([path])
            return False
        file = await self._borrow(path)
        try:
            if file is not None and await self._is_whole(file, path):
                putting = self._bucket.put(
                    path,
                    file,
                    sha256=sha256_of(path),
                    content_type=content_type(path),
                    metadata=describe(record),
                )
                await self._line.ask(putting)
                return True
        except Damaged as error:  # the object of that name; this one takes its place
            _complain(error)
            await self._line.ask(self._bucket.put_aside(path))
            return False
        finally:
            if file is not None:
                await asyncio.to_thread(self._loans.give_back, file)
        if await self._line.ask(self._bucket.find(path)) is None:
            await self._give_up(path)
            return False
        return True

    async def _give_up(self, path: str) -> None:
        log.error(
            "A picture is lost: %s is damaged or gone on this machine, and not in the "
            "bucket. ideogram-bot verify --repair marks its record.",
            path,
            extra={"action": "move"},
        )
        await self._transfers.forget([path], Kind.PUT)

    async def _clear(self, transfer: Transfer) -> None:
        path = transfer.path
        settled = self._clock.now() - min(self._first_wait, _SETTLED)
        await self._waiting.remove(
            [path], choose=self._transfers.clearable, stored_before=settled
        )
        if self._waiting.here(path) is None:
            await self._transfers.forget([path], Kind.CLEAR)
        else:
            await self._later([path], Kind.CLEAR, transfer.failures + 1)

    async def _delete(self, paths: Sequence[str]) -> None:
        """Delete what no record names; one written down meanwhile makes the row a *put*."""
        await self._waiting.delete_unused(paths)
        unused = await self._transfers.unused(paths)
        await self._line.ask(self._bucket.delete(unused))
        await self._transfers.put_again(set(paths).difference(unused))
        await self._transfers.forget(paths, Kind.DELETE)

    # --- small parts ----------------------------------------------------------------

    async def _borrow(self, path: str) -> Path | None:
        file = self._waiting.local_path(path)
        try:
            return await asyncio.to_thread(self._loans.lend, file)
        except FileNotFoundError:
            return None

    async def _is_whole(self, file: Path, path: str) -> bool:
        return await asyncio.to_thread(has_checksum, file, sha256_of(path))

    async def _later(
        self,
        paths: Sequence[str],
        kind: Kind,
        failures: int,
        error: StorageError | None = None,
    ) -> None:
        wait = wait_after(failures, first=self._first_wait, error=error)
        not_before = self._clock.now() + wait
        await self._transfers.later(paths, kind, not_before=not_before)

    async def _count_waiting(self) -> int:
        return (await self._transfers.counts()).get(Kind.PUT, 0)

    async def _hurry(self) -> None:
        await self._transfers.hurry()
        self._changed.set()


async def _bearing(work: Awaitable[None]) -> None:
    """Do *work*; the database's or the disk's refusal is told, and ends nothing."""
    try:
        await work
    except StorageError as error:
        _complain(error)


def _complain(error: StorageError) -> None:
    log.warning("Pictures are not moved: %s", error.text, extra={"action": "move"})
