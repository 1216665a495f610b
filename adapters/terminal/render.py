"""Values as people read them in a terminal, and as programs read them. Pure."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from adapters.terminal.operations import CopyMade, Outcome, Sweep
from adapters.terminal.screen import plain
from bot.chat.copies import describe
from bot.domain.exchange import as_json, time_text
from bot.domain.job import Job
from bot.domain.record import Record, Report, Totals

_LONGEST_BAR = 40
_LONGEST_PROMPT = 100  # in a list; `show` has all of it


def record_table(records: Sequence[Record]) -> RenderableType:
    """Give a line for each record."""
    table = _table("id", "when", "model", "seed", "size", "user", "prompt")
    for record in records:
        table.add_row(
            record.id,
            _moment(record.created_at),
            record.model,
            str(record.seed),
            record.resolution,
            plain(record.person.user_id),
            _short(record.prompt),
        )
    return table


def record_detail(record: Record) -> RenderableType:
    """Give every column of one record."""
    return _pairs([(name, _cell(value)) for name, value in as_json(record).items()])


def outcome_detail(outcome: Outcome) -> list[RenderableType]:
    """Give what a drawing command made: changes, then each picture with its file."""
    changes = outcome.job.lineage.changes if outcome.job.lineage else ()
    shown: list[RenderableType] = []
    if changes:
        shown.append(plain(f"Changed: {', '.join(changes)}."))
    links = outcome.links or (None,) * len(outcome.records)
    for record, file, link in zip(outcome.records, outcome.files, links, strict=True):
        shown.append(_pairs(_picture(record, file, link)))
    shown += [_pairs(_copy(made)) for made in outcome.copies]
    return shown


def _copy(made: CopyMade) -> list[tuple[str, str]]:
    return [
        ("copy", describe(made.copy)),
        ("file", str(made.file) if made.file else "in the bucket"),
    ]


def _picture(
    record: Record, file: Path | None, link: str | None
) -> list[tuple[str, str]]:
    places = [("file", str(file))] if file else []
    places += [("link", link)] if link else []
    if record.stored_path is None:
        places = [("file", "not kept: the safety check calls it unsafe")]
    return [
        ("id", record.id),
        *(places or [("file", "in the bucket")]),
        ("prompt", plain(record.final_prompt)),
        ("seed", str(record.seed)),
        ("model", record.model),
        ("size", record.resolution),
        ("cost", f"${record.cost_usd}"),
    ]


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """Give a drawing command's result; `copies` only where sized copies were made."""
    result: dict[str, Any] = {
        "job": job_json(outcome.job),
        "records": [as_json(record) for record in outcome.records],
    }
    if outcome.copies:
        result["copies"] = [_copy_json(made) for made in outcome.copies]
    return result


def _copy_json(made: CopyMade) -> dict[str, Any]:
    copy = made.copy
    return {
        "record_id": copy.record_id,
        "format": copy.format,
        "width": copy.width,
        "height": copy.height,
        "stored_path": copy.stored_path,
        "sha256": copy.sha256,
        "size_bytes": copy.size_bytes,
    }


def job_table(jobs: Sequence[Job]) -> RenderableType:
    """Give a line for each job."""
    table = _table("id", "when", "state", "platform", "user", "prompt", "error")
    for job in jobs:
        table.add_row(
            job.id,
            _moment(job.created_at),
            job.state,
            job.person.platform,
            plain(job.person.user_id),
            _short(job.request.prompt),
            plain(job.error or ""),
        )
    return table


def job_json(job: Job) -> dict[str, Any]:
    """Give a job without what is secret about it (its return address)."""
    return {
        "id": job.id,
        "state": job.state,
        "prompt": job.request.prompt,
        "model": job.request.model,
        "seed": job.request.seed,
        "count": job.request.count,
        "platform": job.person.platform,
        "workspace_id": job.person.workspace_id,
        "channel_id": job.place.channel_id,
        "user_id": job.person.user_id,
        "parent_id": job.lineage.parent_id if job.lineage else None,
        "created_at": time_text(job.created_at),
        "not_before": time_text(job.not_before) if job.not_before else None,
        "attempts": job.calls,
        "failures": job.failures,
        "crashes": job.crashes,
        "is_cancel_requested": job.is_cancel_requested,
        "error": job.error,
        "error_kind": job.error_kind,
    }


