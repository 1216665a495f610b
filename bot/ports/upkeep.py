"""Messages whose pictures are gone, which are to go as well. Pure.

Every method may raise the errors of bot/errors.py and no other; named are the ones to
expect.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.domain.people import Platform
from bot.domain.record import (
    PostedMessage,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """A message whose pictures are deleted; `notes` are those of the step that posted it."""

    number: int
    platform: Platform
    message: PostedMessage
    notes: Mapping[str, Any]
    failures: int = 0


class TakeBacks(Protocol):
    """Messages to take back, durable."""

    async def due(
        self, now: datetime, *, longest: timedelta = timedelta(hours=1), limit: int = 20
    ) -> list[TakeBack]:
        """Give those whose time has come, oldest first; no wait is longer than *longest*."""

    async def settle(self, number: int) -> None:
        """Forget one: it is done, or never will be."""

    async def put_off(self, number: int, until: datetime, *, failures: int) -> None:
        """Let one wait until then."""
