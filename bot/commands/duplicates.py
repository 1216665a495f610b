"""A request that was drawn before: the picture is offered, and paid for only when asked to.

The job is written down and held; which of the two buttons comes first decides it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.chat.commands import DrawAnew, MessageRef, Origin, ShowHere
from bot.chat.replies import Accepted, AlreadyDrawn
from bot.commands.submitting import Submitting
from bot.domain.duplicate import can_be_offered
from bot.domain.job import Job, JobId, JobState, Step
from bot.domain.people import Place, Visibility
from bot.domain.record import Record, RecordId
from bot.domain.request import ImageRequest, prompt_hash
from bot.errors import NotAllowed, NotFound, WrongInput
from bot.jobs import texts
from bot.ports.jobs import JobLog
from bot.ports.records import Records

NO_SUCH = "This offer is gone. Send the command again."
_Then = Callable[[Origin, Job], Awaitable[Accepted | None]]
DECIDED = (
    "This was answered already and nothing more is done. Send the command again if you "
    "want another picture."
)
GONE = "That picture was deleted meanwhile. Press Draw anew to have it drawn."

UNSEEN = (
    "Moderators approve pictures before they are posted here, and this one was drawn "
    "elsewhere. Press Draw anew to have it drawn and approved."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """Finds what was drawn before, and offers it."""

    submit: Submitting
    records: Records
    steps: JobLog
    within: timedelta  # none: never

    async def find(self, origin: Origin, request: ImageRequest) -> Record | None:
        """Give the newest picture of the same request that may be shown there."""
        if not self.within:
            return None
        place = origin.place
        if request.is_private:
            place = replace(place, visibility=Visibility.OWNER)
        return await self.records.find_same(
            prompt_hash(request),
            since=self.submit.clock.now() - self.within,
            person=origin.person,
            place=place,
            seed=request.seed,
        )

    async def offer(
        self,
        origin: Origin,
        request: ImageRequest,
        same: Record,
        *,
        callback_url: str | None,
    ) -> Accepted | AlreadyDrawn:
        """Hold the job and offer *same*. Raises: as Submitting.

        An event that is repeated finds its own job, which may be drawn by now.
        """
        held = await self.submit.hold(
            origin, request, shows=same.id, callback_url=callback_url
        )
        if held.job.state is not JobState.HELD:
            return self.submit.accepted(held.job, is_new=False)
        steps = await self.steps.steps(same.job_id)
        notes = steps[Step.POST].notes if Step.POST in steps else {}
        return AlreadyDrawn(
            job_id=held.job.id,
            record=same,
            text=texts.already_drawn(held.job, same, self.submit.clock.now()),
            message=await self._message(same, origin.place),
            notes=notes,
            is_new=held.is_new,
        )

    async def _message(self, record: Record, place: Place) -> MessageRef | None:
        """Give a message of this channel or of the picture's own, and of no other.

        It may have been shown in private places since, which are nobody's business.
        """
        known = await self.records.messages_of(record.id)
        shown = [message for message in known if not message.shows_copies]
        for channel in (place.channel_id, record.place.channel_id):
            for each in shown:
                if each.channel_id == channel:
                    return MessageRef(channel_id=channel, message_id=each.message_id)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldHandler:
    """Answers the two buttons below an offer."""

    submit: Submitting
    records: Records

    async def show_here(self, command: ShowHere) -> Accepted:
        """Post the earlier picture. Raises: NotAllowed, NotFound, WrongInput, StorageError."""
        job = await self._own(command.origin, command.target)
        if job.state is not JobState.HELD:
            return self._decided(job, is_same=bool(job.shows))
        for shown in job.shows:
            record = await self.records.get(RecordId(shown))
            if (
                record is None
                or record.stored_path is None
                or not can_be_offered(record, job.person, job.place)
            ):
                raise NotFound(GONE)
            is_of_here = record.place.channel_id == job.place.channel_id
            if self._is_reviewed(command.origin) and not is_of_here:
                raise NotAllowed(UNSEEN)
        return await self._go_on(command.origin, job, self.submit.show)

    async def draw_anew(self, command: DrawAnew) -> Accepted:
        """Draw it after all. Raises: NotFound, WrongInput, StorageError."""
        job = await self._own(command.origin, command.target)
        if job.state is not JobState.HELD:
            return self._decided(job, is_same=not job.shows)
        return await self._go_on(command.origin, job, self.submit.draw)

    def _is_reviewed(self, origin: Origin) -> bool:
        return self.submit.permitting.reviewing(origin).channel_id is not None

    async def _own(self, origin: Origin, target: JobId) -> Job:
        job = await self.submit.queue.find(target)
        if job is None or job.person != origin.person or job.batch_id is not None:
            raise NotFound(NO_SUCH)
        return job

    def _decided(self, job: Job, *, is_same: bool) -> Accepted:
        """Take a press of the same button as the first. Raises: WrongInput for another."""
        if not is_same or job.is_cancel_requested or job.state is JobState.CANCELLED:
            raise WrongInput(DECIDED)
        return self.submit.accepted(job, is_new=False)

    async def _go_on(self, origin: Origin, job: Job, then: _Then) -> Accepted:
        """Let it run, answering where the button was pressed."""
        address = {**job.return_address, **origin.return_address}
        accepted = await then(origin, replace(job, return_address=address))
        if accepted is not None:
            return accepted
        decided = await self._own(origin, job.id)  # at this very moment
        is_same = bool(decided.shows) == (then == self.submit.show)
        return self._decided(decided, is_same=is_same)
