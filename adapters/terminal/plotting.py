"""A report as a picture: what was drawn over time and by whom, in one PNG.

The choice of what is shown is pure and stands in the first half. matplotlib is loaded by
the first plot only: no other command waits for it.
"""

import io
import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.terminal.screen import plain
from bot.domain.record import Report, Totals
from bot.errors import StorageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_BARS = 10
_LONGEST_NAME = 22
_DAYS_BY_DAY = 92
_DAYS_BY_WEEK = 2 * 366
_LEAST_DAYS = 8  # a single day is a bar, not a wall
_WIDTH = {"day": 0.8, "week": 5.6, "month": 24.0}
_PICTURES, _MONEY = "#4269d0", "#3ca951"
_QUIET = "#6b7280"
_DOTS_PER_INCH = 130
_STEP = 1000  # from one unit of size to the next
_MANY_DOLLARS, _CENTS = 5, 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Totals over time, by the *unit* that gives a readable number of bars."""

    unit: str
    totals: Mapping[date, Totals]


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a ranking."""

    name: str
    images: int


def timeline(by_day: Mapping[str, Totals]) -> Timeline:
    """Add days up to weeks (named by their Monday) or months where they are many."""
    days = {date.fromisoformat(day): totals for day, totals in by_day.items()}
    span = (max(days) - min(days)).days + 1 if days else 0
    unit = "day" if span <= _DAYS_BY_DAY else "week"
    unit = "month" if span > _DAYS_BY_WEEK else unit
    sums: dict[date, Totals] = {}
    for day, totals in sorted(days.items()):
        start = _start(day, unit)
        sums[start] = _sum(sums.get(start, Totals()), totals)
    return Timeline(unit=unit, totals=sums)


def ranking(rows: Mapping[str, Totals]) -> list[Bar]:
    """Give the ten with the most images, and all the others as one."""
    bars = [Bar(_short(name), totals.images) for name, totals in rows.items()]
    bars.sort(key=lambda bar: -bar.images)
    rest = bars[_MOST_BARS:]
    if len(rest) > 1:
        others = Bar(f"{len(rest):,} others", sum(bar.images for bar in rest))
        return [*bars[:_MOST_BARS], others]
    return bars


def rankings(report: Report) -> dict[str, list[Bar]]:
    """Give the rankings worth a place: models, and what there is more than one of."""
    more = {"workspace": report.by_workspace, "user": report.by_user}
    shown = {"model": report.by_model} | {
        name: rows for name, rows in more.items() if len(rows) > 1
    }
    return {name: ranking(rows) for name, rows in shown.items()}


def headline(report: Report) -> str:
    """Say the days and what was drawn in them."""
    if not report.by_day:
        return "Nothing was drawn"
    first, last = min(report.by_day), max(report.by_day)
    return f"Pictures of {first}" if first == last else f"Pictures, {first} to {last}"


def summary(total: Totals) -> str:
    """Say the totals in one line."""
    pictures = f"{total.images:,} picture{'' if total.images == 1 else 's'}"
    return f"{pictures}  ·  {size_text(total.size_bytes)}  ·  {total.cost_usd:,.2f} USD"


def size_text(size_bytes: int) -> str:
    """Give a size in the unit that people would use."""
    size = Decimal(size_bytes)
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < _STEP:
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= _STEP
    return f"{size:,.1f} TB"


def _start(day: date, unit: str) -> date:
    match unit:
        case "week" if day.toordinal() > day.weekday():
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case _:
            return day


def _sum(one: Totals, other: Totals) -> Totals:
    return Totals(
        images=one.images + other.images,
        size_bytes=one.size_bytes + other.size_bytes,
        cost_usd=one.cost_usd + other.cost_usd,
    )


def _short(name: str) -> str:
    text = plain(name) or "–"
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…"


# --- drawing ------------------------------------------------------------------


def plot(report: Report) -> bytes:
    """Give the report as a PNG. Raises: StorageError (no temporary folder)."""
    # Where it may keep its font cache nowhere it says so at length; and a name in a script
    # that its font lacks is drawn as boxes.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    out = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _draw(report).savefig(out, format="png", dpi=_DOTS_PER_INCH)
    except OSError as error:
        raise StorageError(
            f"Cannot draw the plot: {error.strerror or error}. "
            "A temporary folder (TMPDIR) is needed."
        ) from error
    return out.getvalue()


