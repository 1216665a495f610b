"""`/imagine batch`: every line is checked before the first is queued; then the person decides."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import PurePath

from bot.chat.actions import BatchAction
from bot.chat.commands import DecideBatch, Origin, SubmitBatch
from bot.chat.replies import BatchOffer, Notice
from bot.commands.calling_back import CallingBack
from bot.commands.cancel import BATCH_CANCELLED
from bot.domain.batch import Batch, BatchState
from bot.domain.job import BatchId, Job, JobState
from bot.domain.models import Models
from bot.domain.request import ImageRequest
from bot.errors import NotAllowed, NotFound, WrongInput
from bot.ids import job_id
from bot.jobs.batches import BatchRunner
from bot.parsing.batch import (
    BatchFlags,
    Line,
    WrongLine,
    form_of,
    read_batch,
    read_batch_flags,
)
from bot.parsing.refusal import NOTHING_DRAWN, refusing
from bot.ports import Batches, Clock

_MOST_NAMED = 20  # wrong lines; a message has its limits
GONE = "This batch is gone: it was never started, or older than is kept."
NOT_YOURS = "Only the person who asked for a batch may decide about it."


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitBatchHandler:
    """Checks a batch, writes it down and says what it costs."""

    batches: Batches
    models: Models
    default_model: str
    clock: Clock
    choose_seed: Callable[[], int]
    calling_back: CallingBack

    async def __call__(self, command: SubmitBatch) -> BatchOffer:
        """Write the batch down, held. Raises: WrongInput, NotAllowed, StorageError."""
        flags = read_batch_flags(command.flags)
        url = command.callback_url or flags.callback_url
        if url is not None:
            self.calling_back.check(command.origin, url)
        lines = self._lines(command, flags)
        batch = self._batch(command, flags, len(lines), url)
        is_new = await self.batches.submit(batch, self._jobs(batch, lines))
        return BatchOffer(
            batch_id=batch.id, text=self._offer(batch, lines), is_new=is_new
        )

    def _lines(self, command: SubmitBatch, flags: BatchFlags) -> tuple[Line, ...]:
        with refusing(NOTHING_DRAWN):
            read = read_batch(
                command.content,
                form_of(command.file_name),
                models=self.models,
                default_model=self.default_model,
                flags=flags.lines,
                tags=(flags.campaign,) if flags.campaign else (),
            )
            if read.wrong:
                raise WrongInput(_complaint(read.wrong))
        return read.right

    def _batch(
        self, command: SubmitBatch, flags: BatchFlags, lines: int, url: str | None
    ) -> Batch:
        origin = command.origin
        made = job_id(origin.person.platform, f"batch {origin.event_id}")
        stem = PurePath(command.file_name).stem
        return Batch(
            id=BatchId(made),
            name=flags.campaign or stem[:50] or made[:6],
            person=origin.person,
            place=origin.place,
            created_at=self.clock.now(),
            lines=lines,
            delay=flags.delay,
            callback_url=url,
            return_address=origin.return_address,
        )

    def _jobs(self, batch: Batch, lines: tuple[Line, ...]) -> list[Job]:
        return [
            Job(
                id=job_id(batch.person.platform, f"{batch.id} {line.number}"),
                request=self._seeded(line.request),
                person=batch.person,
                place=batch.place,
                created_at=batch.created_at,
                callback_url=batch.callback_url,
                batch_id=batch.id,
                line=line.number,
                state=JobState.HELD,
            )
            for line in lines
        ]

    def _seeded(self, request: ImageRequest) -> ImageRequest:
        if request.is_private:
            raise WrongInput(
                "A batch is shown to everyone in its channel: leave --private out. "
                f"{NOTHING_DRAWN}"
            )
        if request.seed is not None:
            return request
        return replace(request, seed=self.choose_seed())

    def _offer(self, batch: Batch, lines: tuple[Line, ...]) -> str:
        requests = [line.request for line in lines]
        pictures = sum(request.count for request in requests)
        cost = sum((self._price(request) for request in requests), Decimal(0))
        wait = f", one after the other with {batch.delay}" if batch.delay else ""
        what = "1 line" if len(lines) == 1 else f"{len(lines)} lines"
        made = "1 picture" if pictures == 1 else f"{pictures} pictures"
        return (
            f"Batch {batch.name}: {what}, {made}, ${cost.normalize():f}{wait}. "
            "Nothing is drawn before you press Start."
        )

    def _price(self, request: ImageRequest) -> Decimal:
        model = self.models[request.model]
        return model.price(request.rendering_speed) * request.count


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideBatchHandler:
    """Does what a batch's button says."""

    batches: Batches
    runner: BatchRunner

    async def __call__(self, command: DecideBatch) -> Notice:
        """Start, pause, go on or cancel. Raises: NotFound, NotAllowed, BudgetExceeded."""
        batch = await self._own(command.origin, command.batch_id)
        match command.action:
            case BatchAction.START:
                begun = await self.batches.start(batch.id, {})
                done = f"Started: {batch.lines} lines." if begun else None
            case BatchAction.PAUSE:
                paused = await self.runner.pause(batch.id)
                done = "Paused: nothing new is begun." if paused else None
            case BatchAction.RESUME:
                done = "Going on." if await self.runner.resume(batch.id) else None
            case BatchAction.CANCEL:
                done = BATCH_CANCELLED if await self.runner.cancel(batch.id) else None
        return Notice(text=done or await self._stands(batch.id))

    async def _own(self, origin: Origin, batch_id: BatchId) -> Batch:
        batch = await self.batches.find(batch_id)
        if batch is None:
            raise NotFound(GONE)
        if batch.person != origin.person:
            raise NotAllowed(NOT_YOURS)
        return batch

    async def _stands(self, batch_id: BatchId) -> str:
        batch = await self.batches.find(batch_id)
        stands = batch.state if batch else BatchState.CANCELLED
        return f"Nothing was changed: this batch is {stands}."


def _complaint(wrong: tuple[WrongLine, ...]) -> str:
    named = [f"Line {one.number}: {one.text}" for one in wrong[:_MOST_NAMED]]
    if len(wrong) > _MOST_NAMED:
        named.append(f"And {len(wrong) - _MOST_NAMED} more lines are wrong.")
    return "\n".join(named)
