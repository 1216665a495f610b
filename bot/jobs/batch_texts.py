"""What people read about a batch, and the table of its results. Pure."""

import csv
import io
from collections.abc import Iterable
from datetime import timedelta

from bot.domain.batch import Batch, BatchState, Result, Tally
from bot.domain.record import Record

_CELLS = 20
_COLUMNS = (
    "line",
    "state",
    "prompt",
    "model",
    "seed",
    "resolution",
    "record_id",
    "stored_path",
    "cost_usd",
    "error",
)
# A spreadsheet would take these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def progress(batch: Batch, tally: Tally, *, left: timedelta | None = None) -> str:
    """Say how a batch stands, with a bar; *left* is how long it may still take."""
    told = [
        f"{_head(batch)} {tally.ended} of {tally.lines}",
        _bar(tally),
        _counts(tally),
    ]
    if left is not None and batch.state is BatchState.RUNNING and tally.left:
        told.append(f"About {_time(left)} to go.")
    return "\n".join(told)


def summary(batch: Batch, tally: Tally) -> str:
    """Say how a batch ended."""
    if batch.state is BatchState.CANCELLED:
        head = f"Batch {batch.name} was cancelled after {tally.done} of {tally.lines}"
    else:
        head = f"Batch {batch.name} is done: {tally.done} of {tally.lines}"
    return f"{head}. {_counts(tally)} The table says what became of each line."


def table(results: Iterable[Result], *, with_head: bool) -> str:
    """Give the results as CSV: a row a picture, or a line that has none."""
    out = io.StringIO()
    writer = csv.writer(out)
    if with_head:
        writer.writerow(_COLUMNS)
    for result in results:
        for record in result.records or (None,):
            writer.writerow(_safe(cell) for cell in _row(result, record))
    return out.getvalue()


def _row(result: Result, record: Record | None) -> tuple[object, ...]:
    job, request = result.job, result.job.request
    return (
        job.line,
        job.state.value,
        record.final_prompt if record else request.prompt,
        request.model,
        record.seed if record else request.seed,
        record.resolution if record else "",
        record.id if record else "",
        (record.stored_path or "") if record else "",
        f"{record.cost_usd.normalize():f}" if record else "",
        job.error or "",
    )


def _safe(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell


def _head(batch: Batch) -> str:
    match batch.state:
        case BatchState.PAUSED:
            return f"Batch {batch.name} (paused):"
        case BatchState.CANCELLED:
            return f"Batch {batch.name} (cancelled):"
        case _:
            return f"Batch {batch.name}:"


def _bar(tally: Tally) -> str:
    lines = max(1, tally.lines)
    full = tally.ended * _CELLS // lines
    return f"{'▓' * full}{'░' * (_CELLS - full)} {100 * tally.ended // lines} %"


def _counts(tally: Tally) -> str:
    counts = (
        ("done", tally.done),
        ("failed", tally.failed),
        ("cancelled", tally.cancelled),
        ("being drawn", tally.running),
        ("left", tally.left),
    )
    told = ", ".join(
        f"{count} {what}" for what, count in counts if count or what == "done"
    )
    pictures = "1 picture" if tally.pictures == 1 else f"{tally.pictures} pictures"
    return f"{told}; {pictures}, ${tally.cost_usd:.2f}."


def _time(left: timedelta) -> str:
    seconds = round(left.total_seconds())
    if seconds < 90:  # noqa: PLR2004 - people count in minutes from here
        return f"{max(1, seconds)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"  # noqa: PLR2004
