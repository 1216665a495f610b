"""What each command does: ask the program, show the answer, give the exit status."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from rich.console import RenderableType

from adapters.terminal import exporting, forgetting, importing, plotting, render
from adapters.terminal.forgetting import Whom
from adapters.terminal.forms import Format
from adapters.terminal.operations import Operations, Outcome, ShowProgress
from adapters.terminal.render import counted
from adapters.terminal.replacing import write_whole
from adapters.terminal.screen import Screen
from bot.chat.progress import Progress, Stage
from bot.domain.exchange import as_json
from bot.domain.job import Job, JobState
from bot.domain.record import Record, Search
from bot.domain.upkeep import Copied
from bot.errors import WrongInput

DONE = 0
FAILED = 1
WRONG_USAGE = 2
REFUSED = 3
_STATUS_OF = {
    "WrongInput": WRONG_USAGE,
    "NotAllowed": REFUSED,
    "BudgetExceeded": REFUSED,
    "ProviderRefused": REFUSED,
}
_STOPPED = (
    "Stopped waiting. The job is written down and goes on in the run that works on this "
    "database, or once one is started; ideogram-bot jobs tells how it stands."
)
_STOPPED_EARLY = (
    "Stopped. If the job was written down already it goes on; ideogram-bot jobs tells."
)
_STOPPED_IMPORT = (
    "Stopped. What came in so far stays; the same import goes on from there."
)
_STOPPED_COPY = "Stopped waiting; what is being copied is still brought to an end."
_UNSAFE = "The safety check refused every picture of this prompt; none was kept."

_Draw = Callable[[ShowProgress], Awaitable[Outcome]]


def status_of(error_kind: str | None) -> int:
    """Give the exit status for an error's class in bot/errors.py."""
    return _STATUS_OF.get(error_kind or "", FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    """The commands, over one program and one screen."""

    operations: Operations
    screen: Screen

    async def run(self) -> int:
        """Run every front end."""
        await self.operations.run()
        return DONE

    async def sandbox(self, *, data: Path | None) -> int:
        """Run without accounts."""
        await self.operations.sandbox(data)
        return DONE

    async def imagine(
        self, *, text: str, callback_url: str | None, is_json: bool
    ) -> int:
        """Draw, wait, show."""
        ask = partial(self.operations.imagine, text, callback_url=callback_url)
        return await self._draw(ask, is_json=is_json)

    async def reproduce(
        self, *, record: str, text: str, callback_url: str | None, is_json: bool
    ) -> int:
        """Draw again, wait, show."""
        ask = partial(
            self.operations.reproduce, record, text, callback_url=callback_url
        )
        return await self._draw(ask, is_json=is_json)

    async def resize(self, *, record: str, formats: str, is_json: bool) -> int:
        """Make sized copies, wait, show."""
        ask = partial(self.operations.resize, record, formats)
        return await self._draw(ask, is_json=is_json)

    async def _draw(self, draw: _Draw, *, is_json: bool) -> int:
        outcome = await self._wait(draw)
        failure = _failure(outcome)
        if is_json:
            self.screen.show_json(render.outcome_json(outcome))
        elif failure is None or outcome.copies:
            self.screen.show(*render.outcome_detail(outcome))
        if failure is None:
            return DONE
        text, status = failure
        self.screen.say(text)
        return status

    async def _wait(self, draw: _Draw) -> Outcome:
        is_written_down = False
        try:
            with self.screen.progress() as show:

                def note(progress: Progress) -> None:
                    nonlocal is_written_down
                    is_written_down = True
                    if progress.stage is not Stage.DONE:  # the records say it better
                        show(progress)

                return await draw(note)
        except asyncio.CancelledError:
            self.screen.say(_STOPPED if is_written_down else _STOPPED_EARLY)
            raise

    async def show(self, *, record: str, is_json: bool) -> int:
        """Show one record, whole."""
        found = await self.operations.show(record)
        self._give(
            lambda: as_json(found),
            lambda: [render.record_detail(found)],
            is_json=is_json,
        )
        return DONE

    async def search(self, *, search: Search, is_json: bool) -> int:
        """Show a page of records, and on the side how to get the next."""
        found = await self.operations.search(search)
        self._give(
            lambda: [as_json(record) for record in found],
            lambda: [render.record_table(found)] if found else [],
            is_json=is_json,
        )
        self._say_what_follows(found, search)
        return DONE

    def _say_what_follows(self, found: list[Record], search: Search) -> None:
        if not found:
            self.screen.say("No records found.")
        elif len(found) == search.limit:
            self.screen.say(f"There may be more: add --cursor {found[-1].id}")

    async def jobs(self, *, state: JobState | None, is_json: bool) -> int:
        """Show jobs and where they stand."""
        found = await self.operations.jobs(state)
        self._give(
            lambda: [render.job_json(job) for job in found],
            lambda: [render.job_table(found)] if found else [],
            is_json=is_json,
        )
        if not found:
            self.screen.say("No jobs found.")
        return DONE

    async def report(
        self,
        *,
        since: datetime | None,
        until: datetime | None,
        plot: Path | None,
        is_json: bool,
    ) -> int:
        """Show images, bytes and money; draw them to the file *plot*, too."""
        with self._stoppable("Stopped."):
            report = await self.operations.report(since, until)
            if plot is not None:
                content = await asyncio.to_thread(plotting.plot, report)
                await asyncio.to_thread(write_whole, plot, content)
                self.screen.say(f"Drew the plot {plot}.")
        self._give(
            lambda: render.report_json(report),
            lambda: render.report_tables(report),
            is_json=is_json,
        )
        return DONE

    async def cleanup(
        self, *, older_than_days: int | None, dry_run: bool, is_json: bool
    ) -> int:
        """Sweep, and show what went."""
        sweep = await self.operations.cleanup(older_than_days, dry_run=dry_run)
        self._give(
            lambda: render.sweep_json(sweep, dry_run=dry_run),
            lambda: render.sweep_detail(sweep, dry_run=dry_run),
            is_json=is_json,
        )
        for refusal in sweep.refusals:
            self.screen.say(refusal)
        return DONE

    async def export(self, *, form: Format, output: Path | None, is_json: bool) -> int:
        """Write every record to standard output, or to a file and say so."""
        with self._stoppable("Stopped."):
            async with self.operations.export() as export:
                if output is None:
                    await exporting.write(export, form, self.screen.out)
                    return DONE
                done = await exporting.write_file(export, form, output, self.screen.say)
        has_pictures = form is Format.TAR
        counts = asdict(done) if has_pictures else {"records": done.records}
        pictures = f" and {counted(done.pictures, 'picture')}" if has_pictures else ""
        self._give(
            lambda: counts | {"output": str(output)},
            lambda: [f"Wrote {counted(done.records, 'record')}{pictures} to {output}."],
            is_json=is_json,
        )
        if not done.lost:
            return DONE
        self.screen.say(
            f"{done.lost:,} pictures are missing or damaged; their records are exported "
            "as they are."
        )
        return FAILED

    async def take_in(self, *, file: Path, form: Format | None, is_json: bool) -> int:
        """Import the records of a file, or say of each line what is wrong."""
        what = "Member" if importing.form_of(file, form) is Format.TAR else "Line"
        with self._stoppable(_STOPPED_IMPORT):
            done = await self.operations.take_in(
                importing.open_source(file, form),
                lambda number, text: self.screen.say(f"{what} {number}: {text}"),
            )
        new = counted(done.imported, "record")
        self._give(
            lambda: {"imported": done.imported, "skipped": done.skipped},
            lambda: [f"Imported {new}; {done.skipped:,} were here already."],
            is_json=is_json,
        )
        if done.brought_back:
            self.screen.say(
                f"{done.brought_back:,} of those that were here have their lost picture "
                "again."
            )
        if done.without_file:
            self.screen.say(
                f"{done.without_file:,} of the imported records name a picture that is not "
                "whole under FILES_URL; they are kept without it."
            )
        return DONE

    async def backup(self, *, folder: Path, is_json: bool) -> int:
        """Copy everything to a folder."""
        with self._stoppable(_STOPPED_COPY):
            done = await self.operations.backup(folder)
        return self._copied(done, f"Copied to {folder}", is_json=is_json)

    async def restore(self, *, folder: Path, is_json: bool) -> int:
        """Put everything from a folder in place."""
        with self._stoppable(_STOPPED_COPY):
            done = await self.operations.restore(folder)
        return self._copied(done, f"Restored from {folder}", is_json=is_json)

    async def verify(self, *, repair: bool, is_json: bool) -> int:
        """Show what is wrong with the files; a failure while records name lost ones."""
        with self._stoppable("Stopped; ideogram-bot verify begins anew."):
            done = await self.operations.verify(repair=repair)
        summary = (
            f"Checked {done.checked:,} files: {len(done.missing):,} missing, "
            f"{len(done.damaged):,} damaged, {done.repaired:,} repaired; "
            f"{len(done.orphaned):,} without a record."
        )
        self._give(lambda: asdict(done), lambda: [summary], is_json=is_json)
        names = {"Missing": done.missing, "Damaged": done.damaged}
        for name, paths in (names | {"Without a record": done.orphaned}).items():
            for path in paths:
                self.screen.say(f"{name}: {path}")
        return DONE if done.is_well else FAILED

    async def forget(
        self,
        *,
        whom: Whom,
        is_anonymised: bool,
        is_sure: bool,
        output: Path | None,
        is_json: bool,
    ) -> int:
        """Forget a person once that is confirmed; a failure while a job is under way."""
        person, found = await self.operations.find_person(
            whom.user, platform=whom.platform, workspace=whom.workspace
        )
        if not is_sure and not self._confirmed(
            forgetting.question(person, found, is_anonymised=is_anonymised)
        ):
            self.screen.say(forgetting.NOT_CONFIRMED)
            return FAILED
        if output is not None:
            forgetting.open_output(output)
        receipt = await self.operations.forget(person, is_anonymised=is_anonymised)
        self._give(
            lambda: forgetting.receipt_json(receipt),
            lambda: forgetting.receipt_text(receipt),
            is_json=is_json,
        )
        if output is not None:
            forgetting.write_output(output, receipt)
        return FAILED if receipt.unfinished else DONE

    def _confirmed(self, question: str) -> bool:
        if not self.screen.can_ask:
            raise WrongInput(f"{question}\n{forgetting.MUST_CONFIRM}")
        return self.screen.ask(question)

    def _copied(self, done: Copied, what: str, *, is_json: bool) -> int:
        """Show what was copied; what is not whole at the source makes it a failure."""
        counts = f"{counted(done.records, 'record')}, {counted(done.files, 'file')}"
        self._give(
            lambda: asdict(done),
            lambda: [f"{what}: {counts} ({done.size_bytes:,} bytes)."],
            is_json=is_json,
        )
        for path in done.lost:
            self.screen.say(f"Missing or damaged, left out: {path}")
        return FAILED if done.lost else DONE

    async def slack_manifest(self, *, url: str | None) -> int:
        """Print the Slack app's manifest."""
        self.screen.show_json(self.operations.slack_manifest(url))
        return DONE

    @contextmanager
    def _stoppable(self, text: str) -> Iterator[None]:
        """Say *text* when Ctrl-C ends the block."""
        try:
            yield
        except asyncio.CancelledError:
            self.screen.say(text)
            raise

    def _give(
        self,
        value: Callable[[], object],
        text: Callable[[], list[RenderableType]],
        *,
        is_json: bool,
    ) -> None:
        if is_json:
            self.screen.show_json(value())
        else:
            self.screen.show(*text())


def _failure(outcome: Outcome) -> tuple[str, int] | None:
    """Give the sentence and exit status of a job that brought no picture."""
    job = outcome.job
    if job.state is not JobState.DONE:
        return _sentence(job), status_of(job.error_kind)
    if outcome.records and not any(record.is_safe for record in outcome.records):
        return _UNSAFE, REFUSED
    if outcome.problem is not None:
        return outcome.problem, status_of(outcome.problem_kind)
    return None


def _sentence(job: Job) -> str:
    if job.error:
        return job.error
    if job.state is JobState.CANCELLED:
        return "The job was cancelled."
    return f"The job is not done: it is {job.state}."
