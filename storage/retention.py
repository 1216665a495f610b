"""Old pictures go, and what nobody needs any more.

The limits (bot/policy/retention.py, pure) say what is due; the sweep carries it out in
small steps with pauses, each when nobody else is at the database, so that neither the
writer nor the event loop is ever held for long. The row goes first, then its file. A sweep
is written down until its end, and with each batch of rows the files that are to follow: one
that was cut off goes on, and leaves nothing behind.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.record import Record
from bot.errors import StorageError
from bot.policy.retention import KeptPicture, Limits
from bot.ports.base import Clock
from storage.files.stored import Deleted, StoredFiles
from storage.keeping import Aging, Asked, KeptJobs, KeptOnce, KeptRecords, Upkeep
from storage.retention_files import FileSweep, lost_refusal, orphans_refusal

log = logging.getLogger(__name__)

# Deleted in some 1.5 ms: who comes meanwhile waits no longer, and in the pauses not at all.
# Larger batches are quicker in all and keep people waiting (bench/retention.py).
BATCH = 1
PAUSE = timedelta(milliseconds=10)
_MOST_PAUSES = 5  # where somebody always is at the database, it goes on nevertheless
_PAGE = 50  # read in one go: longer ones keep Python's lock from the event loop
_LONG_PAGE = 500  # for a plan, which deletes nothing and so has all the more to read
# Jobs and keys have no words and no totals: so many take hardly longer than one.
_BATCH_OF_MEMORY = 5
# A file without a record may be about to get one.
ORPHAN_AGE = timedelta(days=1)
# What keeps a repeated event from making a second job, and a hint from being given twice.
MEMORY_AGE = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepResult:
    """What went, or would go; `lost` files were marked as such in their records."""

    records: int = 0
    files: int = 0
    size_bytes: int = 0
    lost: int = 0
    refusals: tuple[str, ...] = ()

    def __add__(self, other: "SweepResult") -> "SweepResult":
        return SweepResult(
            records=self.records + other.records,
            files=self.files + other.files,
            size_bytes=self.size_bytes + other.size_bytes,
            lost=self.lost + other.lost,
            refusals=self.refusals + other.refusals,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one rule lets go."""

    records: int = 0
    size_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a sweep now would do: *result* with the files of records alone."""

    result: SweepResult
    by_rule: dict[str, Share]
    orphans: int
    planned: tuple[Record, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Sweeps the stores. `files` must know which files are unused."""

    records: KeptRecords
    upkeep: Upkeep
    queue: KeptJobs
    once: KeptOnce
    files: StoredFiles
    clock: Clock
    takes_back: bool = False
    pause: timedelta = PAUSE
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def plan(
        self, limits: Limits, *, older_than: timedelta | None = None
    ) -> Plan:
        """Say what `sweep` would do now, and do nothing. Raises: StorageError."""
        limits = _effective(limits, older_than)
        now = self.clock.now()
        pages = self._due(limits, now, limit=_LONG_PAGE)
        due = [one async for page in pages for one in page]
        orphans = await self._file_sweep.orphans(now - ORPHAN_AGE)
        going = {one.stored_path for one in due if one.stored_path}
        lost = await self._file_sweep.lost(besides=going)
        refusals = (orphans_refusal(orphans), lost_refusal(lost))
        result = await self._result(due)
        return Plan(
            result=result
            + SweepResult(
                lost=0 if refusals[1] else lost.found,
                refusals=tuple(one for one in refusals if one),
            ),
            by_rule=_shares(limits, due),
            orphans=0 if refusals[0] else orphans.found,
            planned=tuple(await self.upkeep.whole(due)),
        )

    async def sweep(
        self,
        limits: Limits,
        *,
        older_than: timedelta | None = None,
        goes_on: bool = True,
    ) -> SweepResult:
        """Delete what is due with its files, and what is left over.

        *older_than* goes before all limits; zero deletes all that is not pinned. Cut off
        by a crash, the sweep goes on with `resume`; by anything else if it *goes_on*.
        Raises: StorageError.
        """
        asked = await self.upkeep.begin(self.clock.now(), older_than)
        try:
            return await self._carry_out(asked, limits)
        except (asyncio.CancelledError, StorageError):
            if not goes_on:
                with contextlib.suppress(StorageError):
                    await self.upkeep.end(asked)
            raise

    async def resume(self, limits: Limits) -> None:
        """Carry on with the sweeps that were cut off. Raises: StorageError."""
        for asked in await self.upkeep.begun():
            log.info("A sweep that was cut off goes on", extra={"action": "sweep"})
            await self._carry_out(asked, limits)

    async def _carry_out(self, asked: Asked, limits: Limits) -> SweepResult:
        """Sweep as of the time it was asked for: what was drawn since is not meant."""
        limits, now = _effective(limits, asked.older_than), asked.asked_at
        async with self._turn:
            result = _went(await self.files.delete_unused(asked.unlinking))
            result += await self._sweep_records(asked, limits)
            result += await self._sweep_files(now - ORPHAN_AGE)
            await self._sweep_memory(now - max(limits.longest, MEMORY_AGE))
            await self.upkeep.end(asked)
        log.info(
            "Swept %d records and %d files (%d bytes); %d files of records are lost",
            result.records,
            result.files,
            result.size_bytes,
            result.lost,
            extra={"action": "sweep"},
        )
        return result

    # --- records ------------------------------------------------------------

    async def _due(
        self, limits: Limits, now: datetime, *, limit: int = _PAGE
    ) -> AsyncIterator[list[Aging]]:
        """Give what is due, oldest first, page by page."""
        until, after = limits.newest_due(now), None
        while until is not None:
            page = await self.upkeep.aging(until, after=after, limit=limit)
            yield [one for one in page if limits.is_due(one.picture, now)]
            if len(page) < limit:
                return
            after = page[-1]
            await self._rest()

    async def _sweep_records(self, asked: Asked, limits: Limits) -> SweepResult:
        def is_due(picture: KeptPicture) -> bool:
            return limits.is_due(picture, asked.asked_at)

        result = SweepResult()
        async for due in self._due(limits, asked.asked_at):
            for start in range(0, len(due), BATCH):
                gone = await self.upkeep.delete_due(
                    asked,
                    [one.seq for one in due[start : start + BATCH]],
                    is_due,
                    takes_back=self.takes_back,
                )
                await self._give_way()
                deleted = await self.files.delete_unused(gone.unused)
                result += _went(deleted, records=len(gone.records))
                await self._rest()
        return result

    async def _result(self, due: Sequence[Aging]) -> SweepResult:
        files = [(one.stored_path, one.size_bytes) for one in due if one.stored_path]
        files += await self.upkeep.copies(due)
        sizes = dict(files)
        going = Counter(path for path, _ in files)
        uses = await self.records.uses(list(going))
        freed = [path for path, count in going.items() if uses.get(path) == count]
        absent = set(await self.files.absent(freed))
        freed = [path for path in freed if path not in absent]
        return SweepResult(
            records=len(due),
            files=len(freed),
            size_bytes=sum(sizes[path] for path in freed),
        )

    # --- what is left over --------------------------------------------------

    @property
    def _file_sweep(self) -> FileSweep:
        return FileSweep(
            records=self.records,
            upkeep=self.upkeep,
            files=self.files,
            rest=self._rest,
        )

    async def _sweep_files(self, before: datetime) -> SweepResult:
        """Tidy up; what is in the way (a bucket that is down) waits for the next sweep."""
        try:
            return await self._tidy_up(before)
        except StorageError as error:
            return _refused(f"Files were not compared with records: {error.text}")

    async def _tidy_up(self, before: datetime) -> SweepResult:
        result = SweepResult()
        orphans = await self._file_sweep.orphans(before)
        if refusal := orphans_refusal(orphans):
            result += _refused(refusal)
        else:
            deleted = await self._file_sweep.delete(orphans, before=before)
            result += _went(deleted)
        lost = await self._file_sweep.lost()
        if refusal := lost_refusal(lost):
            return result + _refused(refusal)
        return result + SweepResult(lost=await self._file_sweep.mark(lost))

    async def _sweep_memory(self, before: datetime) -> None:
        while await self.queue.delete_finished(before, limit=_BATCH_OF_MEMORY):
            await self._rest()
        while await self.once.forget(before, limit=_BATCH_OF_MEMORY):
            await self._rest()

    async def _rest(self) -> None:
        """Let others have the writer and the event loop, until none is at the database."""
        await asyncio.sleep(self.pause.total_seconds())
        await self._give_way()

    async def _give_way(self) -> None:
        for _ in range(_MOST_PAUSES):
            await asyncio.sleep(0)  # who wakes at the same moment goes first
            if self.upkeep.is_alone:
                return
            await asyncio.sleep(self.pause.total_seconds())


def _effective(limits: Limits, older_than: timedelta | None) -> Limits:
    return limits if older_than is None else Limits(otherwise=older_than)


def _shares(limits: Limits, due: Sequence[Aging]) -> dict[str, Share]:
    shares: dict[str, Share] = {}
    for one in due:
        name = limits.decided_by(one.picture)
        share = shares.get(name, Share())
        shares[name] = Share(
            records=share.records + 1, size_bytes=share.size_bytes + one.size_bytes
        )
    return shares


def _went(deleted: Deleted, *, records: int = 0) -> SweepResult:
    return SweepResult(
        records=records, files=deleted.files, size_bytes=deleted.size_bytes
    )


def _refused(sentence: str) -> SweepResult:
    log.warning("%s", sentence, extra={"action": "sweep"})
    return SweepResult(refusals=(sentence,))
