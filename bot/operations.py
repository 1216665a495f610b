"""What the terminal asks of the program (adapters/terminal/operations.py), done.

Beside a live `run` on the same database the drawing commands hand their job over and wait;
without one they work it themselves, and so they do when that one dies meanwhile.
"""

import secrets
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from adapters.slack.manifest import manifest
from adapters.terminal.operations import (
    BatchOutcome,
    BatchText,
    Export,
    OnWrong,
    Outcome,
    Resent,
    RuleShare,
    ShowProgress,
    Standing,
    Sweep,
    WatchBatch,
)
from bot.batching import decide, draw_batch, under_way
from bot.chat.actions import BatchAction
from bot.chat.commands import Generate, Reproduce, Resize, SubmitBatch
from bot.clock import SystemClock
from bot.domain.audit import AuditEntry, AuditSearch
from bot.domain.callback import Callback, DeliveryId
from bot.domain.checkup import Finding
from bot.domain.forgetting import Belongings, Receipt
from bot.domain.importing import Imported, Source
from bot.domain.job import Job, JobState
from bot.domain.people import Person, Platform
from bot.domain.record import Record, RecordId, Report, Search
from bot.domain.upkeep import Copied, Verified
from bot.drawing import draw, origin_here
from bot.errors import NotFound, StorageError, WrongInput
from bot.filing import finish_moving
from bot.ideogram.catalog import MODELS
from bot.loading import load_settings
from bot.logs import set_up_logs
from bot.parsing.values import read_model, read_tags
from bot.policy_file import load_policy
from bot.settings import LogLevel, Settings
from bot.stores import Stores, open_stores
from bot.telling import resend
from bot.wiring import limits, model_problem
from storage.backup import back_up, restore
from storage.exporting import Exporter
from storage.forgetting import Forgetter
from storage.importing import Importer
from storage.lock import OwnerLock
from storage.retention import Plan, SweepResult
from storage.sqlite.compacting import compact, cut_log
from storage.verify import Verifier

# What a job takes to keep its picture once the paid call is over.
FORGETTING_MARGIN = timedelta(seconds=60)


