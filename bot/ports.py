"""What the core needs from the outside, named for the need. Pure.

Every method may raise the errors of bot/errors.py and no other; named are the ones to
expect.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from bot.chat.commands import Command
from bot.chat.progress import Progress
from bot.chat.replies import Reply
from bot.domain.alert import Alert, AlertId, AlertMessage, Failed, Heard, JobEnd
from bot.domain.audit import AuditEntry, AuditSearch
from bot.domain.batch import Batch, BatchState, Result, Tally
from bot.domain.budget import Account, Hold, Standing
from bot.domain.callback import Callback, DeliveryId
from bot.domain.copy import Copy
from bot.domain.drawing import Drawn, Ticket
from bot.domain.job import BatchId, Job, JobId, JobState, Step
from bot.domain.people import Person, Place, Platform
from bot.domain.record import (
    PostedMessage,
    Record,
    RecordId,
    Report,
    Search,
)
from bot.domain.request import ImageRequest
from bot.domain.review import Review, Verdict


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Give the time now, in aware UTC."""


class Dispatch(Protocol):
    """The core, as front ends see it."""

    async def handle(self, command: Command) -> Reply:
        """Answer *command*; never raises. Local work only: it takes milliseconds."""


# --- Ideogram ---------------------------------------------------------------


class ImageService(Protocol):
    """Ideogram over one route."""

    async def draw(self, request: ImageRequest) -> Drawn | Ticket:
        """Make one paid call; it is sent once, whatever the answer.

        Raises: ProviderError; ProviderBusy and NotSent mean that nothing was drawn.
        """

    async def collect(self, ticket: Ticket) -> Drawn:
        """Wait for a call that answered with a ticket; costs nothing more.

        Raises: ProviderError.
        """

    async def download(self, url: str, into: "Incoming") -> str:
        """Stream the picture at *url* into *into*; give its content type (`image/png`).

        Raises: DownloadFailed, PictureExpired.
        """


# --- files ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A whole file in its final place; `path` is relative to FILES_URL."""

    path: str
    sha256: str
    size_bytes: int


class Incoming(Protocol):
    """A file on its way in: invisible until `store` has made it whole and durable."""

    async def write(self, chunk: bytes) -> None:
        """Append *chunk*. Raises: StorageError (disk full, folder not writable)."""

    async def store(self, content_type: str, *, created_at: datetime) -> StoredFile:
        """Put the file in its final place, named by its content; fsynced.

        Raises: StorageError.
        """


class Files(Protocol):
    """Where the bytes of pictures live."""

    async def require_room(self) -> None:
        """Say nothing when a picture can be kept. Raises: StorageError."""

    def receive(self) -> AbstractAsyncContextManager[Incoming]:
        """Open a new incoming file; what was not stored is removed at the end."""

    def on_disk(self, path: str) -> AbstractAsyncContextManager[Path]:
        """Give a stored file as one on this machine, to read, for the time of the block.

        Fetched from the bucket when it is there alone. Raises: NotFound when the path is
        none of ours or the file is gone, StorageError.
        """

    async def link(self, path: str) -> str | None:
        """Give an address that shows the file to who has it; None when there is none."""

    async def delete(self, path: str) -> bool:
        """Remove a stored file; False when it was gone already. Raises: StorageError."""


# --- jobs -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLog:
    """One step of one job as it was last written down.

    `notes` is what the step needs to go on after a crash (JSON values only).
    """

    step: Step
    is_done: bool
    notes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """The job that stands for an event; `is_new` is False when it was there before."""

    job: Job
    is_new: bool