def _draw(report: Report) -> "Figure":
    # A second or so, which only who wants a plot should wait for.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    if not report.by_day:
        figure = Figure(figsize=(11, 3))
        FigureCanvasAgg(figure)
        figure.text(0.5, 0.5, "Nothing was drawn", size=18, ha="center", va="center")
        return figure
    ranks = rankings(report)
    rows = max(3, *map(len, ranks.values()))
    upper, lower = 4.9, 0.7 + 0.3 * rows  # inches
    figure = Figure(figsize=(11, upper + lower), layout="constrained")
    FigureCanvasAgg(figure)
    parts: Any = figure.subfigures(2, 1, height_ratios=[upper, lower])
    top, bottom = parts
    title = figure.suptitle(
        f"{headline(report)}\n{summary(report.total)}", fontsize=13, x=0.02, ha="left"
    )
    title.set_parse_math(False)
    _plot_time(top, timeline(report.by_day))
    _plot_ranks(bottom, ranks, rows)
    return figure


def _plot_time(part: Any, line: Timeline) -> None:
    days = list(line.totals)
    images = [totals.images for totals in line.totals.values()]
    money = [float(totals.cost_usd) for totals in line.totals.values()]
    upper, lower = part.subplots(
        2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 2]}
    )
    for axes, values, colour, what in (
        (upper, images, _PICTURES, f"Pictures a {line.unit}"),
        (lower, money, _MONEY, f"USD a {line.unit}"),
    ):
        axes.bar(days, values, width=_WIDTH[line.unit], color=colour)
        _tidy(axes, what, top=max(values))
        axes.grid(axis="y", color="#e5e7eb", linewidth=0.8)
    _set_dates(lower, days, _WIDTH[line.unit])


def _set_dates(axes: "Axes", days: Sequence[date], width: float) -> None:
    from matplotlib.dates import (  # noqa: PLC0415
        AutoDateLocator,
        ConciseDateFormatter,
        date2num,
    )

    first, last = (float(date2num(day)) for day in (days[0], days[-1]))  # type: ignore[no-untyped-call]
    pad = max((_LEAST_DAYS - (last - first)) / 2, 0.75 * width)
    earliest = float(date2num(date(1, 1, 2)))  # type: ignore[no-untyped-call]
    axes.set_xlim(max(first - pad, earliest), last + pad)
    locator = AutoDateLocator(minticks=3, maxticks=10)  # type: ignore[no-untyped-call]
    formatter = ConciseDateFormatter(locator, show_offset=False)  # type: ignore[no-untyped-call]
    formatter.formats[2], formatter.zero_formats[2] = "%-d %b", "%-d %b"
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)


def _plot_ranks(part: Any, ranks: Mapping[str, Sequence[Bar]], rows: int) -> None:
    all_axes = part.subplots(1, max(2, len(ranks)), squeeze=False)[0]
    for axes, (name, bars) in zip(all_axes, ranks.items(), strict=False):
        places = range(len(bars))
        axes.barh(places, [bar.images for bar in bars], height=0.7, color=_PICTURES)
        axes.set_yticks(places, [bar.name for bar in bars], parse_math=False)
        axes.set_ylim(rows - 0.4, -0.6)  # the most at the top, bars of one height
        most = max(bar.images for bar in bars)
        for place, bar in enumerate(bars):
            axes.text(
                bar.images + most * 0.02,
                place,
                f"{bar.images:,}",
                va="center",
                fontsize=8.5,
                color=_QUIET,
            )
        axes.set_xlim(0, most * 1.22)
        _tidy(axes, f"Pictures by {name}")
        axes.tick_params(axis="y", length=0)
        axes.spines["bottom"].set_visible(False)
        axes.set_xticks([])
    for axes in all_axes[len(ranks) :]:
        axes.set_visible(False)


def _tidy(axes: "Axes", title: str, *, top: float | None = None) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: PLC0415

    axes.set_title(title, loc="left", fontsize=10, color=_QUIET)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=8.5)
    if top is not None:
        axes.set_ylim(0, top * 1.08 or 1)
        is_whole = top >= _MANY_DOLLARS or title.startswith("Pictures")
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=is_whole, min_n_ticks=1))
        digits = 0 if is_whole else 2 if top >= _CENTS else 3
        axes.yaxis.set_major_formatter(
            FuncFormatter(lambda value, _: f"{value:,.{digits}f}")
        )
        axes.tick_params(axis="y", length=0)
