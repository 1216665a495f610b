"""Failures the operator is told of. Pure.

Every method may raise the errors of bot/errors.py and no other; named are the ones to
expect.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from bot.domain.alert import Alert, AlertId, AlertMessage, Failed, Heard, JobEnd
from bot.domain.job import Job, JobId
from bot.domain.people import Person
from bot.ports.chat import PostNotes


class Alerts(Protocol):
    """What the operator is told of failures; the ends of jobs are written with the job."""

    async def aim(self, target: str | None, *, now: datetime) -> None:
        """Tell *target* from now on; None: nobody, and what was not heard is forgotten."""

    async def hear(
        self, fold: Callable[[Sequence[Alert], Sequence[JobEnd]], Heard]
    ) -> bool:
        """Let *fold* make of the next ends and the newest alert of each kind what it does.

        False when there were no ends. All of it is one transaction.
        """

    async def live(self) -> list[Alert]:
        """Give those that are open, or of which more is to be shown, oldest first."""

    async def find(self, alert: AlertId) -> Alert | None:
        """Give an alert by its id."""

    async def failed(self, alert: AlertId, *, jobs: int, people: int) -> Failed:
        """Give the latest failures, at most so many, and who asked for any."""

    async def shown(self, alert: AlertId, version: int, *, now: datetime) -> None:
        """Note that its message tells that version."""

    async def put_off(self, alert: AlertId, until: datetime, *, refusals: int) -> None:
        """Let the sender's next try wait until then."""

    async def close(self, alert: AlertId, *, now: datetime) -> None:
        """Note that it is over; the next failure of its kind opens another."""

    async def write_notes(
        self, alert: AlertId, notes: Mapping[str, Any], *, is_over: bool
    ) -> None:
        """Replace the sender's notes; durable when this returns."""

    async def ask_again(self, alert: AlertId, person: Person) -> int:
        """Write down that all its failures not tried again so far shall be; count them.

        They are counted in pictures.
        """

    async def asked(self, *, limit: int = 50) -> list[tuple[AlertId, Job]]:
        """Give failed jobs that are to be tried again, oldest first."""

    async def tried(self, job: JobId) -> None:
        """Note that a failed job was tried again."""


class AlertSender(Protocol):
    """Where alerts are shown."""

    async def post(self, message: AlertMessage, notes: PostNotes) -> None:
        """Post a message, exactly once over any number of calls, as far as it goes.

        Raises: as ChatSender.post.
        """

    async def edit(self, message: AlertMessage, notes: Mapping[str, Any]) -> None:
        """Show the message of `post`, whose *notes* these are, as it is now.

        One that was deleted stays so. Raises: as ChatSender.post.
        """
