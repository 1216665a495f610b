"""Try again, below an alert: every generation that failed is drawn once more.

The press is written down in one transaction, so that a storm of failures is answered as
fast as one; the alarm (bot/jobs/alerts.py) then submits the jobs, each under an id that is
derived from alert and job: however often one presses, each is drawn again once.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.chat.commands import TryAgain
from bot.chat.replies import Notice
from bot.domain.alert import AlertId
from bot.domain.job import Job, JobState
from bot.errors import NotFound
from bot.ids import job_id
from bot.jobs.worker import Worker
from bot.ports import Alerts, Clock, JobQueue

NO_SUCH = "This alert is of an earlier setting of the bot; send the commands again."


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAgainHandler:
    """Takes the press of anyone who is where the alert is; *target* is ALERT_TO."""

    alerts: Alerts
    target: str | None

    async def __call__(self, command: TryAgain) -> Notice:
        """Write down what is to be tried again. Raises: NotFound, StorageError."""
        alert = await self.alerts.find(command.target)
        place = command.origin.place
        if (
            alert is None
            or alert.target != self.target
            or alert.target != f"{place.platform}:{place.channel_id}"
        ):
            raise NotFound(NO_SUCH)
        pictures = await self.alerts.ask_again(alert.id, command.origin.person)
        if not pictures:
            return Notice(text="All of them were tried again already.")
        what = "One picture is" if pictures == 1 else f"{pictures} pictures are"
        return Notice(text=f"{what} drawn again, and posted where each was asked for.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TryingAgain:
    """Submits a failed job once more."""

    queue: JobQueue
    worker: Worker
    clock: Clock

    async def __call__(self, alert: AlertId, job: Job) -> None:
        """Submit it, unless that was done before. Raises: StorageError."""
        submitted = await self.queue.submit(again(alert, job, at=self.clock.now()))
        if submitted.is_new:
            self.worker.offer(submitted.job)


def again(alert: AlertId, job: Job, *, at: datetime) -> Job:
    """Give a new job that asks for the same, for the same person in the same place."""
    return replace(
        job,
        id=job_id(job.person.platform, f"{alert}:{job.id}"),
        created_at=at,
        press_key=None,
        batch_id=None,
        line=None,
        shows=(),
        state=JobState.QUEUED,
        not_before=None,
        failures=0,
        calls=0,
        crashes=0,
        is_cancel_requested=False,
        error=None,
        error_kind=None,
    )
