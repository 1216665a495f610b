"""A program for the terminal to work with: remembers what it was asked."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.terminal.operations import (
    CopyMade,
    OnWrong,
    Outcome,
    Resent,
    ShowProgress,
    Sweep,
)
from bot.chat.progress import Progress, Stage
from bot.domain.audit import AuditEntry, AuditSearch
from bot.domain.callback import Callback, DeliveryId
from bot.domain.checkup import Finding
from bot.domain.exporting import Page
from bot.domain.forgetting import Belongings, Forgotten, Receipt
from bot.domain.importing import Imported, Source
from bot.domain.job import Job, JobState
from bot.domain.people import Person, Platform
from bot.domain.record import Record, Report, Search, Totals
from bot.domain.upkeep import Copied, Verified
from bot.errors import NotFound, StorageError, WrongInput
from tests.fakes.values import make_job, make_record


class FakeExport:
    """Implements Export; *pictures* are the bytes by stored path.

    *fails_after* so many records the database cannot be read any more.
    """

    def __init__(
        self,
        records: Iterable[Record],
        *,
        pictures: Mapping[str, bytes] | None = None,
        folder: Path | None = None,
        fails_after: int | None = None,
        source: str = "/data/bot.db",
    ) -> None:
        self._records = records
        self._pictures = pictures or {}
        self._folder = folder
        self._fails_after = fails_after
        self.source = source

    async def pages(self, after: int, size: int) -> AsyncIterator[Page]:
        met: set[str] = set()
        page = Page(records=(), position=0)
        for position, record in enumerate(self._records, start=1):
            path = record.stored_path
            new = (path,) if path and path not in met else ()
            met.update(new)
            if position > after:
                page = Page(
                    records=(*page.records, record),
                    position=position,
                    pictures=(*page.pictures, *new),
                )
            if len(page.records) == size:
                yield page
                page = Page(records=(), position=position)
            if position == self._fails_after:
                raise StorageError("The database is locked.")
        if page.records:
            yield page

    @asynccontextmanager
    async def picture(self, path: str) -> AsyncIterator[Path]:
        if self._folder is None or path not in self._pictures:
            raise NotFound("The kept picture is gone: its file was deleted.")
        file = self._folder / Path(path).name
        file.write_bytes(self._pictures[path])
        yield file


def _given(*values: str | None) -> list[str]:
    return [value for value in values if value is not None]


class FakeProgram:
    """Implements Operations; *error* is raised by whatever is asked."""

    def __init__(
        self,
        *,
        records: Sequence[Record] = (make_record(),),
        job: Job | None = None,
        error: BaseException | None = None,
        progress: Sequence[str] = ("Queued.", "Drawing …", "Drawing …", "Done."),
    ) -> None:
        self.records = list(records)
        self.copies: list[CopyMade] = []
        self.problem: str | None = None
        self.job = job or make_job()
        self.error = error
        self.progress = progress
        self.belongings = Belongings(records=3, files=2, jobs=1)
        self.asked: list[Any] = []
        self.sweep: Sweep | None = None  # instead of the usual one
        self.told: list[Callback] = []
        self.findings: list[Finding] = []

    def _ask(self, *what: Any) -> None:
        self.asked.append(what if len(what) > 1 else what[0])
        if self.error:
            raise self.error

    async def run(self) -> None:
        self._ask("run")

    async def sandbox(self, data: Path | None) -> None:
        self._ask("sandbox", data)

    async def imagine(
        self, text: str, on_progress: ShowProgress, *, callback_url: str | None = None
    ) -> Outcome:
        return self._draw(("imagine", text, *_given(callback_url)), on_progress)

    async def reproduce(
        self,
        record: str,
        text: str,
        on_progress: ShowProgress,
        *,
        callback_url: str | None = None,
    ) -> Outcome:
        what = ("reproduce", record, text, *_given(callback_url))
        return self._draw(what, on_progress)

    async def resize(
        self, record: str, formats: str, on_progress: ShowProgress
    ) -> Outcome:
        return replace(
            self._draw(("resize", record, formats), on_progress),
            copies=tuple(self.copies),
            problem=self.problem,
            problem_kind="PictureUnfit" if self.problem else None,
        )

    def _draw(self, what: tuple[str, ...], on_progress: ShowProgress) -> Outcome:
        for text in self.progress:
            stage = Stage.DONE if text == "Done." else Stage.DRAWING
            on_progress(Progress(stage=stage, text=text))
        self._ask(*what)
        return Outcome(
            job=self.job,
            records=tuple(self.records),
            files=tuple(
                Path("/data/images", record.stored_path) if record.stored_path else None
                for record in self.records
            ),
        )

    async def show(self, record: str) -> Record:
        self._ask("show", record)
        return self.records[0]

    async def search(self, search: Search) -> list[Record]:
        self._ask(search)
        return self.records

    async def jobs(self, state: JobState | None) -> list[Job]:
        self._ask("jobs", state)
        return [self.job]

    async def audit(self, search: AuditSearch) -> list[AuditEntry]:
        self._ask("audit", search)
        return self.told

    async def callbacks(self, *, is_failed: bool) -> list[Callback]:
        self._ask("callbacks", is_failed)
        return self.told

    async def resend(self, callback: DeliveryId) -> Resent:
        self._ask("resend", callback)
        return Resent(callback=self.told[0], is_handed_over=False)

    async def report(self, since: datetime | None, until: datetime | None) -> Report:
        self._ask("report", since, until)
        totals = Totals(
            images=len(self.records),
            size_bytes=sum(record.size_bytes or 0 for record in self.records),
            cost_usd=sum(
                (record.cost_usd for record in self.records), Totals().cost_usd
            ),
        )
        return Report(
            total=totals,
            by_model={"V_2": totals},
            by_user={"U1": totals},
            by_channel={"C1": totals},
            by_workspace={"T1": totals},
            by_style={"DESIGN": totals},
            by_day={"2026-01-01": totals},
        )

    @asynccontextmanager
    async def export(self) -> AsyncIterator[FakeExport]:
        self._ask("export")
        yield FakeExport(self.records)

    async def take_in(self, source: Source, on_wrong: OnWrong) -> Imported:
        self._ask("take_in", source.has_seed_keys)
        lines = list(source.read())
        for line in lines:
            if isinstance(line.content, WrongInput):
                on_wrong(line.number, line.content.text)
        return Imported(imported=len(lines), skipped=2, without_file=1)

    async def backup(self, folder: Path) -> Copied:
        self._ask("backup", folder)
        return Copied(records=3, files=2, size_bytes=8)

    async def restore(self, folder: Path) -> Copied:
        self._ask("restore", folder)
        return Copied(records=3, files=2, size_bytes=8, lost=("2026/fox.png",))

    async def verify(self, *, repair: bool) -> Verified:
        self._ask("verify", repair)
        return Verified(
            checked=3, missing=("a.png",), orphaned=("b.png",), repaired=int(repair)
        )

    async def cleanup(self, older_than_days: int | None, *, dry_run: bool) -> Sweep:
        self._ask("cleanup", older_than_days, dry_run)
        return self.sweep or Sweep(
            records=len(self.records),
            files=1,
            size_bytes=1_500_000,
            planned=tuple(self.records) if dry_run else (),
        )

    async def find_person(
        self, user: str, *, platform: Platform | None, workspace: str | None
    ) -> tuple[Person, Belongings]:
        self._ask("find_person", user, platform, workspace)
        person = Person(platform=Platform.SLACK, workspace_id="T1", user_id=user)
        return person, self.belongings

    async def forget(self, person: Person, *, is_anonymised: bool) -> Receipt:
        self._ask("forget", person, is_anonymised)
        return Receipt(
            digest="d1",
            salt="s1",
            at=datetime(2026, 1, 1, tzinfo=UTC),
            version="0.1.0",
            done=Forgotten(
                pseudonym="gone-1", found=self.belongings, records=3, files=2, jobs=1
            ),
            is_anonymised=is_anonymised,
            unfinished=self.belongings.unfinished,
            is_rewritten=True,
            is_taken_back=False,
        )

    async def doctor(self) -> Sequence[Finding]:
        self._ask("doctor")
        return self.findings

    def slack_manifest(self, url: str | None) -> Mapping[str, Any]:
        self._ask("slack_manifest", url)
        return {"display_information": {"name": "Ideogram"}}
