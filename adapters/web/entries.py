"""What the channel on the page shows: asks, private notes and posts. Pure.

`audience` is the only person who may see an entry, None when everyone may.
Ids are derived from the job or the event, so that what is repeated replaces itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.chat.progress import Stage
from bot.chat.replies import AlreadyDrawn, BatchOffer, RecordDetail, RecordList
from bot.domain.batch import Batch
from bot.domain.copy import Copy
from bot.domain.job import BatchId, Job, JobId
from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.record import Record

WORKSPACE_ID = "local"
PLACE = Place(
    platform=Platform.WEB,
    workspace_id=WORKSPACE_ID,
    channel_id="sandbox",
    visibility=Visibility.WORKSPACE,
)
# Keys of a job's return address: what the page shows as the person's own message.
TYPED = "typed"
REPLY_TO = "reply_to"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a person typed; `reply_to` is the message it answers."""

    id: str
    at: datetime
    audience: str | None
    user_id: str
    text: str
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobNote:
    """How a job stands; `ratio` (`16 / 9`) and `count` shape its placeholder."""

    job_id: JobId
    stage: Stage
    text: str
    ratio: str | None = None
    count: int = 1


class Tone(StrEnum):
    """How a plain note is meant."""

    NOTICE = "notice"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainNote:
    """A sentence or several."""

    tone: Tone
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNote:
    """A page of records; *words* is what was searched, None for the person's history."""

    page: RecordList
    words: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailNote:
    """One record, whole."""

    detail: RecordDetail


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferNote:
    """A picture that was drawn before, and the two buttons."""

    offer: AlreadyDrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOfferNote:
    """A batch that is checked, and the two buttons."""

    offer: BatchOffer


NoteContent = BatchOfferNote | OfferNote | JobNote | PlainNote | ListNote | DetailNote


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something for the one who asked alone."""

    id: str
    at: datetime
    audience: str
    content: NoteContent


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The bot's message with pictures, drawn for `user_id`; or `copies` of them, for each."""

    id: str
    at: datetime
    audience: str | None
    user_id: str
    records: tuple[Record, ...]
    changes: tuple[str, ...] = ()
    copies: tuple[Copy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPost:
    """How a batch stands; at its end with *summary* and *table*, the CSV file's content."""

    id: str
    at: datetime
    audience: str | None
    batch: Batch
    text: str
    summary: str = ""
    table: bytes | None = None


Entry = Ask | Note | Post | BatchPost


def person_of(user_id: str) -> Person:
    """Give the person with this id."""
    return Person(platform=Platform.WEB, workspace_id=WORKSPACE_ID, user_id=user_id)


def message_id(job: JobId) -> str:
    """Give the id of the message that shows the job's pictures."""
    return f"m-{job}"


def batch_entry_id(batch: BatchId) -> str:
    """Give the id of the entry that shows how a batch stands."""
    return f"batch-{batch}"


def job_of_message(message: str) -> JobId:
    """Give the job whose message has this id."""
    return JobId(message.removeprefix("m-"))


def ask_id(origin: str) -> str:
    """Give the id of the ask made by a job or an event."""
    return f"ask-{origin}"


def note_id(origin: str) -> str:
    """Give the id of the note about a job or an event."""
    return f"note-{origin}"


def ask_of(job: Job, *, audience: str | None) -> Ask | None:
    """Give what was typed for *job*; None for a press of a button."""
    text = job.return_address.get(TYPED)
    if not text:
        return None
    return Ask(
        id=ask_id(job.id),
        at=job.created_at,
        audience=audience,
        user_id=job.person.user_id,
        text=text,
        reply_to=job.return_address.get(REPLY_TO) or None,
    )


def post_of(records: Sequence[Record], job: Job | None) -> Post:
    """Give the message that shows *records*, all of one job."""
    first = records[0]
    if job is not None and (job.shows or job.resizes):
        return _shown_again(records, job)
    is_private = any(r.place.visibility is Visibility.OWNER for r in records)
    return Post(
        id=message_id(first.job_id),
        at=first.created_at,
        audience=first.person.user_id if is_private else None,
        user_id=first.person.user_id,
        records=tuple(records),
        changes=job.lineage.changes if job and job.lineage else (),
    )


def _shown_again(records: Sequence[Record], job: Job) -> Post:
    """Give the message that shows what another job drew, or copies of it."""
    is_owners = job.place.visibility is Visibility.OWNER
    is_private = is_owners or job.request.is_private
    user_id = job.person.user_id
    return Post(
        id=message_id(job.id),
        at=job.created_at,
        audience=user_id if is_private else None,
        user_id=user_id,
        records=tuple(records),
    )
