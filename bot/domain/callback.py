"""A callback: what another program is to be told, once something has happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType
from urllib.parse import urlsplit

from bot.domain.job import JobId, JobState
from bot.domain.record import RecordId

DeliveryId = NewType("DeliveryId", str)


class Event(StrEnum):
    """What a receiver is told of."""

    IMAGE_READY = "ideogram.image.ready"
    COMPLETED = "ideogram.generation.completed"
    FAILED = "ideogram.generation.failed"
    BATCH_COMPLETED = "ideogram.batch.completed"


class CallbackState(StrEnum):
    """Where a callback stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"  # given up; it can be sent again


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """One event for one address; those of a subject arrive in order.

    `details` are what the body of a batch's event says: nothing else knows it.
    """

    id: DeliveryId  # the same at every try, so that a receiver can tell a repetition
    subject: str  # the job or the batch
    event: Event
    url: str
    created_at: datetime
    record_id: RecordId | None = None  # the picture that is ready
    details: Mapping[str, Any] = field(default_factory=dict)
    state: CallbackState = CallbackState.PENDING
    attempts: int = 0
    since: datetime | None = (
        None  # the first try, from which the time to give up counts
    )
    not_before: datetime | None = None
    last_error: str | None = None

    @property
    def host(self) -> str:
        """Give the receiver's host and port; the path may hold a key."""
        return urlsplit(self.url).netloc.rpartition("@")[2].lower()


def event_of_end(state: JobState) -> Event:
    """Give the event that tells of a job's end; one that was cancelled has failed."""
    return Event.COMPLETED if state is JobState.DONE else Event.FAILED


def end_id(job: JobId, event: Event) -> DeliveryId:
    """Give the id of the callback that tells of a job's end."""
    return DeliveryId(f"{job}.{event.rpartition('.')[2]}")


def ready_id(record: RecordId) -> DeliveryId:
    """Give the id of the callback that tells of a kept picture."""
    return DeliveryId(f"{record}.ready")


def batch_id(batch: str) -> DeliveryId:
    """Give the id of the callback that tells of a batch's end."""
    return DeliveryId(f"{batch}.batch-completed")