def report_tables(report: Report) -> list[RenderableType]:
    """Give the totals: all, a bar for each model, a table for each way to group them."""
    groups = {
        "model": report.by_model,
        "user": report.by_user,
        "channel": report.by_channel,
        "workspace": report.by_workspace,
        "style": report.by_style,
        "day": report.by_day,
    }
    return [
        "=== Image Storage Report ===",
        f"Total images: {report.total.images:,}",
        f"Total size: {report.total.size_bytes / 2**20:,.1f} MB",
        f"Total cost: {report.total.cost_usd:,.2f} USD",
        "",
        *_bars(report.by_model),
        *(_totals_table(name, rows) for name, rows in groups.items() if rows),
    ]


def _bars(rows: dict[str, Totals]) -> list[RenderableType]:
    """Give a bar for each row, the longest for the most images."""
    most = max((totals.images for totals in rows.values()), default=0)
    labels = [
        f" {plain(name)}: {all_of.images:,} images" for name, all_of in rows.items()
    ]
    width = max(map(len, labels), default=0)
    return [
        f"{label:{width}}  {'#' * max(1, round(_LONGEST_BAR * totals.images / most))}"
        for label, totals in zip(labels, rows.values(), strict=True)
    ]


def _totals_table(name: str, rows: dict[str, Totals]) -> RenderableType:
    table = _table(name, "images", "bytes", "USD")
    for column in table.columns[1:]:
        column.justify = "right"
    for label, totals in rows.items():
        table.add_row(
            plain(label),
            f"{totals.images:,}",
            f"{totals.size_bytes:,}",
            f"{totals.cost_usd:.2f}",
        )
    return table


def report_json(report: Report) -> dict[str, Any]:
    """Give the totals."""
    groups = {
        "by_model": report.by_model,
        "by_user": report.by_user,
        "by_channel": report.by_channel,
        "by_workspace": report.by_workspace,
        "by_style": report.by_style,
        "by_day": report.by_day,
    }
    return {"total": _totals_json(report.total)} | {
        name: {label: _totals_json(totals) for label, totals in rows.items()}
        for name, rows in groups.items()
    }


def _totals_json(totals: Totals) -> dict[str, Any]:
    return {
        "images": totals.images,
        "bytes": totals.size_bytes,
        "cost_usd": float(totals.cost_usd),
    }


def sweep_detail(sweep: Sweep, *, dry_run: bool) -> list[RenderableType]:
    """Give what went; of a dry run the plan, too."""
    verb = "Would delete" if dry_run else "Deleted"
    counts = f"{counted(sweep.records, 'record')} and {counted(sweep.files, 'file')}"
    shown = [f"{verb} {counts} ({sweep.size_bytes:,} bytes)."]
    if sweep.orphans:
        shown.append(f"{verb} {counted(sweep.orphans, 'file')} without a record.")
    if sweep.lost:
        marks = "Would mark" if dry_run else "Marked"
        shown.append(f"{marks} the records of {counted(sweep.lost, 'lost file')}.")
    tables = [record_table(sweep.planned)] if sweep.planned else []
    if sweep.by_rule:
        tables.append(_shares_table(sweep))
    return [*tables, *shown]


def _shares_table(sweep: Sweep) -> RenderableType:
    table = _table("rule", "records", "bytes")
    for share in sweep.by_rule:
        table.add_row(plain(share.rule), f"{share.records:,}", f"{share.size_bytes:,}")
    return table


def counted(number: int, noun: str) -> str:
    """Give `1 picture`, `1,000 pictures`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def sweep_json(sweep: Sweep, *, dry_run: bool) -> dict[str, Any]:
    """Give what went, or would go."""
    counts = {
        "dry_run": dry_run,
        "records": sweep.records,
        "files": sweep.files,
        "size_bytes": sweep.size_bytes,
        "lost": sweep.lost,
        "refusals": list(sweep.refusals),
    }
    if not dry_run:
        return counts
    return counts | {
        "orphans": sweep.orphans,
        "by_rule": [asdict(share) for share in sweep.by_rule],
        "planned": [as_json(record) for record in sweep.planned],
    }


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _pairs(pairs: Sequence[tuple[str, str]]) -> RenderableType:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        table.add_row(name, Text(value))
    return table


def _cell(value: Any) -> str:
    match value:
        case None:
            return "–"
        case list():
            return plain(", ".join(str(item) for item in value)) or "–"
        case bool():
            return "yes" if value else "no"
        case _:
            return plain(str(value))


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _short(prompt: str) -> str:
    text = plain(prompt)
    return text if len(text) <= _LONGEST_PROMPT else f"{text[:_LONGEST_PROMPT]}…"
