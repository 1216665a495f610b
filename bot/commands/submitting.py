"""A request becomes a durable job: what every drawing command ends with."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.chat.commands import Origin
from bot.chat.replies import Accepted
from bot.commands.calling_back import CallingBack
from bot.domain.job import Job, JobState, Lineage
from bot.domain.models import Models
from bot.domain.people import Visibility
from bot.domain.record import RecordId
from bot.domain.request import ImageRequest
from bot.ids import job_id
from bot.jobs import texts
from bot.jobs.recovery import HELD_FOR
from bot.jobs.worker import Worker
from bot.ports import Clock, JobQueue, Submitted

PRESSES_ARE_ONE = timedelta(seconds=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitting:
    """Writes jobs down and offers them to the worker."""

    queue: JobQueue
    worker: Worker
    models: Models
    clock: Clock
    choose_seed: Callable[[], int]
    calling_back: CallingBack = field(default_factory=CallingBack)

    async def __call__(
        self,
        origin: Origin,
        request: ImageRequest,
        *,
        lineage: Lineage | None = None,
        press: str | None = None,
        callback_url: str | None = None,
    ) -> Accepted:
        """Write the job down; *press* names the button if one was pressed.

        *callback_url* is told what becomes of the job, if that is allowed.

        The seed is chosen here when the person gave none, so that trying again draws the
        same picture. Raises: StorageError; for a callback NotAllowed, ConfigError,
        WrongInput.
        """
        job = self._job(origin, request, lineage, press, callback_url)
        submitted = await self.queue.submit(job, once_within=PRESSES_ARE_ONE)
        if submitted.is_new:
            self.worker.offer(submitted.job)
        return self.accepted(submitted.job, is_new=submitted.is_new)

    async def hold(
        self,
        origin: Origin,
        request: ImageRequest,
        *,
        shows: RecordId,
        callback_url: str | None = None,
    ) -> Submitted:
        """Write the job down without running it: *shows* may do instead.

        Raises: as when it is called.
        """
        job = self._job(origin, request, None, None, callback_url)
        await self.queue.drop_held(job.created_at - HELD_FOR)
        held = replace(job, state=JobState.HELD, shows=(shows,))
        return await self.queue.submit(held)

    async def go_on(self, job: Job) -> Accepted | None:
        """Let a held job run as *job* says; None when it was answered before."""
        answered = await self.queue.answer(job)
        if answered is None:
            return None
        self.worker.offer(answered)
        return self.accepted(answered)

    def accepted(self, job: Job, *, is_new: bool = True) -> Accepted:
        """Give the first note about a job."""
        before = self.worker.before(job)
        text = texts.accepted(job, before=before, models=self.models)
        return Accepted(job_id=job.id, text=text, is_new=is_new)

    def _job(
        self,
        origin: Origin,
        request: ImageRequest,
        lineage: Lineage | None,
        press: str | None,
        callback_url: str | None,
    ) -> Job:
        if callback_url is not None:
            self.calling_back.check(origin, callback_url)
        if request.seed is None:
            request = replace(request, seed=self.choose_seed())
        place = origin.place
        if request.is_private:
            place = replace(place, visibility=Visibility.OWNER)
        person = origin.person
        return Job(
            id=job_id(person.platform, origin.event_id),
            request=request,
            person=person,
            place=place,
            created_at=self.clock.now(),
            lineage=lineage,
            return_address=origin.return_address,
            press_key=f"{press}:{person.user_id}" if press else None,
            callback_url=callback_url,
        )
