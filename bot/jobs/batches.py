"""Batches, worked: which lines are offered to the worker when, and what is told of it.

A batch's lines are jobs. They are offered a few at a time, so that what people ask for
meanwhile never stands behind a thousand of them. All there is to know is written down:
after a restart the runner goes on with what the store says.
"""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.batch import Batch, BatchState, Tally
from bot.domain.callback import Callback, DeliveryId, Event
from bot.domain.job import BatchId, Job, JobId
from bot.domain.people import Place, Platform
from bot.domain.record import RecordId
from bot.errors import BotError, NotInPlace, PlatformRefused
from bot.jobs import batch_texts
from bot.jobs.worker import Worker
from bot.ports.base import Clock
from bot.ports.batches import Batches, BatchSender
from bot.ports.callbacks import Callbacks
from bot.ports.chat import PostNotes

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=0.5)  # for what other processes start, pause or cancel
SHOW_EVERY = timedelta(seconds=3)  # platforms limit how often a message may change
LONGEST_WAIT = timedelta(minutes=1)  # after what a platform or the disk refused
_PAGE = 200
MOST_REFUSED = 3


class BatchNotes:
    """A part of a batch's notes, durable when `write` returns. Implements PostNotes."""

    def __init__(self, *, batches: Batches, batch: Batch, part: str) -> None:
        self._batches = batches
        self._batch = batch.id
        self._all = dict(batch.notes)
        self._part = part

    @property
    def current(self) -> Mapping[str, Any]:
        """Give the notes as last written."""
        notes: Mapping[str, Any] = self._all.get(self._part, {})
        return notes

    async def write(self, notes: Mapping[str, Any]) -> None:
        """Replace the notes."""
        self._all[self._part] = dict(notes)
        await self._batches.write_notes(self._batch, self._all)


class _Nobody:
    """Stands in for the terminal, where a command looks. Implements BatchSender."""

    async def begin(self, batch: Batch, text: str, notes: PostNotes) -> Place:  # noqa: ARG002
        """Show nothing; pictures go where the batch was asked for."""
        return batch.place

    async def update(self, batch: Batch, text: str) -> None:
        """Show nothing."""

    async def end(self, batch: Batch, text: str, table: Path, notes: PostNotes) -> None:
        """Show nothing."""


@dataclass(slots=True, kw_only=True)
class _Work:
    """One batch in hand."""

    began_at: datetime
    offered: set[JobId] = field(default_factory=set)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    ended: int = 0  # since `began_at`
    ended_at: datetime | None = None
    shown: str = ""
    shown_at: datetime | None = None
    failures: int = 0
    refused: int = 0  # lines in a row whose pictures the place did not take


