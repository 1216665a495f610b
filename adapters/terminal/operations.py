"""What the terminal asks of the rest of the program. Pure.

`bot.wiring` implements it. Every method opens what it needs, for the time of the call, and
raises the errors of bot/errors.py alone: ConfigError when a setting it needs is wrong.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot.chat.actions import BatchAction
from bot.chat.progress import Progress
from bot.domain.audit import AuditEntry, AuditSearch
from bot.domain.batch import Batch, Tally
from bot.domain.callback import Callback, DeliveryId
from bot.domain.checkup import Finding
from bot.domain.copy import Copy
from bot.domain.exporting import Page
from bot.domain.forgetting import Belongings, Receipt
from bot.domain.importing import Imported, Source
from bot.domain.job import Job, JobState
from bot.domain.people import Person, Platform
from bot.domain.record import Record, Report, Search
from bot.domain.upkeep import Copied, Verified

ShowProgress = Callable[[Progress], None]
OnWrong = Callable[[int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyMade:
    """A sized copy; `file` is None when it is not on this machine."""

    copy: Copy
    file: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a drawing command ended; a job that failed says why in its `error`.

    `files` are the kept pictures on this machine, one for each record, None where none is;
    `links` are their addresses, where they have any.
    """

    job: Job
    records: tuple[Record, ...]
    files: tuple[Path | None, ...]
    links: tuple[str | None, ...] = ()
    copies: tuple[CopyMade, ...] = ()
    problem: str | None = None  # why a copy could not be made
    problem_kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchText:
    """A batch as it was written; *file_name* tells how."""

    content: bytes
    file_name: str
    flags: str = ""
    callback_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a batch stands."""

    batch: Batch
    tally: Tally


class WatchBatch(Protocol):
    """Who is told of a batch while it goes on."""

    def began(self, text: str) -> None:
        """Hear once that it is written down and started, and what it costs."""

    def stands(self, tally: Tally) -> None:
        """Hear again and again how it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOutcome:
    """How a batch stands, or ended, with the records of all its lines.

    `problems` name the lines that failed, and say why.
    """

    batch: Batch
    tally: Tally
    records: tuple[Record, ...]
    problems: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleShare:
    """What one rule would let go."""

    rule: str
    records: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What a cleanup deleted, or would delete.

    `lost` files were (or would be) marked as such in their records; `refusals` say what was
    left alone, and why. A dry run alone fills what comes after them; its `files` are those
    of records, without the `orphans`.
    """

    records: int
    files: int
    size_bytes: int
    lost: int = 0
    refusals: tuple[str, ...] = ()
    by_rule: tuple[RuleShare, ...] = ()
    orphans: int = 0
    planned: tuple[Record, ...] = ()


class Export(Protocol):
    """Everything there is, to be written out in constant memory."""

    @property
    def source(self) -> str:
        """Name the database: an export goes on only with the one it began with."""

    def pages(self, after: int, size: int) -> AsyncIterator[Page]:
        """Give the records after that position, oldest first, up to *size* at a time."""

    def picture(self, path: str) -> AbstractAsyncContextManager[Path]:
        """Give a kept picture as a file, for the time of the block.

        Raises: NotFound when it is gone or the path is none of ours.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Resent:
    """A callback that is sent again: by this command, or by the live run."""

    callback: Callback
    is_handed_over: bool


class Operations(Protocol):
    """The whole program, as the terminal sees it."""

    async def run(self) -> None:
        """Run every configured front end until SIGTERM or SIGINT; then drain."""

    async def sandbox(self, data: Path | None) -> None:
        """Run the simulated Ideogram and the web chat, in a throw-away folder for None."""

    async def imagine(
        self, text: str, on_progress: ShowProgress, *, callback_url: str | None = None
    ) -> Outcome:
        """Draw what *text* says, flags and all, and wait for it; tell *callback_url*.

        *on_progress* is not called before the job is written down. When this is
        cancelled (Ctrl-C) the job stays written down.
        Raises: WrongInput, NotAllowed and whatever kept the job from being written down.
        """

    async def reproduce(
        self,
        record: str,
        text: str,
        on_progress: ShowProgress,
        *,
        callback_url: str | None = None,
    ) -> Outcome:
        """Draw a kept picture again with the changes in *text*; as `imagine` otherwise.

        *record* is an id, or a unique beginning of one. Raises also: NotFound.
        """

    async def batch(
        self, text: BatchText, watch: WatchBatch, *, is_detached: bool
    ) -> BatchOutcome:
        """Draw each line, and wait unless *is_detached*; cancelled, the rest is for later.

        Raises: WrongInput (each wrong line is named), NotAllowed; then nothing is drawn.
        """

    async def resize(
        self, record: str, formats: str, on_progress: ShowProgress
    ) -> Outcome:
        """Make sized copies of a kept picture; as `reproduce` otherwise."""

    async def batches(self) -> list[Standing]:
        """Give the batches that have begun and are not over, oldest first."""

    async def decide_batch(self, batch: str, action: BatchAction) -> Standing:
        """Pause, go on with or cancel one, by its id or its beginning. Raises: NotFound."""

    async def show(self, record: str) -> Record:
        """Give the record with that id or unique beginning. Raises: NotFound."""

    async def search(self, search: Search) -> list[Record]:
        """Give a page, newest first; `search.model` is spelled as it was typed.

        Raises: WrongInput (no such model).
        """

    async def jobs(self, state: JobState | None) -> list[Job]:
        """Give jobs, newest first."""

    async def callbacks(self, *, is_failed: bool) -> list[Callback]:
        """Give callbacks, newest first; with *is_failed* those not taken so far."""

    async def resend(self, callback: DeliveryId) -> Resent:
        """Send a callback again, whatever became of it. Raises: NotFound, ConfigError."""

    async def audit(self, search: AuditSearch) -> list[AuditEntry]:
        """Give what rules refused and moderators decided, newest first."""

    async def report(self, since: datetime | None, until: datetime | None) -> Report:
        """Total the records."""

    def export(self) -> AbstractAsyncContextManager[Export]:
        """Open everything for reading."""

    async def take_in(self, source: Source, on_wrong: OnWrong) -> Imported:
        """Import everything; or nothing, when a line is wrong or its id is taken.

        *on_wrong* hears the number of each such line and what is wrong about it.
        Raises: WrongInput.
        """

    async def backup(self, folder: Path) -> Copied:
        """Copy database and files to a new folder, also while a run works on them.

        Raises: WrongInput (there is something in it).
        """

    async def restore(self, folder: Path) -> Copied:
        """Put a backup in place where there is no database.

        Raises: WrongInput (there is one, or the folder is no backup), AlreadyRunning.
        """

    async def verify(self, *, repair: bool) -> Verified:
        """Compare every kept file with its record; with *repair* mark what is lost."""

    async def cleanup(self, older_than_days: int | None, *, dry_run: bool) -> Sweep:
        """Sweep what is older than that and not pinned.

        None: what is due by POLICY_FILE's rules and RETENTION_DAYS.
        """

    async def find_person(
        self, user: str, *, platform: Platform | None, workspace: str | None
    ) -> tuple[Person, Belongings]:
        """Give the one person meant, and what there is of them.

        Raises: NotFound, WrongInput (several are meant).
        """

    async def forget(self, person: Person, *, is_anonymised: bool) -> Receipt:
        """Take all of a person away, or person and words alone."""

    async def doctor(self) -> Sequence[Finding]:
        """Look at everything that is set, and say what is wrong."""

    def slack_manifest(self, url: str | None) -> Mapping[str, Any]:
        """Give the Slack app's manifest: for Socket Mode, or for HTTP at *url*."""