class JobQueue(Protocol):
    """Jobs, durable. Scheduling is the worker's."""

    async def submit(
        self,
        job: Job,
        *,
        once_within: timedelta | None = None,
        holds: Sequence[Hold] = (),
    ) -> Submitted:
        """Write *job* down unless its id, or a press of its `press_key`, exists.

        Presses within *once_within* of the first are one. What *holds* set aside is spent
        by JobLog.finish (KEEP) and free again at the job's end.
        Raises: BudgetExceeded (nothing is written), StorageError.
        """

    async def find(self, job: JobId) -> Job | None:
        """Give a job by its id."""

    async def match(self, beginning: str, person: Person) -> list[Job]:
        """Give the person's jobs whose id begins so (at most 10)."""

    async def newest_unfinished(self, person: Person) -> Job | None:
        """Give the person's newest job that is not final and not being cancelled."""

    async def jobs(
        self, *, state: JobState | None = None, limit: int = 50
    ) -> list[Job]:
        """Give jobs, newest first."""

    async def unfinished(self) -> list[Job]:
        """Give every job that is not final, oldest first: what to do at start."""

    async def untold(self) -> list[Job]:
        """Give final jobs whose person was not told yet, oldest first."""

    async def submitted_since(self, position: int) -> tuple[list[Job], int]:
        """Give unfinished jobs written down after *position*, and the new one."""

    async def save(self, job: Job) -> Job:
        """Write the job's state, times and counters; give it as it now stands.

        One that has ended stays as it is. A cancel request made meanwhile is kept and
        comes back in the answer.
        """

    async def request_cancel(self, job: JobId) -> Job | None:
        """Mark a job that is not final; give it as it stands, None when it is final."""

    async def answer(self, job: Job, *, holds: Sequence[Hold] = ()) -> Job | None:
        """Let a held job run as *job* says: what it shows, whom to answer, if cancelled.

        None when it is not held, or is a batch's: the first answer decides. *holds* are
        as when submitted. Raises: BudgetExceeded (it stays held), StorageError.
        """

    async def drop_held(self, before: datetime) -> int:
        """Cancel jobs held since before then, silently; those of batches stay."""

    async def cancelling(self) -> list[Job]:
        """Give the jobs that are not final and marked as cancelled, oldest first."""

    async def told(self, job: JobId) -> None:
        """Note that the job's person knows how it ended."""

    async def wake(self, place: Place) -> list[Job]:
        """Make the place's WAITING jobs QUEUED; give them."""

    async def counts(self) -> Mapping[JobState, int]:
        """Count the jobs that are not final, by state."""


class JobLog(Protocol):
    """The checkpoints of a job's steps. Each method is one transaction."""

    async def steps(self, job: JobId) -> Mapping[Step, StepLog]:
        """Give all that is written about a job's steps."""

    async def note(
        self,
        job: JobId,
        step: Step,
        notes: Mapping[str, Any],
        *,
        calls: int | None = None,
    ) -> None:
        """Mark *step* begun, replacing its notes; set the job's `calls`."""

    async def finish(
        self,
        job: JobId,
        step: Step,
        notes: Mapping[str, Any],
        *,
        records: Sequence[Record] = (),
        posted: Sequence[PostedMessage] = (),
        copies: Sequence[Copy] = (),
    ) -> None:
        """Checkpoint *step* with what it made; resets `failures` and `crashes`."""

    async def posted(self, job: JobId) -> list[PostedMessage]:
        """Give the messages that show what the job has posted."""

    async def reopen(self, job: JobId, step: Step) -> None:
        """Forget that *step* was done: its result is lost and must be made anew."""


class Reviews(Protocol):
    """What moderators decide; their pictures are written down by JobLog.finish (KEEP)."""

    async def find(self, job: JobId) -> Verdict | None:
        """Give what was decided about a job."""

    async def held(self, job: JobId) -> list[Record]:
        """Give the job's records in review, each as if its file were its own."""

    async def decide(
        self, job: JobId, verdict: Verdict, entry: AuditEntry
    ) -> Verdict | None:
        """Write *verdict* down with its *entry* unless there is one; give what holds.

        None when there is nothing to decide. Approved pictures get their files and are
        seen where they were asked for.
        """

    async def files(self, job: JobId) -> list[str]:
        """Give the files of the job's pictures in review, and of their copies."""

    async def erase(self, job: JobId) -> None:
        """Forget the files of the job's pictures; deleting them is the caller's."""

    async def close(self, job: JobId) -> None:
        """Note that the job's pictures never will be approved; their files stay."""


