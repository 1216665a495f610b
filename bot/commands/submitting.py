"""A request becomes a durable job: what every drawing command ends with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.chat.commands import Origin
from bot.chat.replies import Accepted
from bot.commands.permitting import Permitting
from bot.domain.budget import Hold
from bot.domain.job import Job, JobState, Lineage
from bot.domain.models import Models
from bot.domain.people import Visibility
from bot.domain.record import RecordId
from bot.domain.request import ImageRequest
from bot.ids import job_id
from bot.jobs import texts
from bot.jobs.recovery import HELD_FOR
from bot.jobs.worker import Worker
from bot.ports.base import Clock
from bot.ports.jobs import JobQueue, Submitted

PRESSES_ARE_ONE = timedelta(seconds=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitting:
    """Writes jobs down and offers them to the worker."""

    queue: JobQueue
    worker: Worker
    models: Models
    clock: Clock
    choose_seed: Callable[[], int]
    permitting: Permitting

    async def __call__(
        self,
        origin: Origin,
        request: ImageRequest,
        *,
        lineage: Lineage | None = None,
        press: str | None = None,
        is_again: bool = False,
        callback_url: str | None = None,
    ) -> Accepted:
        """Write the job down; *press* names the button if one was pressed.

        *is_again* draws a final prompt once more; *callback_url* is told what becomes of it.

        The seed is chosen here when the person gave none, so that trying again draws the
        same picture. Raises: NotAllowed (BudgetExceeded is one), StorageError; for a
        callback WrongInput.
        """
        grant = await self.permitting.require(
            origin, request, is_again=is_again, callback_url=callback_url
        )
        job = self._job(origin, grant.request, lineage, press, callback_url)
        async with self.permitting.paying(origin, request):
            submitted = await self.queue.submit(
                job, once_within=PRESSES_ARE_ONE, holds=grant.holds
            )
        if not submitted.is_new:
            return self.accepted(submitted.job, is_new=False)
        self.worker.offer(submitted.job)
        return await self._paid(submitted.job, grant.holds)

    async def hold(
        self,
        origin: Origin,
        request: ImageRequest,
        *,
        shows: RecordId,
        callback_url: str | None = None,
    ) -> Submitted:
        """Write the job down without running it: *shows* may do instead.

        Nothing is set aside for it before it is drawn. Raises: as when it is called.
        """
        grant = await self.permitting.require(
            origin, request, callback_url=callback_url
        )
        job = self._job(origin, grant.request, None, None, callback_url)
        await self.queue.drop_held(job.created_at - HELD_FOR)
        held = replace(job, state=JobState.HELD, shows=(shows,))
        return await self.queue.submit(held)

    async def show(self, origin: Origin, job: Job) -> Accepted | None:
        """Let a held job show what it holds; None when it was answered before.

        Raises: NotAllowed, StorageError.
        """
        await self.permitting.admit(origin)
        answered = await self.queue.answer(job)
        if answered is None:
            return None
        self.worker.offer(answered)
        return self.accepted(answered)

    async def draw(self, origin: Origin, job: Job) -> Accepted | None:
        """Let a held job draw by the rules of now; None when it was answered before.

        Raises: NotAllowed (BudgetExceeded is one: it stays held), StorageError.
        """
        grant = await self.permitting.require(origin, job.request)
        async with self.permitting.paying(origin, job.request):
            answered = await self.queue.answer(
                replace(job, shows=(), request=grant.request), holds=grant.holds
            )
        if answered is None:
            return None
        self.worker.offer(answered)
        return await self._paid(answered, grant.holds)

    def accepted(
        self, job: Job, *, is_new: bool = True, left: str = "", warnings: str = ""
    ) -> Accepted:
        """Give the first note about a job."""
        before = self.worker.before(job)
        text = texts.accepted(job, before=before, models=self.models, left=left)
        text = " ".join(filter(None, [text, warnings]))
        return Accepted(job_id=job.id, text=text, is_new=is_new)

    async def _paid(self, job: Job, holds: Sequence[Hold]) -> Accepted:
        left, warnings = await self.permitting.told_of_money(holds)
        return self.accepted(job, left=left, warnings=" ".join(warnings))

    def _job(
        self,
        origin: Origin,
        request: ImageRequest,
        lineage: Lineage | None,
        press: str | None,
        callback_url: str | None,
    ) -> Job:
        if request.seed is None:
            request = replace(request, seed=self.choose_seed())
        place = origin.place
        if request.is_private:
            place = replace(place, visibility=Visibility.OWNER)
        person = origin.person
        reviewing = self.permitting.reviewing(origin)
        return Job(
            id=job_id(person.platform, origin.event_id),
            request=request,
            person=person,
            place=place,
            created_at=self.clock.now(),
            lineage=lineage,
            return_address=origin.return_address,
            press_key=f"{press}:{person.user_id}" if press else None,
            callback_url=self.permitting.callback_url(origin, callback_url),
            reviewed_in=reviewing.channel_id,
            keeps_unsafe=reviewing.keeps_unsafe,
        )