class BatchRunner:
    """Works batches off; `running` is its life, inside that of the worker."""

    def __init__(
        self,
        *,
        batches: Batches,
        callbacks: Callbacks,
        worker: Worker,
        senders: Mapping[Platform, BatchSender],
        clock: Clock,
        max_in_flight: int,
        first_wait: timedelta,
    ) -> None:
        self._batches = batches
        self._callbacks = callbacks
        self._worker = worker
        self._senders = senders
        self._clock = clock
        self._max_in_flight = max_in_flight
        self._first_wait = first_wait
        self._work: dict[BatchId, _Work] = {}
        self._running: dict[BatchId, asyncio.Task[None]] = {}
        worker.listen(self._line_ended)

    @asynccontextmanager
    async def running(self, *, only: BatchId | None = None) -> AsyncIterator[None]:
        """Work every batch that has begun, or *only* one, until the end of the block."""
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(self._watch(tasks, only))
            try:
                yield
            finally:
                watching.cancel()
                for task in self._running.values():
                    task.cancel()

    async def pause(self, batch: BatchId) -> Batch | None:
        """Begin nothing more; None when it does not run."""
        paused = await self._batches.move(
            batch, BatchState.PAUSED, only_from={BatchState.RUNNING}
        )
        self._look(batch)
        return paused

    async def resume(self, batch: BatchId) -> Batch | None:
        """Go on; None when it is not paused."""
        resumed = await self._batches.move(
            batch, BatchState.RUNNING, only_from={BatchState.PAUSED}
        )
        self._look(batch)
        return resumed

    async def cancel(self, batch: BatchId) -> bool:
        """End it: what has not begun never does; False when it was over already."""
        begun = await self._batches.cancel(batch)
        for job in begun or ():
            self._worker.cancel(job)
        self._look(batch)
        return begun is not None

    # --- one batch ----------------------------------------------------------

    async def _watch(self, tasks: asyncio.TaskGroup, only: BatchId | None) -> None:
        while True:
            try:
                for batch in await self._batches.unfinished():
                    is_new = batch.id not in self._work
                    if is_new and only in {None, batch.id} and self._serves(batch):
                        self._work[batch.id] = _Work(began_at=self._clock.now())
                        task = tasks.create_task(self._run(batch.id))
                        self._running[batch.id] = task
            except BotError as error:
                log.warning("Cannot look for batches: %s", error.text)
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    async def _run(self, batch_id: BatchId) -> None:
        work = self._work[batch_id]
        try:
            while not await self._try(batch_id, work):
                work.changed.clear()
                try:
                    async with asyncio.timeout(self._pause(work).total_seconds()):
                        await work.changed.wait()
                except TimeoutError:
                    continue
        finally:
            del self._work[batch_id], self._running[batch_id]

    async def _try(self, batch_id: BatchId, work: _Work) -> bool:
        try:
            is_over = await self._go_on(batch_id, work)
        except BotError as error:
            work.failures += 1
            if work.failures == 1:
                log.warning(
                    "A batch waits: %s",
                    error.text,
                    extra={"job": batch_id, "action": "batch"},
                )
            return False
        work.failures = 0
        return is_over

    async def _go_on(self, batch_id: BatchId, work: _Work) -> bool:
        """Do what is to be done now; True when nothing is left to do."""
        batch = await self._batches.find(batch_id)
        if batch is None:
            return True
        batch = await self._placed(batch)
        if batch.state is BatchState.RUNNING and work.refused >= MOST_REFUSED:
            batch = await self._give_place_up(batch, work)
        if batch.state is BatchState.RUNNING:
            await self._offer(batch, work)
        elif batch.state is BatchState.PAUSED:
            await self._withdraw(batch, work)
        else:
            for job in await self._batches.waiting(batch.id, limit=_PAGE):
                self._worker.offer(job)  # paid for: it is kept, and not posted
        tally = await self._batches.tally(batch_id)
        if tally.running or tally.left:
            await self._show(batch, tally, work)
            return False
        await self._finish(batch, tally)
        return True

    async def _give_place_up(self, batch: Batch, work: _Work) -> Batch:
        """Pause it: pictures are paid for that its place does not take."""
        work.refused = 0
        log.warning(
            "A batch pauses, since its place took none of %d pictures in a row; "
            "ideogram-bot batches --resume or --cancel goes on with it",
            MOST_REFUSED,
            extra={"job": batch.id, "action": "batch"},
        )
        paused = await self._batches.move(
            batch.id, BatchState.PAUSED, only_from={BatchState.RUNNING}
        )
        return paused or batch

    async def _placed(self, batch: Batch) -> Batch:
        """Show the batch once, and let its pictures go to the thread below."""
        if "placed" in batch.notes:
            return batch
        tally = await self._batches.tally(batch.id)
        notes = BatchNotes(batches=self._batches, batch=batch, part="begin")
        try:
            place = await self._sender(batch).begin(
                batch, batch_texts.progress(batch, tally), notes
            )
        except PlatformRefused:
            place = batch.place  # where each picture is told for itself what is wrong
        await self._batches.place_lines(batch.id, place)
        found = await self._batches.find(batch.id) or batch
        await self._batches.write_notes(batch.id, {**found.notes, "placed": True})
        return await self._batches.find(batch.id) or batch

    async def _offer(self, batch: Batch, work: _Work) -> None:
        if batch.delay and _is_within(batch.delay, work.ended_at, self._clock.now()):
            return
        most = 1 if batch.delay else self._max_in_flight
        if len(work.offered) >= most:
            return
        for job in await self._batches.waiting(
            batch.id, limit=most + len(work.offered)
        ):
            if job.id not in work.offered and len(work.offered) < most:
                work.offered.add(job.id)
                self._worker.offer(job)

    async def _withdraw(self, batch: Batch, work: _Work) -> None:
        """Take back what has not begun: the first lines that are queued."""
        if not work.offered:
            return
        queued = await self._batches.waiting(batch.id, limit=len(work.offered))
        work.offered -= {
            job.id
            for job in queued
            if job.id in work.offered and self._worker.withdraw(job.id)
        }

    def _line_ended(self, job: Job) -> None:
        if job.batch_id and (work := self._work.get(job.batch_id)):
            work.offered.discard(job.id)
            is_refused = job.error_kind == PlatformRefused.__name__
            work.refused = work.refused + 1 if is_refused else 0
            work.ended += 1
            work.ended_at = self._clock.now()
            work.changed.set()

    # --- what is told of it -------------------------------------------------

    async def _show(self, batch: Batch, tally: Tally, work: _Work) -> None:
        now = self._clock.now()
        if _is_within(SHOW_EVERY, work.shown_at, now):
            return
        left = None
        if work.ended:
            left = (now - work.began_at) / work.ended * tally.left
        text = batch_texts.progress(batch, tally, left=left)
        if text != work.shown:
            work.shown, work.shown_at = text, now
            await self._sender(batch).update(batch, text)

    async def _finish(self, batch: Batch, tally: Tally) -> None:
        await self._batches.move(
            batch.id,
            BatchState.DONE,
            only_from={BatchState.RUNNING, BatchState.PAUSED},
        )
        batch = await self._batches.find(batch.id) or batch
        try:
            records = await self._sum_up(batch, tally)
        except NotInPlace as error:
            if batch.state is not BatchState.CANCELLED:
                raise  # its pictures wait for an invitation, too
            log.warning("The end of a batch could not be told: %s", error.text)
            records = []
        if batch.callback_url:
            await self._callbacks.add(
                self._callback(batch, batch.callback_url, records)
            )
        await self._batches.finish(batch.id)
        log.info(
            "Batch %s: %d done, %d failed",
            batch.state,
            tally.done,
            tally.failed,
            extra={"job": batch.id, "action": "batch"},
        )

    async def _sum_up(self, batch: Batch, tally: Tally) -> list[RecordId]:
        """Show how it ended, with the table; give its pictures."""
        sender = self._sender(batch)
        await sender.update(batch, batch_texts.progress(batch, tally))
        with tempfile.TemporaryDirectory(prefix="ideogram-bot-") as folder:
            table = Path(folder, "results.csv")
            records = await self._write_table(batch.id, table)
            notes = BatchNotes(batches=self._batches, batch=batch, part="end")
            text = batch_texts.summary(batch, tally)
            try:
                await sender.end(batch, text, table, notes)
            except PlatformRefused as error:
                log.warning("The summary of a batch was refused: %s", error.text)
        return records

    async def _write_table(self, batch: BatchId, path: Path) -> list[RecordId]:
        """Write what became of each line; give the pictures."""
        after, records = 0, []
        with path.open("w", encoding="utf-8", newline="") as file:
            while True:
                page = await self._batches.results(batch, after_line=after, limit=_PAGE)
                text = batch_texts.table(page, with_head=after == 0)
                await asyncio.to_thread(file.write, text)
                records += [record.id for one in page for record in one.records]
                if len(page) < _PAGE:
                    return records
                after = page[-1].job.line or 0

    def _callback(self, batch: Batch, url: str, records: list[RecordId]) -> Callback:
        return Callback(
            id=DeliveryId(f"{batch.id}.batch-completed"),
            subject=batch.id,
            event=Event.BATCH_COMPLETED,
            url=url,
            created_at=self._clock.now(),
            details={
                "prompt": batch.name,
                "pictures": len(records),
                "record_ids": records,
            },
        )

    def _serves(self, batch: Batch) -> bool:
        """Say whether it can be shown; else it waits for a run that can."""
        platform = batch.person.platform
        return platform in self._senders or platform is Platform.TERMINAL

    def _sender(self, batch: Batch) -> BatchSender:
        return self._senders.get(batch.person.platform) or _Nobody()

    def _look(self, batch: BatchId) -> None:
        if work := self._work.get(batch):
            work.changed.set()

    def _pause(self, work: _Work) -> timedelta:
        if not work.failures:
            return LOOK_EVERY
        doublings = min(work.failures - 1, 20)
        wait: timedelta = self._first_wait * 2**doublings
        return min(wait, LONGEST_WAIT)


def _is_within(time: timedelta, since: datetime | None, now: datetime) -> bool:
    """Say whether less than *time* is over; not so when the clock was set back since."""
    return since is not None and timedelta(0) <= now - since < time
