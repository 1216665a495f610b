"""The stores of a program whose pictures go to a bucket, on one folder."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

from bot.clock import SystemClock
from bot.domain.job import JobState, Step
from bot.ports.jobs import JobLog
from storage.files.bucket import Bucket
from storage.files.bucketed import BucketFiles
from storage.files.loans import Loans
from storage.files.local import LocalFiles
from storage.files.moving import Mover
from storage.files.transfers import Transfers
from storage.keeping import KeptJobs, KeptRecords
from tests.contracts.databases import open_sqlite
from tests.contracts.values import make_job, make_record
from tests.fakes.waiting import until

PATIENCE = timedelta(seconds=20)


@dataclass(frozen=True, kw_only=True)
class BucketHouse:
    """Everything that has to do with kept pictures."""

    root: Path
    bucket: Bucket
    queue: KeptJobs
    steps: JobLog
    records: KeptRecords
    transfers: Transfers
    waiting: LocalFiles
    files: BucketFiles
    mover: Mover

    async def store(self, content=b"picture"):
        """Take bytes in; nobody has them yet."""
        async with self.files.receive() as incoming:
            await incoming.write(content)
            return await incoming.store("image/png", created_at=SystemClock().now())

    async def keep(self, name, content=b"picture", *, state=JobState.DONE, **more):
        """Draw a picture, file and record and all; give the record."""
        stored = await self.store(content)
        job = make_job(name, state=state)
        await self.queue.submit(job)
        record = make_record(
            f"{name}-1",
            job_id=job.id,
            stored_path=stored.path,
            size_bytes=stored.size_bytes,
            **more,
        )
        await self.steps.finish(job.id, Step.KEEP, {}, records=[record])
        return record

    async def forget(self, record):
        """Delete a record and its file, as chat and retention do."""
        return await self.files.delete_unused(await self.records.delete([record.id]))

    async def move(self):
        """Let everything be moved."""
        assert await self.mover.settle(PATIENCE) == 0


class MovedFiles:
    """Files of a house whose mover runs: what is stored here is in the bucket alone."""

    def __init__(self, house: BucketHouse) -> None:
        self._house = house
        self._numbers = count()
        self.on_disk = house.files.on_disk

    @asynccontextmanager
    async def receive(self):
        async with self._house.files.receive() as incoming:
            yield _Moved(self, incoming)

    async def delete(self, path):
        found = self._house.records.all()
        records = [one.id async for one in found if one.stored_path == path]
        await self._house.records.delete(records)
        is_deleted = await self._house.files.delete(path)
        await until(lambda: self.is_settled(path))
        return is_deleted and bool(records)

    async def keep(self, stored):
        record = make_record(f"r{next(self._numbers)}-1", stored_path=stored.path)
        await self._house.records.add([record])
        await until(lambda: self.is_settled(stored.path))

    async def is_settled(self, path):
        return await self._house.transfers.kind(path) is None


class _Moved:
    def __init__(self, files, incoming):
        self._files = files
        self._incoming = incoming
        self.write = incoming.write

    async def store(self, content_type, *, created_at):
        stored = await self._incoming.store(content_type, created_at=created_at)
        await self._files.keep(stored)
        return stored


@asynccontextmanager
async def bucket_house(
    folder: Path,
    bucket: Bucket,
    database=open_sqlite,
    *,
    patience: timedelta = timedelta(seconds=0.05),
) -> AsyncIterator[BucketHouse]:
    """Open the stores; a second time on the same folder, as a restart does.

    *database* is one of DATABASES (tests/contracts/databases.py).
    """
    root = folder / "waiting"
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(database(folder, has_bucket=True))
        records, transfers = stores.records, stores.transfers
        waiting = LocalFiles(root, find_unused=records.find_unused)
        loans = Loans(root / ".reading")
        stack.callback(loans.close)
        files = BucketFiles(
            waiting=waiting,
            bucket=bucket,
            transfers=transfers,
            loans=loans,
            link_for=timedelta(hours=1),
            patience=patience,
        )
        yield BucketHouse(
            root=root,
            bucket=bucket,
            queue=stores.queue,
            steps=stores.steps_with(files),
            records=records,
            transfers=transfers,
            waiting=waiting,
            files=files,
            mover=Mover(
                transfers=transfers,
                waiting=waiting,
                bucket=bucket,
                loans=loans,
                clock=SystemClock(),
                first_wait=timedelta(milliseconds=20),
            ),
        )
