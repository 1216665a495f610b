"""What the core answers; each front end renders it in its own way.

Texts are plain (no markup): a front end escapes them. Everything here is for the
person who asked alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.chat.commands import MessageRef
from bot.domain.job import BatchId, JobId
from bot.domain.record import Record, RecordId


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A job is written down; *text* is the first private note about it."""

    job_id: JobId
    text: str
    is_new: bool = True  # False: this very event was taken before; say nothing twice


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyDrawn:
    """The same was drawn before: *record*. The job is held until its person says which.

    *message* shows the picture, if one is known; *notes* are what its sender wrote down
    when it was posted.
    """

    job_id: JobId
    record: Record
    text: str
    message: MessageRef | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    is_new: bool = True  # False: this very event was answered before; say nothing twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something was done, or there is something to know."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """It cannot be done; *text* says what to do next. Nothing was charged."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordList:
    """A page of records, newest first; *cursor* leads to the next page, None at the end."""

    title: str
    records: tuple[Record, ...]
    cursor: RecordId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDetail:
    """One record, whole: *lines* are (name, value) in the order to show."""

    record: Record
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditForm:
    """A form with the prompt as typed and the flags as text; sent as Generate."""

    record_id: RecordId
    prompt: str
    flags: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreForm:
    """A form to pin, tag or delete a record; sent as Change."""

    record_id: RecordId
    is_pinned: bool
    tags: str
    can_delete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchForm:
    """A form to write a batch in: lines and flags for all, or a file; sent as SubmitBatch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOffer:
    """A batch is checked and written down; its buttons start or cancel it.

    *text* names the lines and the price.
    """

    batch_id: BatchId
    text: str
    is_new: bool = True  # False: this very event was taken before; say nothing twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """Nothing is to be said."""


Reply = (
    Accepted
    | AlreadyDrawn
    | Notice
    | Refusal
    | RecordList
    | RecordDetail
    | EditForm
    | MoreForm
    | BatchForm
    | BatchOffer
    | Nothing
)