class Ledger(Protocol):
    """What budgets have left; it is moved by JobQueue, Batches and JobLog."""

    async def standings(
        self, accounts: Sequence[Account]
    ) -> Mapping[Account, Standing]:
        """Give how each account stands."""


class Audit(Protocol):
    """What rules refused and moderators decided; what is older than a year or so goes."""

    async def add(self, entry: AuditEntry) -> None:
        """Write *entry* down; the same again in one minute is counted with it."""

    async def entries(self, search: AuditSearch) -> list[AuditEntry]:
        """Give a page, newest first."""


class Batches(Protocol):
    """Batches, durable. Scheduling is the runner's."""

    async def submit(self, batch: Batch, jobs: Sequence[Job]) -> bool:
        """Write the batch and its lines down, held; False when it is there already."""

    async def find(self, batch: BatchId) -> Batch | None:
        """Give a batch by its id."""

    async def match(self, beginning: str, person: Person) -> Batch | None:
        """Give the person's one batch whose id begins so; None for none or several."""

    async def newest_unfinished(self, person: Person) -> Batch | None:
        """Give the person's newest batch that is not over."""

    async def unfinished(self) -> list[Batch]:
        """Give those that have begun and of which more is to be told, oldest first."""

    async def start(
        self, batch: BatchId, holds: Mapping[JobId, Sequence[Hold]]
    ) -> Batch | None:
        """Let a held batch run, with *holds* set aside for its lines; None otherwise.

        Raises: BudgetExceeded, and then nothing has begun.
        """

    async def move(
        self, batch: BatchId, to: BatchState, *, only_from: Collection[BatchState]
    ) -> Batch | None:
        """Change how a batch stands; None when it stands otherwise by now."""

    async def cancel(self, batch: BatchId) -> list[Job] | None:
        """End a batch; give its lines that are under way, None when it was over."""

    async def place_lines(self, batch: BatchId, place: Place) -> None:
        """Let what has not begun be posted in *place*."""

    async def write_notes(self, batch: BatchId, notes: Mapping[str, Any]) -> None:
        """Replace the notes of the sender; durable when this returns."""

    async def finish(self, batch: BatchId) -> None:
        """Note that all is told of a batch."""

    async def tally(self, batch: BatchId) -> Tally:
        """Count how its lines stand, and the money."""

    async def waiting(self, batch: BatchId, *, limit: int) -> list[Job]:
        """Give the next lines to be drawn."""

    async def results(
        self, batch: BatchId, *, after_line: int = 0, limit: int = 200
    ) -> list[Result]:
        """Give what became of the lines after that one, in their order."""


# --- records ----------------------------------------------------------------


class Records(Protocol):
    """What was drawn."""

    async def get(self, record: RecordId) -> Record | None:
        """Give a record by its id."""

    async def match(self, beginning: str) -> list[Record]:
        """Give the records whose id begins so (at most 10), newest first."""

    async def of_job(self, job: JobId) -> list[Record]:
        """Give a job's records in their order."""

    async def of_message(
        self, platform: Platform, workspace_id: str, channel_id: str, message_id: str
    ) -> list[Record]:
        """Give the records that a message shows, in the order shown."""

    async def newest_in_thread(
        self, platform: Platform, workspace_id: str, channel_id: str, thread_id: str
    ) -> list[Record]:
        """Give the pictures of the thread's newest job, in their order."""

    async def find_same(
        self,
        prompt_hash: str,
        *,
        since: datetime,
        person: Person,
        place: Place,
        seed: int | None = None,
    ) -> Record | None:
        """Give the newest safe, kept picture of that hash that may be shown in *place*."""

    async def search(self, search: Search) -> list[Record]:
        """Give a page, newest first."""

    def all(self) -> AsyncIterator[Record]:
        """Give every record, oldest first, in constant memory."""

    async def report(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        person: Person | None = None,
        workspace: tuple[Platform, str] | None = None,
    ) -> Report:
        """Total the records."""

    async def change(
        self,
        record: RecordId,
        *,
        is_pinned: bool | None = None,
        tags: Sequence[str] | None = None,
    ) -> Record | None:
        """Pin, unpin or tag a record; None when it is gone."""

    async def messages_of(self, record: RecordId) -> list[PostedMessage]:
        """Give the messages that show a record, each with all that it shows."""

    async def delete(
        self, records: Sequence[RecordId], *, takes_back: bool = False
    ) -> list[str]:
        """Delete records; give the stored paths that no record uses any more.

        With *takes_back* the messages that show none but deleted pictures are written
        down in the same transaction, to be taken back (TakeBacks).
        """