class Program:
    """Operations on the settings of this environment."""

    async def run(self) -> None:
        """Run every configured front end until SIGTERM or SIGINT; then drain."""
        await _serve(_settings(needs_front_end=True))

    async def sandbox(self, data: Path | None) -> None:
        """Run the simulated Ideogram and the web chat, in a throw-away folder for None."""
        if data is not None:
            await _serve(_sandbox_settings(data), with_chat=True)
            return
        with tempfile.TemporaryDirectory(prefix="ideogram-bot-") as folder:
            await _serve(_sandbox_settings(Path(folder)), with_chat=True)

    async def imagine(
        self, text: str, on_progress: ShowProgress, *, callback_url: str | None = None
    ) -> Outcome:
        """Draw what *text* says and wait for it; tell *callback_url*."""
        command = Generate(origin=origin_here(), text=text, callback_url=callback_url)
        return await draw(_settings(), command, on_progress)

    async def reproduce(
        self,
        record: str,
        text: str,
        on_progress: ShowProgress,
        *,
        callback_url: str | None = None,
    ) -> Outcome:
        """Draw a kept picture again with the changes in *text*; tell *callback_url*."""
        command = Reproduce(
            origin=origin_here(),
            target=RecordId(record),
            text=text,
            callback_url=callback_url,
        )
        return await draw(_settings(), command, on_progress)

    async def batch(
        self, text: BatchText, watch: WatchBatch, *, is_detached: bool
    ) -> BatchOutcome:
        """Draw each line, and wait unless *is_detached*."""
        command = SubmitBatch(
            origin=origin_here(),
            content=text.content,
            file_name=text.file_name,
            flags=text.flags,
            callback_url=text.callback_url,
        )
        return await draw_batch(_settings(), command, watch, is_detached=is_detached)

    async def resize(
        self, record: str, formats: str, on_progress: ShowProgress
    ) -> Outcome:
        """Make sized copies of a kept picture."""
        command = Resize(origin=origin_here(), target=record, formats=formats)
        return await draw(_settings(), command, on_progress)

    async def batches(self) -> list[Standing]:
        """Give the batches that have begun and are not over."""
        async with _reading() as stores:
            return await under_way(stores)

    async def decide_batch(self, batch: str, action: BatchAction) -> Standing:
        """Pause, go on with or cancel one."""
        async with _reading() as stores:
            return await decide(stores, batch, action)

    async def show(self, record: str) -> Record:
        """Give the record with that id or unique beginning."""
        async with _reading() as stores:
            found = await stores.records.match(record)
        exact = [one for one in found if one.id == record]
        if not found:
            raise NotFound(
                f"There is no record {record}; ideogram-bot search lists them."
            )
        if len(exact or found) > 1:
            ids = ", ".join(one.id for one in found[:5])
            raise WrongInput(f"{record} is the beginning of several ids: {ids}.")
        return (exact or found)[0]

    async def search(self, search: Search) -> list[Record]:
        """Give a page, newest first."""
        model = read_model(search.model, MODELS).name if search.model else None
        search = replace(search, model=model)
        async with _reading() as stores:
            found = await stores.records.search(search)
            if found or not search.tags:
                return found
            # Imported tags stand as they came, drawn ones as chat writes them.
            tags = tuple(one for tag in search.tags for one in read_tags(tag))
            return await stores.records.search(replace(search, tags=tags))

    async def jobs(self, state: JobState | None) -> list[Job]:
        """Give jobs, newest first."""
        async with _reading() as stores:
            return await stores.queue.jobs(state=state)

    async def callbacks(self, *, is_failed: bool) -> list[Callback]:
        """Give callbacks, newest first; with *is_failed* those not taken so far."""
        async with _reading() as stores:
            return await stores.callbacks.callbacks(is_failed=is_failed)

    async def resend(self, callback: DeliveryId) -> Resent:
        """Send a callback again: by the live run, or else here and now."""
        settings = _settings(needs_ideogram=False)
        lock = OwnerLock(settings.database_path)
        try:
            async with open_stores(settings) as stores:
                is_alone = lock.try_acquire()
                sent = await resend(settings, stores, callback, is_alone=is_alone)
                return Resent(callback=sent, is_handed_over=not is_alone)
        finally:
            lock.release()

    async def audit(self, search: AuditSearch) -> list[AuditEntry]:
        """Give what rules refused and moderators decided, newest first."""
        async with _reading() as stores:
            return await stores.audit.entries(search)

    async def report(self, since: datetime | None, until: datetime | None) -> Report:
        """Total the records."""
        async with _reading() as stores:
            return await stores.records.report(since=since, until=until)

    @asynccontextmanager
    async def export(self) -> AsyncIterator[Export]:
        """Open everything for reading."""
        settings = _settings(needs_ideogram=False)
        async with open_stores(settings) as stores:
            yield Exporter(
                records=stores.records,
                files=stores.files,
                database=settings.database_path,
            )

    async def take_in(self, source: Source, on_wrong: OnWrong) -> Imported:
        """Import everything; or nothing, when a line is wrong or its id is taken."""
        async with _writing() as stores:
            importer = Importer(records=stores.records, files=stores.files)
            return await importer.take_in(source, on_wrong)

    async def backup(self, folder: Path) -> Copied:
        """Copy database and files to a new folder, also while a run works on them."""
        settings = _settings(needs_ideogram=False)
        if not settings.database_path.exists():
            raise StorageError(f"There is no database at {settings.database_path}.")
        async with open_stores(settings) as stores:
            return await back_up(settings.database_path, stores.files, folder)

    async def restore(self, folder: Path) -> Copied:
        """Put a backup in place where there is no database."""
        settings = _settings(needs_ideogram=False)
        done = await restore(
            folder,
            settings.database_path,
            settings.files_root,
            has_bucket=settings.has_bucket,
        )
        if settings.has_bucket:
            async with _writing():
                pass
        return done

    async def verify(self, *, repair: bool) -> Verified:
        """Compare every kept file with its record; with *repair* mark what is lost."""
        settings = _settings(needs_ideogram=False)
        async with open_stores(settings) as stores:
            verifier = Verifier(
                records=stores.records,
                upkeep=stores.retention.upkeep,
                files=stores.files,
                clock=SystemClock(),
            )
            return await verifier.verify(repair=repair)

    async def cleanup(self, older_than_days: int | None, *, dry_run: bool) -> Sweep:
        """Sweep what is older than that (None: what is due) and not pinned."""
        settings = _settings(needs_ideogram=False)
        due = limits(settings, load_policy(settings))
        days = older_than_days
        older_than = None if days is None else timedelta(days=days)
        async with open_stores(settings) as stores:
            sweep = stores.retention
            if dry_run:
                return _planned(await sweep.plan(due, older_than=older_than))
            swept = await sweep.sweep(due, older_than=older_than, goes_on=False)
            lock = OwnerLock(settings.database_path)
            try:
                await finish_moving(stores.mover, lock)
            finally:
                lock.release()
            return _swept(swept)

    async def find_person(
        self, user: str, *, platform: Platform | None, workspace: str | None
    ) -> tuple[Person, Belongings]:
        """Give the one person meant, and what there is of them."""
        async with _forgetting() as forgetter:
            person = await forgetter.find(
                user, platform=platform, workspace_id=workspace
            )
            return person, await forgetter.store.belongings(person)

    async def forget(self, person: Person, *, is_anonymised: bool) -> Receipt:
        """Take all of a person away, or person and words alone."""
        async with _forgetting() as forgetter:
            return await forgetter.forget(person, is_anonymised=is_anonymised)

    async def doctor(self) -> Sequence[Finding]:
        """Look at everything that is set, and say what is wrong."""
        # As long as the SDKs of the chats, which other commands have no use for.
        from bot.doctor import examine  # noqa: PLC0415

        return await examine()

    def slack_manifest(self, url: str | None) -> Mapping[str, Any]:
        """Give the Slack app's manifest: for Socket Mode, or for HTTP at *url*."""
        return manifest(url)


