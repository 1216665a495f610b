"""Old pictures go, and what nobody needs any more.

A plan says what may go (pure); the sweep carries it out in small batches, so that neither
the writer nor the event loop is ever held for long. The row goes first, then its file:
a crash leaves a file without a row, which a later sweep finds.
"""

import logging
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.record import Record
from bot.ports import Clock
from storage.files.stored import Deleted, StoredFiles
from storage.sqlite.jobs import SqliteJobQueue
from storage.sqlite.once import SqliteOnce
from storage.sqlite.records import SqliteRecords

log = logging.getLogger(__name__)

BATCH = 50  # deleted in some 15 ms: commands that come in meanwhile wait no longer
# A file without a record may be about to get one.
ORPHAN_AGE = timedelta(days=1)
# What keeps a repeated event from making a second job, and a hint from being given twice.
MEMORY_AGE = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """From when on things stay; None: nothing of that kind goes."""

    records_before: datetime | None
    files_before: datetime
    memory_before: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepResult:
    """What went, or would go."""

    records: int = 0
    files: int = 0
    size_bytes: int = 0

    def __add__(self, other: "SweepResult") -> "SweepResult":
        return SweepResult(
            records=self.records + other.records,
            files=self.files + other.files,
            size_bytes=self.size_bytes + other.size_bytes,
        )


def make_plan(now: datetime, older_than: timedelta | None) -> Plan:
    """Say what may go at *now*; records stay for ever when *older_than* is None."""
    kept = MEMORY_AGE if older_than is None else max(older_than, MEMORY_AGE)
    # So that zero takes what was made at this very moment too.
    after_now = now + timedelta.resolution
    return Plan(
        records_before=None if older_than is None else after_now - older_than,
        files_before=now - ORPHAN_AGE,
        memory_before=now - kept,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Sweeps the stores. `files` must know which files are unused."""

    records: SqliteRecords
    queue: SqliteJobQueue
    once: SqliteOnce
    files: StoredFiles
    clock: Clock

    async def planned(self, older_than: timedelta | None) -> AsyncIterator[Record]:
        """Give the records that a sweep now would delete, oldest first."""
        moment = make_plan(self.clock.now(), older_than).records_before
        after = None
        while moment is not None:
            page = await self.records.older_than(moment, after=after, limit=BATCH)
            for record in page:
                yield record
            if len(page) < BATCH:
                return
            after = page[-1].id

    async def preview(self, older_than: timedelta | None) -> SweepResult:
        """Count what a sweep now would delete, but for files without a record."""
        records = 0
        sizes: dict[str, int] = {}
        going: Counter[str] = Counter()
        async for record in self.planned(older_than):
            records += 1
            if record.stored_path:
                sizes[record.stored_path] = record.size_bytes or 0
                going[record.stored_path] += 1
        uses = await self.records.uses(list(going))
        freed = [path for path, count in going.items() if uses.get(path) == count]
        return SweepResult(
            records=records,
            files=len(freed),
            size_bytes=sum(sizes[path] for path in freed),
        )

    async def sweep(self, older_than: timedelta | None) -> SweepResult:
        """Delete unpinned records older than that with their files, and what is left over.

        None keeps records for ever; zero deletes all that are not pinned.
        Raises: StorageError.
        """
        plan = make_plan(self.clock.now(), older_than)
        result = await self._sweep_records(plan.records_before)
        result += await self._sweep_files(plan.files_before)
        await self._sweep_memory(plan.memory_before)
        log.info(
            "Swept %d records and %d files (%d bytes)",
            result.records,
            result.files,
            result.size_bytes,
            extra={"action": "sweep"},
        )
        return result

    async def _sweep_records(self, before: datetime | None) -> SweepResult:
        result = SweepResult()
        while before is not None:
            page = await self.records.older_than(before, limit=BATCH)
            if not page:
                break
            ids = [record.id for record in page]
            unused = await self.records.delete(ids, unless_pinned=True)
            deleted = await self.files.delete_unused(unused)
            result += _went(deleted, records=len(page))
        return result

    async def _sweep_files(self, before: datetime) -> SweepResult:
        result = SweepResult()
        async for paths in self.files.stored_before(before):
            unused = await self.records.find_unused(paths)
            if unused:
                result += _went(
                    await self.files.delete_unused(unused, stored_before=before)
                )
        return result

    async def _sweep_memory(self, before: datetime) -> None:
        while await self.queue.delete_finished(before, limit=BATCH):
            pass
        while await self.once.forget(before, limit=BATCH):
            pass


def _went(deleted: Deleted, *, records: int = 0) -> SweepResult:
    return SweepResult(
        records=records, files=deleted.files, size_bytes=deleted.size_bytes
    )
