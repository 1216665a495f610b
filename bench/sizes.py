"""A hundred sized copies while commands are acknowledged, beside bare Pillow.

    python -m bench.sizes --copies 100

In process: the pipeline's own step on a real database and folder, a record read every
20 ms on the same loop. Bare: Pillow alone, one picture after the other on the loop.
"""

import argparse
import asyncio
import io
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image, ImageOps

from bot.clock import SystemClock
from bot.domain.job import Job, JobId
from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.request import ImageRequest
from bot.jobs.resize import AT_ONCE, Resize
from storage.files.local import LocalFiles
from storage.sqlite.copies import SqliteCopies
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobQueue
from storage.sqlite.log import SqliteJobLog
from storage.sqlite.records import SqliteRecords
from tests.contracts.values import make_record

FORMATS = ("og-image", "instagram", "twitter-header", "800x600:webp")
EVERY_S = 0.02


def picture() -> bytes:
    """Give 1024 x 1024 pixels that are neither flat nor noise alone."""
    out = io.BytesIO()
    noise = Image.effect_noise((1024, 1024), 40)
    slope = Image.linear_gradient("L").resize((1024, 1024))
    Image.merge("RGB", (noise, slope, ImageOps.mirror(noise))).save(out, "PNG")
    return out.getvalue()


class Watch:
    """Looks at the loop every few milliseconds, and reads a record each time."""

    def __init__(self, records: SqliteRecords) -> None:
        self._records = records
        self.stalls: list[float] = []
        self.reads: list[float] = []

    async def look(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(EVERY_S)
            woke = time.perf_counter()
            self.stalls.append(woke - began - EVERY_S)
            await self._records.match("bench")
            self.reads.append(time.perf_counter() - woke)


async def measured(name: str, records: SqliteRecords, work: Awaitable[None]) -> None:
    watch = Watch(records)
    began, cpu = time.perf_counter(), time.process_time()
    looking = asyncio.create_task(watch.look())
    await work
    looking.cancel()
    reads = sorted(watch.reads) or [0.0]
    print(
        f"{name}: {time.perf_counter() - began:.1f} s, CPU "
        f"{time.process_time() - cpu:.1f} s; longest stall "
        f"{max(watch.stalls, default=time.perf_counter() - began) * 1000:.0f} ms; read "
        f"p50 {reads[len(reads) // 2] * 1000:.1f} ms, p99 "
        f"{reads[len(reads) * 99 // 100] * 1000:.1f} ms; most memory "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"
    )


async def with_bot(folder: Path, copies: int, *, is_bare: bool) -> None:
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(open_database(folder / "bot.db"))
        files = LocalFiles(folder / "images", least_free_bytes=0)
        steps, records = SqliteJobLog(db=db, files=files), SqliteRecords(db=db)
        async with files.receive() as incoming:
            await incoming.write(picture())
            stored = await incoming.store("image/png", created_at=datetime.now(UTC))
        many = copies // len(FORMATS)
        made = [
            make_record(f"bench-{i}", stored_path=stored.path, job_id=JobId("bench"))
            for i in range(many)
        ]
        await records.add(made)
        pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
        step = Resize(
            files=files,
            steps=steps,
            copies=SqliteCopies(db=db),
            pool=pool,
            clock=SystemClock(),
        )
        person = Person(platform=Platform.TERMINAL, workspace_id="local", user_id="me")
        place = Place(
            platform=Platform.TERMINAL,
            workspace_id="local",
            channel_id="here",
            visibility=Visibility.WORKSPACE,
        )
        job = Job(
            id=JobId("resize"),
            request=ImageRequest(prompt="a fox", model="V_2", formats=FORMATS),
            person=person,
            place=place,
            created_at=datetime.now(UTC),
            resizes=tuple(record.id for record in made),
        )
        await SqliteJobQueue(db=db).submit(job)

        async def by_the_step() -> None:
            await step(job, made)

        async def by_pillow_alone() -> None:
            for _ in range(many):
                for size in ((1200, 630), (1080, 1080), (1500, 500), (800, 600)):
                    await asyncio.sleep(0)
                    with Image.open(files.local_path(stored.path)) as image:
                        ImageOps.fit(image, size).save(
                            folder / "bare.png" if size[0] > 800 else folder / "b.webp"
                        )

        work: Callable[[], Awaitable[None]] = (
            by_pillow_alone if is_bare else by_the_step
        )
        name = "bare Pillow on the loop" if is_bare else "ideogram-bot"
        await measured(f"{name}, {many * len(FORMATS)} copies", records, work())


def main() -> None:
    """Measure one of the two, in a process of its own."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--copies", type=int, default=100)
    reader.add_argument("--bare", action="store_true")
    asked = reader.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(with_bot(Path(folder), asked.copies, is_bare=asked.bare))


if __name__ == "__main__":
    main()
