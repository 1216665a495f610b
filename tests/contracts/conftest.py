"""Every implementation of the stores, by name; each suite here runs over all of them.

A second database is one more line in DATABASES: a function from a folder to opened Stores,
which opens the same data each time it is called on the same folder. The suites of upkeep in
tests/storage take their databases from here, too; they ask for more than the ports do:
storage/keeping.py, storage/files/stored.py, storage/forgetting.py.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain.job import Step
from bot.ports.base import Clock
from bot.ports.batches import Batches
from bot.ports.callbacks import Callbacks
from bot.ports.files import Files
from bot.ports.jobs import JobLog
from bot.ports.money import Ledger
from bot.ports.records import Copies
from bot.ports.upkeep import TakeBacks
from storage.files.local import LocalFiles
from storage.keeping import KeptJobs, KeptOnce, KeptRecords, Upkeep
from storage.sqlite.batches import SqliteBatches
from storage.sqlite.callbacks import SqliteCallbacks
from storage.sqlite.copies import SqliteCopies
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobQueue
from storage.sqlite.ledger import SqliteLedger
from storage.sqlite.log import SqliteJobLog
from storage.sqlite.once import SqliteOnce
from storage.sqlite.records import SqliteRecords
from storage.sqlite.taking_back import SqliteTakeBacks
from storage.sqlite.upkeep import SqliteUpkeep
from tests.contracts.values import NOON, make_job
from tests.fakes.bucket import AWAY, FakeBucket
from tests.fakes.bucketed import MovedFiles, bucket_house
from tests.fakes.buckets.places import CLOUDS, Servers, servers_fixture  # noqa: F401


class NoonClock:
    """A clock that stands still."""

    def now(self):
        return NOON


NOON_CLOCK = NoonClock()


@dataclass(frozen=True, kw_only=True)
class Stores:
    """One opened database, seen through the ports, and as upkeep sees it.

    `steps_with` gives the log of steps that holds files while their records are written.
    """

    queue: KeptJobs
    steps: JobLog
    steps_with: Callable[[LocalFiles], JobLog]
    records: KeptRecords
    upkeep: Upkeep
    take_backs: TakeBacks
    copies: Copies
    once: KeptOnce
    callbacks: Callbacks
    batches: Batches
    ledger: Ledger

    async def keep(self, *records):
        """Write records down the way a job does."""
        for record in records:
            job = make_job(record.job_id, person=record.person, place=record.place)
            await self.queue.submit(job)
            await self.steps.finish(record.job_id, Step.KEEP, {}, records=[record])


@asynccontextmanager
async def open_sqlite(
    folder: Path, *, clock: Clock = NOON_CLOCK
) -> AsyncIterator[Stores]:
    async with open_database(folder / "bot.db") as db:
        yield Stores(
            queue=SqliteJobQueue(db=db),
            steps=SqliteJobLog(db=db),
            steps_with=lambda files: SqliteJobLog(db=db, files=files),
            records=SqliteRecords(db=db),
            upkeep=SqliteUpkeep(db=db),
            take_backs=SqliteTakeBacks(db=db),
            copies=SqliteCopies(db=db),
            once=SqliteOnce(db=db, clock=clock),
            callbacks=SqliteCallbacks(db=db),
            batches=SqliteBatches(db=db),
            ledger=SqliteLedger(db=db),
        )


DATABASES = {"sqlite": open_sqlite}
OpenFiles = Callable[[Path, Servers], AbstractAsyncContextManager[Files]]


@asynccontextmanager
async def open_local(folder: Path, _: Servers) -> AsyncIterator[Files]:
    yield LocalFiles(folder / "images")


@asynccontextmanager
async def open_waiting(folder: Path, _: Servers) -> AsyncIterator[Files]:
    """Pictures that wait for a bucket that is down."""
    async with bucket_house(folder, FakeBucket(error=AWAY)) as house:
        yield house.files


def open_moved(cloud: str) -> OpenFiles:
    """Pictures that are in a bucket alone."""

    @asynccontextmanager
    async def opened(folder: Path, servers: Servers) -> AsyncIterator[Files]:
        async with (
            CLOUDS[cloud](servers) as made,
            bucket_house(folder, made.new().open()) as house,
            house.mover.running(),
        ):
            yield MovedFiles(house)

    return opened


FILES: dict[str, OpenFiles] = {
    "local": open_local,
    "waiting": open_waiting,
    **{cloud: open_moved(cloud) for cloud in CLOUDS},
}

OpenStores = Callable[[], AbstractAsyncContextManager[Stores]]


@pytest.fixture(params=DATABASES)
def open_stores(request, tmp_path) -> OpenStores:
    """Opens the same database each time it is called, as a restart does."""
    return lambda: DATABASES[request.param](tmp_path)


@pytest.fixture
async def stores(open_stores) -> AsyncIterator[Stores]:
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(open_stores())


@pytest.fixture(params=FILES)
async def files(request, tmp_path, servers) -> AsyncIterator[Files]:
    async with FILES[request.param](tmp_path, servers) as opened:
        yield opened
