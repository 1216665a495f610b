"""A batch from the terminal: handed to the run that works on the database, or worked here.

What is written down stays: whatever ends this process, the next run goes on with the rest.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from adapters.terminal.operations import BatchOutcome, Standing, WatchBatch
from adapters.terminal.send import TerminalSender
from bot.chat.actions import BatchAction
from bot.chat.commands import DecideBatch, SubmitBatch
from bot.chat.replies import BatchOffer
from bot.domain.batch import BatchState, Result
from bot.domain.job import BatchId
from bot.domain.people import Platform
from bot.errors import BotError, NotFound, WrongInput
from bot.filing import finish_moving
from bot.policy_file import CurrentPolicy, load_policy
from bot.settings import Settings
from bot.stores import Stores, open_stores
from bot.telling import delivering, tell
from bot.wiring import Core, make_core, open_images
from storage.lock import OwnerLock

DRAIN = timedelta(seconds=20)
LOOK_EVERY_S = 0.2
_PAGE = 200
_GONE = "The batch is gone: its database was changed meanwhile."


async def draw_batch(
    settings: Settings, command: SubmitBatch, watch: WatchBatch, *, is_detached: bool
) -> BatchOutcome:
    """Check it, start it, and wait for its end unless *is_detached*.

    Raises: WrongInput (each wrong line is named), NotAllowed; then nothing is drawn.
    """
    policy = CurrentPolicy(load_policy(settings))
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(open_stores(settings))
        images = await stack.enter_async_context(open_images(settings))
        senders = {Platform.TERMINAL: TerminalSender()}
        core = make_core(settings, stores, images, senders, policy=policy)
        batch = await _started(core, command, watch)
        if not is_detached:
            lock = OwnerLock(settings.database_path)
            stack.callback(lock.release)
            waiting = _Waiting(
                batch=batch, settings=settings, stores=stores, core=core, watch=watch
            )
            await waiting.until_over(lock)
        return await _outcome(batch, stores)


async def under_way(stores: Stores) -> list[Standing]:
    """Give the batches that have begun and are not over, oldest first."""
    return [
        Standing(batch=one, tally=await stores.batches.tally(one.id))
        for one in await stores.batches.unfinished()
    ]


async def decide(stores: Stores, beginning: str, action: BatchAction) -> Standing:
    """Pause, go on with or cancel the batch with that id; the run that works it looks.

    Raises: NotFound.
    """
    found = [
        one for one in await under_way(stores) if one.batch.id.startswith(beginning)
    ]
    if len(found) != 1:
        raise NotFound(
            f"There is no batch {beginning} under way; ideogram-bot batches lists them."
        )
    batch, batches = found[0].batch.id, stores.batches
    match action:
        case BatchAction.PAUSE:
            only_from = {BatchState.RUNNING}
            await batches.move(batch, BatchState.PAUSED, only_from=only_from)
        case BatchAction.RESUME:
            only_from = {BatchState.PAUSED}
            await batches.move(batch, BatchState.RUNNING, only_from=only_from)
        case BatchAction.CANCEL:
            await batches.cancel(batch)
        case BatchAction.START:
            raise WrongInput("It has begun already.")
    now = await batches.find(batch) or found[0].batch
    return Standing(batch=now, tally=await batches.tally(batch))


async def _started(core: Core, command: SubmitBatch, watch: WatchBatch) -> BatchId:
    offer = await core.dispatcher.carry_out(command)
    if not isinstance(offer, BatchOffer):
        raise WrongInput("There is no line in it. Write one prompt a line.")
    start = DecideBatch(
        origin=command.origin, batch_id=offer.batch_id, action=BatchAction.START
    )
    try:
        await core.dispatcher.carry_out(start)
    except BotError:
        await core.batches.cancel(offer.batch_id)
        raise
    watch.began(offer.text)
    return offer.batch_id


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """Waits for a batch: another process works it, or else this one does."""

    batch: BatchId
    settings: Settings
    stores: Stores
    core: Core
    watch: WatchBatch

    async def until_over(self, lock: OwnerLock) -> None:
        while not await self._is_over():
            if await asyncio.to_thread(lock.try_acquire):
                await self._work()
                await finish_moving(self.stores.mover, lock)
                await self._tell()
                return
            await asyncio.sleep(LOOK_EVERY_S)

    async def _work(self) -> None:
        core = self.core
        await self.stores.files.prepare()  # tidies up after the one that died
        async with core.worker.running():
            for job in await self.stores.queue.unfinished():
                if job.batch_id == self.batch:
                    await core.recovery.take_up_begun(job)
            try:
                async with (
                    delivering(self.settings, self.stores),
                    core.batches.running(only=self.batch),
                ):
                    await self._poll()
            except asyncio.CancelledError:
                # What is under way is paid for: it is waited for, unless Ctrl-C is
                # pressed again.
                await core.worker.drain(DRAIN)
                raise
            await core.worker.drain(DRAIN)

    async def _poll(self) -> None:
        while True:
            if await self._is_over():
                return
            await asyncio.sleep(LOOK_EVERY_S)

    async def _is_over(self) -> bool:
        batches = self.stores.batches
        self.watch.stands(await batches.tally(self.batch))
        return all(one.id != self.batch for one in await batches.unfinished())

    async def _tell(self) -> None:
        found = await self.stores.batches.find(self.batch)
        if found and found.callback_url:
            jobs = [one.job.id for one in await _results(self.batch, self.stores)]
            await tell(self.settings, self.stores, *jobs, self.batch)


async def _results(batch: BatchId, stores: Stores) -> list[Result]:
    results: list[Result] = []
    while page := await stores.batches.results(
        batch, after_line=(results[-1].job.line or 0) if results else 0, limit=_PAGE
    ):
        results += page
    return results


async def _outcome(batch: BatchId, stores: Stores) -> BatchOutcome:
    found = await stores.batches.find(batch)
    if found is None:
        raise NotFound(_GONE)
    results = await _results(batch, stores)
    return BatchOutcome(
        batch=found,
        tally=await stores.batches.tally(batch),
        records=tuple(record for result in results for record in result.records),
        problems=tuple(
            (one.job.line or 0, one.job.error) for one in results if one.job.error
        ),
    )
