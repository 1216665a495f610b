"""The stores of one database, files on one folder, and a sweep over them."""

import asyncio
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.job import JobState, Step
from bot.policy.retention import Limits
from bot.ports.jobs import JobLog
from bot.ports.upkeep import TakeBacks
from storage.files.local import LocalFiles
from storage.keeping import KeptJobs, KeptOnce, KeptRecords, Upkeep
from storage.retention import Retention
from tests.contracts.databases import open_sqlite
from tests.contracts.values import make_job, make_record

NOW = datetime.now(UTC)


class StillClock:
    def now(self):
        return NOW


class MortalFiles(LocalFiles):
    """Ends the sweep once it has asked for so many files to be deleted."""

    die_after: int | None = None

    async def delete_unused(self, paths, *, stored_before=None):
        if self.die_after is not None:
            self.die_after -= len(paths)
            if self.die_after < 0:
                raise asyncio.CancelledError
        return await super().delete_unused(paths, stored_before=stored_before)


@dataclass
class House:
    """What a test of retention needs: keep, sweep, look."""

    root: Path
    queue: KeptJobs
    steps: JobLog
    records: KeptRecords
    upkeep: Upkeep
    take_backs: TakeBacks
    once: KeptOnce
    files: MortalFiles
    retention: Retention

    async def store(self, content=b"picture"):
        async with self.files.receive() as incoming:
            await incoming.write(content)
            return await incoming.store("image/png", created_at=NOW)

    async def keep(self, name, *, age, content=b"picture", state=JobState.DONE, **more):
        """Draw a picture *age* ago, file and record and all."""
        job = make_job(name, created_at=NOW - age)
        await self.queue.submit(job)
        stored = await self.store(content)
        record = make_record(
            f"{name}-1",
            job_id=job.id,
            created_at=NOW - age,
            stored_path=stored.path,
            size_bytes=stored.size_bytes,
            **more,
        )
        await self.steps.finish(job.id, Step.KEEP, {}, records=[record])
        await self.queue.save(replace(job, state=state))
        return stored.path

    async def sweep(self, kept_for: timedelta | None):
        return await self.retention.sweep(Limits(otherwise=kept_for))

    async def plan(self, kept_for: timedelta | None):
        return await self.retention.plan(Limits(otherwise=kept_for))

    async def kept(self):
        return [record.id async for record in self.records.all()]

    def paths(self):
        """Give the files there are."""
        files = self.root.rglob("*.png")
        return sorted(file.relative_to(self.root).as_posix() for file in files)

    def age_files(self, age: timedelta):
        """Let all files be stored that long ago."""
        then = (NOW - age).timestamp()
        for path in self.paths():
            os.utime(self.root / path, (then, then))


@asynccontextmanager
async def open_house(folder: Path, database=open_sqlite, *, takes_back: bool = False):
    """Open the stores; *database* is one of DATABASES (tests/contracts/databases.py)."""
    clock = StillClock()
    async with database(folder, clock=clock) as stores:
        files = MortalFiles(folder / "images", find_unused=stores.records.find_unused)
        yield House(
            root=folder / "images",
            queue=stores.queue,
            steps=stores.steps_with(files),
            records=stores.records,
            upkeep=stores.upkeep,
            take_backs=stores.take_backs,
            once=stores.once,
            files=files,
            retention=Retention(
                records=stores.records,
                upkeep=stores.upkeep,
                queue=stores.queue,
                once=stores.once,
                files=files,
                clock=clock,
                takes_back=takes_back,
                pause=timedelta(0),
            ),
        )