class Copies(Protocol):
    """Sized copies of kept pictures; they are written down by JobLog.finish."""

    async def of_records(self, records: Sequence[RecordId]) -> list[Copy]:
        """Give the copies of these records, in the records' order."""


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

    async def due(self, now: datetime, *, limit: int = 20) -> list[TakeBack]:
        """Give those whose time has come, oldest first."""

    async def settle(self, number: int) -> None:
        """Forget one: it is done, or never will be."""

    async def put_off(self, number: int, until: datetime, *, failures: int) -> None:
        """Let one wait until then."""


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
        busy: Collection[str] = (),
        full: Collection[str] = (),
        limit: int = 50,
    ) -> list[Callback]:
        """Give the first pending one of each subject, if its time comes by *until*.

        Left out are the subjects in *busy* and the hosts in *full*.
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


class Once(Protocol):
    """A memory of what was done once."""

    async def first(self, key: str) -> bool:
        """Give True exactly once for each *key*, also over restarts."""


# --- chat -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A kept picture ready to be posted; an unsafe one has no file.

    With `copy` the file is that sized copy of the record's picture.
    """

    record: Record
    file: Path | None
    content_type: str
    copy: Copy | None = None


class PostNotes(Protocol):
    """What a sender must know after a crash to post exactly once."""

    @property
    def current(self) -> Mapping[str, Any]:
        """Give the notes as last written; empty at the first try."""

    async def write(self, notes: Mapping[str, Any]) -> None:
        """Replace the notes; durable when this returns."""


class ChatSender(Protocol):
    """One platform, outward."""

    async def show(self, job: Job, progress: Progress) -> None:
        """Update the private note of the person who asked; never raises."""

    async def post(
        self, job: Job, pictures: Sequence[Picture], notes: PostNotes
    ) -> Sequence[PostedMessage]:
        """Post the pictures in one message, exactly once over any number of calls.

        *notes* hold what an earlier call, cut off by a crash, had written.
        A message whose id is not to be had is left out.
        Raises: PlatformBusy, PlatformDown (try again), NotInPlace (invite first),
        PlatformRefused (final).
        """

    async def take_back(self, message: PostedMessage, notes: Mapping[str, Any]) -> None:
        """Delete a message of the bot's; one that is gone already is no error.

        *notes* are those that `post` had written for it, empty when they are lost.
        Raises: PlatformBusy, PlatformDown (try again), PlatformRefused (final).
        """


class ReviewSender(Protocol):
    """The moderators' channels of a platform."""

    async def post(
        self, review: Review, pictures: Sequence[Picture], notes: PostNotes
    ) -> None:
        """Show the pictures with Approve and Reject, exactly once over any calls.

        Raises: as ChatSender.post.
        """

    async def settle(self, review: Review, notes: Mapping[str, Any]) -> None:
        """Take the pictures and buttons of `post` away and say what became of them.

        May be repeated; a message that was deleted stays so. Raises: PlatformBusy,
        PlatformDown (try again), PlatformRefused (final).
        """


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


class BatchSender(Protocol):
    """Where a platform shows batches."""

    async def begin(self, batch: Batch, text: str, notes: PostNotes) -> Place:
        """Show a batch where it was asked for, for all to see; exactly once.

        Gives the thread that its pictures go to. Raises: as ChatSender.post.
        """

    async def update(self, batch: Batch, text: str) -> None:
        """Show how a batch stands, in the message of `begin`; never raises."""

    async def end(self, batch: Batch, text: str, table: Path, notes: PostNotes) -> None:
        """Post the summary and *table*, a CSV file, into the thread; exactly once.

        Raises: as ChatSender.post.
        """
