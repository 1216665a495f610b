"""`/imagine batch`: every line is checked before the first is queued; then the person decides."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import PurePath

from bot.chat.actions import BatchAction
from bot.chat.commands import DecideBatch, Origin, SubmitBatch
from bot.chat.replies import BatchOffer, Notice
from bot.commands.cancel import BATCH_CANCELLED
from bot.commands.permitting import Permitting
from bot.domain.batch import Batch, BatchState
from bot.domain.budget import Hold, dollars, to_micros
from bot.domain.job import BatchId, Job, JobId, JobState
from bot.domain.models import Models
from bot.domain.people import Platform
from bot.domain.request import ImageRequest
from bot.errors import BudgetExceeded, NotAllowed, NotFound, WrongInput
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
from bot.parsing.resolve import with_defaults
from bot.policy.permissions import Denial
from bot.ports.base import Clock
from bot.ports.batches import Batches

_AT_ONCE = 20  # lines that are judged before others have their turn
_MOST_NAMED = 20  # wrong lines; a message has its limits
GONE = "This batch is gone: it was never started, or older than is kept."
CHANGED = "The rules have changed since this batch was checked. Send it again."
NOT_YOURS = "Only the person who asked for a batch may decide about it."


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitBatchHandler:
    """Checks a batch, writes it down and says what it costs."""

    batches: Batches
    models: Models
    default_model: str
    clock: Clock
    choose_seed: Callable[[], int]
    permitting: Permitting

    async def __call__(self, command: SubmitBatch) -> BatchOffer:
        """Write the batch down, held. Raises: WrongInput, NotAllowed, StorageError."""
        flags = read_batch_flags(command.flags)
        url = command.callback_url or flags.callback_url
        read = await asyncio.to_thread(self._lines, command, flags)
        lines = await self._allowed(command.origin, read, url)
        batch = self._batch(command, flags, len(lines), url)
        is_new = await self.batches.submit(batch, self._jobs(command, batch, lines))
        left = await self.permitting.left_of(command.origin)
        return BatchOffer(
            batch_id=batch.id, text=self._offer(batch, lines, left), is_new=is_new
        )

    async def _allowed(
        self, origin: Origin, lines: tuple[Line, ...], url: str | None
    ) -> tuple[Line, ...]:
        """Give the lines as they are drawn. Raises: NotAllowed, WrongInput."""
        right: list[Line] = []
        denied: list[tuple[Line, Denial]] = []
        for number, line in enumerate(lines):
            if number % _AT_ONCE == 0:  # thousands of them must not hold the loop
                await asyncio.sleep(0)
            found = self.permitting.look(
                origin, line.request, is_batch=True, callback_url=url
            )
            if isinstance(found, Denial):
                denied.append((line, found))
            else:
                right.append(replace(line, request=found.request))
        if denied:
            raise await self._refusal(origin, denied, len(lines))
        if url is not None:
            self.permitting.calling_back.check(origin, url)
        return tuple(right)

    async def _refusal(
        self, origin: Origin, denied: list[tuple[Line, Denial]], lines: int
    ) -> NotAllowed:
        """Note each rule once; say once what is wrong with every line."""
        for rule, line in {denial.rule: line for line, denial in denied}.items():
            await self.permitting.note(origin, rule, line.request)
        texts = {denial.text for _, denial in denied}
        if len(texts) == 1 and len(denied) == lines:
            return NotAllowed(f"{texts.pop()} {NOTHING_DRAWN}")
        wrong = [WrongLine(number=one.number, text=why.text) for one, why in denied]
        return NotAllowed(f"{_complaint(tuple(wrong))}\n{NOTHING_DRAWN}")

    def _lines(self, command: SubmitBatch, flags: BatchFlags) -> tuple[Line, ...]:
        with refusing(NOTHING_DRAWN):
            read = read_batch(
                command.content,
                form_of(command.file_name),
                models=self.models,
                default_model=self.default_model,
                flags=with_defaults(
                    flags.lines, self.permitting.flags_for(command.origin)
                ),
                tags=(flags.campaign,) if flags.campaign else (),
            )
            if read.wrong:
                at_hand = command.origin.person.platform is Platform.TERMINAL
                most = len(read.wrong) if at_hand else _MOST_NAMED
                raise WrongInput(_complaint(read.wrong, most))
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
            callback_url=self.permitting.callback_url(origin, url),
            return_address=origin.return_address,
        )

    def _jobs(
        self, command: SubmitBatch, batch: Batch, lines: tuple[Line, ...]
    ) -> list[Job]:
        reviewing = self.permitting.reviewing(command.origin)
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
                reviewed_in=reviewing.channel_id,
                keeps_unsafe=reviewing.keeps_unsafe,
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

    def _offer(self, batch: Batch, lines: tuple[Line, ...], left: str) -> str:
        requests = [line.request for line in lines]
        pictures = sum(request.count for request in requests)
        cost = sum((self._price(request) for request in requests), Decimal(0))
        wait = ""
        if batch.delay:
            wait = f", one after the other, {batch.delay.total_seconds():g} s between"
        what = "1 line" if len(lines) == 1 else f"{len(lines)} lines"
        made = "1 picture" if pictures == 1 else f"{pictures} pictures"
        money = ", ".join(filter(None, [dollars(to_micros(cost)), left]))
        offer = f"Batch {batch.name}: {what}, {made}, {money}{wait}."
        if batch.person.platform is Platform.TERMINAL:
            return offer  # where it starts at once
        return f"{offer} Nothing is drawn before you press Start."

    def _price(self, request: ImageRequest) -> Decimal:
        model = self.models[request.model]
        return model.price(request.rendering_speed) * request.count


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideBatchHandler:
    """Does what a batch's button says."""

    batches: Batches
    runner: BatchRunner
    permitting: Permitting

    async def __call__(self, command: DecideBatch) -> Notice:
        """Start, pause, go on or cancel. Raises: NotFound, NotAllowed, BudgetExceeded."""
        batch = await self._own(command.origin, command.batch_id)
        match command.action:
            case BatchAction.START:
                done = await self._start(command.origin, batch)
            case BatchAction.PAUSE:
                paused = await self.runner.pause(batch.id)
                done = "Paused: nothing new is begun." if paused else None
            case BatchAction.RESUME:
                done = "Going on." if await self.runner.resume(batch.id) else None
            case BatchAction.CANCEL:
                done = BATCH_CANCELLED if await self.runner.cancel(batch.id) else None
        return Notice(text=done or await self._stands(batch.id))

    async def _start(self, origin: Origin, batch: Batch) -> str | None:
        """Set the money of every line aside and begin; None when it stands otherwise.

        Raises: NotAllowed; BudgetExceeded, and then nothing has begun.
        """
        await self.permitting.admit(origin)
        holds: dict[JobId, Sequence[Hold]] = {}
        line = 0
        while page := await self.batches.results(batch.id, after_line=line):
            for one in page:
                await self._require_unchanged(origin, one.job)
                holds[one.job.id] = self.permitting.holds(origin, one.job.request)
            line = page[-1].job.line or line + len(page)
        async with self.permitting.paying(origin):
            try:
                begun = await self.batches.start(batch.id, holds)
            except BudgetExceeded as error:
                why = f"The whole batch does not fit. Of its lines: {error.text}"
                raise BudgetExceeded(why, left=error.left, rule=error.rule) from error
        if begun is None:
            return None
        every = next(iter(holds.values()), ())
        left, warnings = await self.permitting.told_of_money(every)
        told = [f"Started: {batch.lines} lines.", f"{left}." if left else "", *warnings]
        return " ".join(filter(None, told))

    async def _require_unchanged(self, origin: Origin, job: Job) -> None:
        """Raise NotAllowed where the rules of now say else than when it was checked."""
        found = self.permitting.look(origin, job.request, is_batch=True)
        if isinstance(found, Denial):
            refused = await self.permitting.refuse(origin, found, job.request)
            raise NotAllowed(f"Line {job.line}: {refused.text}")
        if found.request != job.request:
            raise NotAllowed(CHANGED)

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


def _complaint(wrong: tuple[WrongLine, ...], most: int = _MOST_NAMED) -> str:
    named = [f"Line {one.number}: {one.text}" for one in wrong[:most]]
    if len(wrong) > most:
        named.append(f"And {len(wrong) - most} more lines are wrong.")
    return "\n".join(named)
