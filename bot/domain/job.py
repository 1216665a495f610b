"""A job: one request on its way from a command to pictures in a place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bot.domain.people import Person, Place
from bot.domain.request import ImageRequest

JobId = NewType("JobId", str)
BatchId = NewType("BatchId", str)


class JobState(StrEnum):
    """Where a job stands."""

    HELD = "held"  # written down; the person has yet to say that it shall be drawn
    QUEUED = "queued"  # waits for its turn, or for `not_before`
    RUNNING = "running"
    WAITING = "waiting"  # its pictures are kept; the bot must be invited to the place
    REVIEW = "review"  # its pictures are kept; a moderator has yet to approve them
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Say whether nothing more will happen."""
        return self in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


class Step(StrEnum):
    """The steps of a job, in order; each is checkpointed once it is done."""

    DRAW = "draw"
    KEEP = "keep"
    REVIEW = "review"  # where a moderator has to approve
    POST = "post"
    ANNOUNCE = "announce"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """What a reproduced picture takes over from its parent."""

    parent_id: str
    typed_prompt: str  # the parent's prompt as it was typed
    changes: tuple[
        str, ...
    ] = ()  # what was changed, in words: "aspect ratio 16:9 to 9:16"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One durable job.

    `return_address` is the platform's own (a response URL, a token): secret, opaque to the core.
    """

    id: JobId
    request: ImageRequest
    person: Person
    place: Place
    created_at: datetime
    lineage: Lineage | None = None
    return_address: Mapping[str, str] = field(default_factory=dict)
    press_key: str | None = (
        None  # who pressed which button: presses close together are one
    )
    callback_url: str | None = None  # whom to tell; a key may stand in it
    batch_id: BatchId | None = None
    line: int | None = None  # of the batch's file, from 1
    shows: tuple[str, ...] = ()  # kept records to post; nothing is drawn then
    resizes: tuple[str, ...] = ()  # kept records to make `request.formats` of; likewise
    reviewed_in: str | None = None  # the moderators' channel that approves first
    keeps_unsafe: bool = False  # where Ideogram sends a picture that it calls unsafe
    state: JobState = JobState.QUEUED
    not_before: datetime | None = None  # a retry's time
    failures: int = 0  # of the step at hand
    calls: int = 0  # sent to the provider, those answered 429 not counted
    crashes: int = 0  # of the process while this job ran, since its last checkpoint
    is_cancel_requested: bool = False
    error: str | None = None  # a finished sentence
    error_kind: str | None = None  # the class in bot/errors.py
