"""Every database whose stores the suites run over, by name.

A second one is one more line in DATABASES: a function from a folder to opened Stores, which
opens the same data each time it is called on the same folder. Upkeep asks for more than the
ports do: storage/keeping.py, storage/forgetting.py, storage/files/transfers.py.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.domain.job import Step
from bot.ports.alerts import Alerts
from bot.ports.audit import Audit
from bot.ports.base import Clock
from bot.ports.batches import Batches
from bot.ports.callbacks import Callbacks
from bot.ports.files import Files
from bot.ports.jobs import JobLog
from bot.ports.money import Ledger
from bot.ports.records import Copies
from bot.ports.review import Reviews
from bot.ports.upkeep import TakeBacks
from storage.files.transfers import Transfers
from storage.forgetting import ForgettingStore
from storage.keeping import KeptJobs, KeptOnce, KeptRecords, Upkeep
from storage.sqlite.alerts import SqliteAlerts
from storage.sqlite.audit import SqliteAudit
from storage.sqlite.batches import SqliteBatches
from storage.sqlite.callbacks import SqliteCallbacks
from storage.sqlite.compacting import compact, cut_log
from storage.sqlite.copies import SqliteCopies
from storage.sqlite.database import open_database
from storage.sqlite.forgetting import SqliteForgetting
from storage.sqlite.jobs import SqliteJobQueue
from storage.sqlite.ledger import SqliteLedger
from storage.sqlite.log import SqliteJobLog
from storage.sqlite.once import SqliteOnce
from storage.sqlite.records import SqliteRecords
from storage.sqlite.reviewing import SqliteReviews
from storage.sqlite.taking_back import SqliteTakeBacks
from storage.sqlite.transfers import SqliteTransfers
from storage.sqlite.upkeep import SqliteUpkeep
from tests.contracts.values import NOON, make_job


class NoonClock:
    """A clock that stands still."""

    def now(self):
        return NOON


NOON_CLOCK = NoonClock()


@dataclass(frozen=True, kw_only=True)
class Stores:
    """One opened database, seen through the ports, and as upkeep sees it.

    `steps_with` gives the log of steps that holds files while their records are written.
    `compact` and `cut_log` are what a Forgetter asks for.
    """

    queue: KeptJobs
    steps: JobLog
    steps_with: Callable[[Files], JobLog]
    records: KeptRecords
    upkeep: Upkeep
    take_backs: TakeBacks
    copies: Copies
    once: KeptOnce
    callbacks: Callbacks
    batches: Batches
    ledger: Ledger
    audit: Audit
    alerts: Alerts
    reviews: Reviews
    transfers: Transfers
    forgetting: ForgettingStore
    compact: Callable[[bool], Awaitable[bool]]
    cut_log: Callable[[], Awaitable[bool]]

    async def keep(self, *records):
        """Write records down the way a job does."""
        for record in records:
            job = make_job(record.job_id, person=record.person, place=record.place)
            await self.queue.submit(job)
            await self.steps.finish(record.job_id, Step.KEEP, {}, records=[record])


@asynccontextmanager
async def open_sqlite(
    folder: Path,
    *,
    clock: Clock = NOON_CLOCK,
    has_bucket: bool = False,
    takes_back: bool = False,
) -> AsyncIterator[Stores]:
    async with open_database(folder / "bot.db") as db:
        yield Stores(
            queue=SqliteJobQueue(db=db),
            steps=SqliteJobLog(db=db, has_bucket=has_bucket),
            steps_with=lambda files: SqliteJobLog(
                db=db, files=files, has_bucket=has_bucket
            ),
            records=SqliteRecords(db=db, has_bucket=has_bucket),
            upkeep=SqliteUpkeep(db=db),
            take_backs=SqliteTakeBacks(db=db),
            copies=SqliteCopies(db=db),
            once=SqliteOnce(db=db, clock=clock),
            callbacks=SqliteCallbacks(db=db),
            batches=SqliteBatches(db=db),
            ledger=SqliteLedger(db=db),
            audit=SqliteAudit(db=db),
            alerts=SqliteAlerts(db=db),
            reviews=SqliteReviews(db=db),
            transfers=SqliteTransfers(db=db),
            forgetting=SqliteForgetting(db=db, takes_back=takes_back),
            compact=lambda is_alone: compact(db, is_alone=is_alone),
            cut_log=lambda: cut_log(db),
        )


DATABASES = {"sqlite": open_sqlite}
