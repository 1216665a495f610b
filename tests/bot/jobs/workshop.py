"""A worker on real SQLite and real files, with an Ideogram and a platform that remember."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.clock import SystemClock
from bot.domain.job import Job, JobId
from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.request import ImageRequest
from bot.ideogram.catalog import MODELS
from bot.ids import job_id
from bot.jobs.batches import BatchRunner
from bot.jobs.draw import Draw
from bot.jobs.following import Follow
from bot.jobs.keep import Keep
from bot.jobs.pipeline import Pipeline
from bot.jobs.post import Post
from bot.jobs.recovery import Recovery
from bot.jobs.resize import Resize
from bot.jobs.retry import rules
from bot.jobs.review import ReviewStep
from bot.jobs.worker import Worker
from bot.ports.base import Clock
from storage.files.local import LocalFiles
from storage.sqlite.audit import SqliteAudit
from storage.sqlite.batches import SqliteBatches
from storage.sqlite.callbacks import SqliteCallbacks
from storage.sqlite.copies import SqliteCopies
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobQueue
from storage.sqlite.log import SqliteJobLog
from storage.sqlite.records import SqliteRecords
from storage.sqlite.reviewing import SqliteReviews
from tests.fakes.images import FakeImages
from tests.fakes.sender import FakeBatchSender, FakeReviewSender, FakeSender
from tests.fakes.waiting import until

ANN = Person(platform=Platform.SLACK, workspace_id="T1", user_id="ann")
BOB = Person(platform=Platform.SLACK, workspace_id="T1", user_id="bob")
CHANNEL = Place(
    platform=Platform.SLACK,
    workspace_id="T1",
    channel_id="C1",
    visibility=Visibility.WORKSPACE,
)


class Workshop:
    """One life of the process: open it twice on a folder to see a restart."""

    def __init__(self, stack: AsyncExitStack, clock: Clock) -> None:
        self._stack = stack
        self.images = FakeImages()
        self.sender = FakeSender()
        self.batch_sender = FakeBatchSender()
        self.review_sender = FakeReviewSender()
        self.clock = clock

    async def open(
        self, folder: Path, *, max_in_flight: int = 10, least_free_bytes: int = 0
    ) -> None:
        db = await self._stack.enter_async_context(open_database(folder / "bot.db"))
        self.files = LocalFiles(folder / "images", least_free_bytes=least_free_bytes)
        self.queue = SqliteJobQueue(db=db)
        self.steps = SqliteJobLog(db=db)
        self.records = SqliteRecords(db=db)
        self.reviews = SqliteReviews(db=db)
        self.audit = SqliteAudit(db=db)
        self.copies = SqliteCopies(db=db)
        pool = self._stack.enter_context(ThreadPoolExecutor(max_workers=2))
        senders = {Platform.SLACK: self.sender}
        transfers = asyncio.Semaphore(16)
        retry = rules(attempts=3, first_wait=timedelta(milliseconds=1))
        pipeline = Pipeline(
            draw=Draw(images=self.images, files=self.files, steps=self.steps),
            keep=Keep(
                images=self.images,
                files=self.files,
                steps=self.steps,
                models=MODELS,
                clock=self.clock,
                rules=retry,
                transfers=transfers,
            ),
            post=Post(
                senders=senders,
                files=self.files,
                steps=self.steps,
                transfers=transfers,
            ),
            resize=Resize(
                files=self.files,
                steps=self.steps,
                copies=self.copies,
                pool=pool,
                clock=self.clock,
            ),
            follow=Follow(queue=self.queue, steps=self.steps),
            steps=self.steps,
            records=self.records,
            review=ReviewStep(
                reviews=self.reviews,
                senders={Platform.SLACK: self.review_sender},
                files=self.files,
                erase=self._erase,
                steps=self.steps,
                transfers=transfers,
            ),
        )
        self.worker = Worker(
            queue=self.queue,
            pipeline=pipeline,
            rules=retry,
            senders=senders,
            clock=self.clock,
            max_in_flight=max_in_flight,
        )
        self.batches = SqliteBatches(db=db)
        self.callbacks = SqliteCallbacks(db=db)
        self.runner = BatchRunner(
            batches=self.batches,
            callbacks=self.callbacks,
            worker=self.worker,
            senders={Platform.SLACK: self.batch_sender},
            clock=self.clock,
            max_in_flight=max_in_flight,
            first_wait=timedelta(milliseconds=1),
        )
        self.recovery = Recovery(
            queue=self.queue, steps=self.steps, worker=self.worker, clock=self.clock
        )
        await self._stack.enter_async_context(self.worker.running())
        await self._stack.enter_async_context(self.runner.running())

    async def _erase(self, paths: Sequence[str]) -> None:
        for path in paths:
            await self.files.delete(path)

    async def submit(
        self,
        name: str = "one",
        *,
        person: Person = ANN,
        is_offered: bool = True,
        reviewed_in: str | None = None,
        keeps_unsafe: bool = False,
        **changes,
    ) -> Job:
        """Write a job down and offer it."""
        request = ImageRequest(prompt="a fox", model="V_2", seed=7)
        job = Job(
            id=job_id(Platform.SLACK, name),
            request=replace(request, **changes),
            person=person,
            place=CHANNEL,
            created_at=self.clock.now(),
            reviewed_in=reviewed_in,
            keeps_unsafe=keeps_unsafe,
        )
        submitted = await self.queue.submit(job)
        if is_offered:
            self.worker.offer(submitted.job)
        return submitted.job

    async def ended(self, job: Job | JobId) -> Job:
        """Wait until the job is final and its person was told."""
        name = job.id if isinstance(job, Job) else job
        await until(lambda: any(name == told for told, _, _ in self.sender.ends()))
        found = await self.queue.find(name)
        assert found
        assert found.state.is_final
        return found


@asynccontextmanager
async def workshop(
    folder: Path, *, clock: Clock | None = None, **changes
) -> AsyncIterator[Workshop]:
    """Open a workshop on *folder*; its worker runs."""
    async with AsyncExitStack() as stack:
        shop = Workshop(stack, clock or SystemClock())
        await shop.open(folder, **changes)
        yield shop
