"""Try again, below an alert: every generation that failed is drawn once more.

The press is written down in one transaction, so that a storm of failures is answered as
fast as one; the alarm (bot/jobs/alerts.py) then submits the jobs, each under an id that is
derived from alert and job: however often one presses, each is drawn again once.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.chat.commands import TryAgain
from bot.chat.replies import Notice
from bot.commands.permitting import GROUPS_UNKNOWN
from bot.domain.alert import AlertId
from bot.domain.audit import AuditEntry, Deed
from bot.domain.job import Job, JobState
from bot.domain.models import Models
from bot.domain.people import Platform
from bot.errors import BudgetExceeded, NotFound
from bot.ids import job_id
from bot.jobs.worker import Worker
from bot.policy.deciding import Grant, Wish, decide
from bot.policy.permissions import Denial
from bot.policy.policy import Policy
from bot.policy.who import Asker
from bot.ports.alerts import Alerts
from bot.ports.audit import Audit
from bot.ports.base import Clock
from bot.ports.jobs import JobQueue

log = logging.getLogger(__name__)

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
    """Submits a failed job once more, at the cost of who asked for it.

    All is asked of the rules of now. Where they name groups or roles nothing is drawn: who
    is in which is known only while somebody types.
    """

    queue: JobQueue
    worker: Worker
    models: Models
    audit: Audit
    clock: Clock
    policy: Callable[[], Policy] = Policy

    async def __call__(self, alert: AlertId, job: Job) -> None:
        """Submit it, unless that was done before or a rule is against it.

        Raises: StorageError.
        """
        now, found = self.clock.now(), self._decide(job)
        if isinstance(found, Denial):
            await self._note(job, found.rule)
            return
        new = again(alert, replace(job, request=found.request), at=now)
        try:
            submitted = await self.queue.submit(new, holds=found.holds)
        except BudgetExceeded as refused:
            await self._note(job, refused.rule)
            return
        if submitted.is_new:
            self.worker.offer(submitted.job)

    def _decide(self, job: Job) -> Grant | Denial:
        """Ask the rules of now; in which groups somebody is, nobody knows at this moment."""
        policy, request = self.policy(), job.request
        if policy.groups and job.person.platform is not Platform.TERMINAL:
            return GROUPS_UNKNOWN
        model = self.models[request.model]
        wish = Wish(
            request=request,
            price=model.price(request.rendering_speed) * request.count,
            is_again=job.lineage is not None and not job.lineage.changes,
            has_callback=job.callback_url is not None,
        )
        asker = Asker(person=job.person, place=job.place, groups=())
        return decide(policy, asker, wish, self.clock.now())

    async def _note(self, job: Job, rule: str) -> None:
        log.info(
            "Not tried again: %s", rule, extra={"job": job.id, "action": "try again"}
        )
        entry = AuditEntry(
            at=self.clock.now(),
            person=job.person,
            channel_id=job.place.channel_id,
            deed=Deed.REFUSED,
            rule=rule,
            details=f"{job.request.model}, {job.request.count}",
        )
        await self.audit.add(entry)


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
        resizes=(),
        state=JobState.QUEUED,
        not_before=None,
        failures=0,
        calls=0,
        crashes=0,
        is_cancel_requested=False,
        error=None,
        error_kind=None,
    )
