"""What other programs are yet to be told. Pure.

Every method may raise the errors of bot/errors.py and no other; named are the ones to
expect.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.callback import Callback, DeliveryId


class Callbacks(Protocol):
    """What other programs are yet to be told; those of jobs are written with the job.

    They are written down by JobLog.finish (kept pictures) and JobQueue.save (the end), in
    the same transaction.
    """

    async def add(self, callback: Callback) -> bool:
        """Write *callback* down; False when its id is there already."""

    async def due(
        self,
        until: datetime,
        *,
        longest: timedelta = timedelta(hours=1),
        busy: Collection[str] = (),
        full: Collection[str] = (),
        limit: int = 50,
    ) -> list[Callback]:
        """Give the first pending one of each subject, if its time comes by *until*.

        No wait is longer than *longest*. Left out are the subjects in *busy* and the hosts
        in *full*.
        """

    async def save(self, callback: Callback) -> None:
        """Write down how a try ended."""

    async def find(self, callback: DeliveryId) -> Callback | None:
        """Give a callback by its id."""

    async def of_subject(self, subject: str) -> list[Callback]:
        """Give a job's or a batch's callbacks in their order."""

    async def callbacks(
        self, *, is_failed: bool = False, limit: int = 100
    ) -> list[Callback]:
        """Give callbacks, newest first; with *is_failed* those not taken so far."""

    async def resend(self, callback: DeliveryId) -> Callback | None:
        """Make a callback pending again, now, for another day; None when it is gone."""
