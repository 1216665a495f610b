"""Many requests that are drawn as one thing: a campaign. Pure.

Its lines are jobs; the batch knows how it stands as a whole and where its pictures go.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot.domain.job import BatchId, Job
from bot.domain.people import Person, Place
from bot.domain.record import Record

MAX_BYTES = 5 * 1024 * 1024  # of a file that people send


class BatchState(StrEnum):
    """Where a batch stands."""

    HELD = "held"  # checked and written down; the person has yet to say yes
    RUNNING = "running"
    PAUSED = "paused"  # what is under way ends, nothing new begins
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Say whether nothing more will begin."""
        return self in {BatchState.DONE, BatchState.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch of `lines` jobs.

    With a `delay` they are drawn one after the other, with so much time between the end of
    one and the start of the next. `notes` are what the sender needs to show its progress
    exactly once (JSON values only).
    """

    id: BatchId
    name: str  # the campaign's, or what the file was called
    person: Person
    place: Place  # where it was asked for
    created_at: datetime
    lines: int
    state: BatchState = BatchState.HELD
    delay: timedelta | None = None
    callback_url: str | None = None
    return_address: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many lines of a batch stand where, and what was spent; `pictures` are kept."""

    done: int = 0
    failed: int = 0
    cancelled: int = 0
    running: int = 0
    left: int = 0
    pictures: int = 0
    cost_usd: Decimal = Decimal(0)

    @property
    def lines(self) -> int:
        """Give all of them."""
        return self.ended + self.running + self.left

    @property
    def ended(self) -> int:
        """Give those of which nothing more comes."""
        return self.done + self.failed + self.cancelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one line."""

    job: Job
    records: tuple[Record, ...]
