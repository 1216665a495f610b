"""What a person can ask for, whichever front end they typed it in.

A front end fills in the text as typed; its meaning is found behind bot/dispatch.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.chat.actions import BatchAction
from bot.domain.alert import AlertId
from bot.domain.job import BatchId, JobId
from bot.domain.people import Person, Place
from bot.domain.record import RecordId


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who asked, where, and how to answer them.

    `event_id` is the platform's own id of the event, the same when the event is repeated:
    the job's id is derived from it. `groups` are Slack's user groups or Discord's roles of
    the person, by id; None while they are not known.
    """

    event_id: str
    person: Person
    place: Place
    return_address: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRef:
    """A message that shows pictures."""

    channel_id: str
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Generate:
    """Draw what *text* says; *options* (flag name to value, `ar`: `16:9`) win over its flags.

    *callback_url* is told what became of it.
    """

    origin: Origin
    text: str
    options: Mapping[str, str] = field(default_factory=dict)
    callback_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduce:
    """Draw a kept picture again; *text* may change some of it (`2 --ar 9:16`).

    The target is a record's id (a unique beginning will do) or the message that shows it.
    """

    origin: Origin
    target: RecordId | MessageRef
    text: str = ""
    is_press: bool = False  # a button: presses of one person close together are one
    callback_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSeed:
    """Draw the prompt as it was typed once more, with another seed."""

    origin: Origin
    target: RecordId
    is_press: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Ask for the form of a kept picture, filled in; it is sent as Generate."""

    origin: Origin
    target: RecordId


@dataclass(frozen=True, slots=True, kw_only=True)
class More:
    """Ask for the form with what else can be done with a kept picture."""

    origin: Origin
    target: RecordId


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Pin or unpin a record, set its tags, or delete it (the form of More).

    *formats* are sized copies to be made of it.
    """

    origin: Origin
    target: RecordId
    is_pinned: bool | None = None
    tags: str | None = None
    is_deleted: bool = False
    formats: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resize:
    """Make sized copies of a kept picture (a unique beginning of its id will do)."""

    origin: Origin
    target: str
    formats: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """List the person's own latest pictures, from *cursor* on."""

    origin: Origin
    cursor: RecordId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """List pictures whose prompt holds *text*; flags `--seed`, `--tag`, `--model` narrow it."""

    origin: Origin
    text: str
    cursor: RecordId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """Tell everything about one record (a unique beginning of its id will do)."""

    origin: Origin
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Cancel a job by its or its record's id, or the person's newest unfinished one."""

    origin: Origin
    target: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowHere:
    """Post the kept picture that a held job was answered with; nothing is paid."""

    origin: Origin
    target: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawAnew:
    """Draw a held job after all."""

    origin: Origin
    target: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAgain:
    """Draw again what an alert says has failed."""

    origin: Origin
    target: AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Approve or reject a job's pictures, in the moderators' channel."""

    origin: Origin
    target: JobId
    is_approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """Explain what can be typed."""

    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSettings:
    """Show what holds for the person in that place."""

    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Total the person's and the workspace's pictures and money."""

    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class AskBatch:
    """Ask for the form in which a batch is written, a prompt a line."""

    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitBatch:
    """Check the lines of *content* and offer to draw them.

    *file_name* tells how they are written (`.csv`, `.jsonl`, else a prompt a line); *flags*
    hold for every line that says nothing (`--ar 16:9 --delay 5s --campaign spring`).
    """

    origin: Origin
    content: bytes
    file_name: str = ""
    flags: str = ""
    callback_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideBatch:
    """Start, pause, go on with or cancel a batch."""

    origin: Origin
    batch_id: BatchId
    action: BatchAction


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldReply:
    """A reply to a picture arrived without its text (Discord withholds it without a ping)."""

    origin: Origin
    target: MessageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOpened:
    """The bot was invited to a place: what waits for it may be posted."""

    origin: Origin


Command = (
    Generate
    | Reproduce
    | NewSeed
    | Edit
    | More
    | Change
    | Resize
    | History
    | Find
    | Show
    | Cancel
    | ShowHere
    | DrawAnew
    | TryAgain
    | Review
    | Help
    | ShowSettings
    | Stats
    | AskBatch
    | SubmitBatch
    | DecideBatch
    | WithheldReply
    | PlaceOpened
)