async def _serve(settings: Settings, *, with_chat: bool = False) -> None:
    # Half a second of chat SDKs that a command which only reads has no use for.
    from bot.service import run  # noqa: PLC0415

    await run(settings, with_chat=with_chat)


def _settings(
    *, needs_ideogram: bool = True, needs_front_end: bool = False
) -> Settings:
    settings = load_settings(
        needs_ideogram=needs_ideogram,
        needs_front_end=needs_front_end,
        check=model_problem,
    )
    # Who typed a command reads its answer, not a log; unless they asked for it.
    is_asked_for = needs_front_end or "log_level" in settings.model_fields_set
    _log(settings, settings.log_level if is_asked_for else LogLevel.WARNING)
    return settings


def _sandbox_settings(data: Path) -> Settings:
    folder = data.absolute()
    settings = load_settings(
        {
            "IDEOGRAM_ROUTE": "sandbox",
            "IDEOGRAM_BASE_URL": "",
            "DATABASE_URL": f"sqlite:///{folder / 'ideogram-bot.db'}",
            "FILES_URL": f"file:{folder / 'images'}",
            # Simulated pictures have no business in a real workspace.
            "SLACK_BOT_TOKEN": "",
            "SLACK_APP_TOKEN": "",
            "SLACK_SIGNING_SECRET": "",
            "DISCORD_TOKEN": "",
            "ALERT_TO": "",
        },
        needs_ideogram=False,
        check=model_problem,
    )
    _log(settings, settings.log_level)
    return settings


def _log(settings: Settings, level: LogLevel) -> None:
    set_up_logs(level.value, settings.log_format.value, secrets=settings.secrets)


@asynccontextmanager
async def _reading() -> AsyncIterator[Stores]:
    async with open_stores(_settings(needs_ideogram=False)) as stores:
        yield stores


@asynccontextmanager
async def _forgetting() -> AsyncIterator[Forgetter]:
    """While this is open and no run is live, none can start."""
    settings = _settings(needs_ideogram=False)
    lock = OwnerLock(settings.database_path)
    try:
        async with open_stores(settings) as stores:
            yield Forgetter(
                store=stores.forgetting,
                queue=stores.queue,
                files=stores.files,
                clock=SystemClock(),
                version=version("ideogram-bot"),
                own=lock.try_acquire,
                compact=lambda is_alone: compact(stores.db, is_alone=is_alone),
                cut_log=lambda: cut_log(stores.db),
                new_secret=lambda: secrets.token_hex(16),
                patience=settings.ideogram_timeout_s + FORGETTING_MARGIN,
            )
            await finish_moving(stores.mover, lock)
    finally:
        lock.release()


@asynccontextmanager
async def _writing() -> AsyncIterator[Stores]:
    """Open the stores; at the end what was changed is brought to the bucket."""
    settings = _settings(needs_ideogram=False)
    lock = OwnerLock(settings.database_path)
    try:
        async with open_stores(settings) as stores:
            yield stores
            await finish_moving(stores.mover, lock)
    finally:
        lock.release()


def _swept(result: SweepResult) -> Sweep:
    return Sweep(
        records=result.records,
        files=result.files,
        size_bytes=result.size_bytes,
        lost=result.lost,
        refusals=result.refusals,
    )


def _planned(plan: Plan) -> Sweep:
    shares = tuple(
        RuleShare(rule=rule, records=share.records, size_bytes=share.size_bytes)
        for rule, share in plan.by_rule.items()
    )
    return replace(
        _swept(plan.result),
        by_rule=shares,
        orphans=plan.orphans,
        planned=plan.planned,
    )
