"""A report as a picture: what is chosen for it, and that one is made of whatever there is."""

import io
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from PIL import Image

from adapters.terminal.main import main
from adapters.terminal.plotting import (
    Bar,
    headline,
    plot,
    ranking,
    rankings,
    size_text,
    summary,
    timeline,
)
from adapters.terminal.screen import Screen
from bot.domain.record import Report, Totals
from tests.fakes.program import FakeProgram


def totals(images):
    return Totals(
        images=images, size_bytes=images * 1_500_000, cost_usd=Decimal("0.08") * images
    )


def report_of(*, days=1, models=1, users=1, first=date(2026, 1, 1), images=3):
    by_day = {
        (first + timedelta(days=day)).isoformat(): totals(images) for day in range(days)
    }
    return Report(
        total=totals(days * images) if days else Totals(),
        by_model={f"V_{n} $x_{n}$": totals(n + 1) for n in range(models)},
        by_user={f"U{n}狐\x1b": totals(n + 1) for n in range(users)},
        by_channel={},
        by_day=by_day,
        by_workspace={"T1": totals(images)},
    )


@pytest.mark.parametrize(
    ("days", "unit", "bars"),
    [
        (0, "day", 0),
        (1, "day", 1),
        (30, "day", 30),
        (731, "week", 105),
        (3650, "month", 120),
    ],
)
def test_a_readable_number_of_bars(days, unit, bars):
    """Two years are weeks, ten years months; nothing is lost by it."""
    line = timeline(report_of(days=days).by_day)

    assert (line.unit, len(line.totals)) == (unit, bars)
    assert sum(part.images for part in line.totals.values()) == 3 * days


def test_the_first_days_of_all_have_no_monday():
    by_day = {"0001-01-01": totals(1), "0001-06-01": totals(1)}

    assert timeline(by_day).unit == "week"


def test_ten_and_all_the_others():
    bars = ranking({f"U{n:02}": totals(n) for n in range(1, 41)})

    assert bars[0] == Bar("U40", 40)
    assert bars[-1] == Bar("30 others", sum(range(1, 31)))
    assert len(bars) == 11


def test_one_other_is_named():
    assert ranking({f"U{n}": totals(1) for n in range(11)})[-1].name == "U10"


def test_what_there_is_one_of_takes_no_place():
    assert list(rankings(report_of(users=2))) == ["model", "user"]


def test_the_title_says_days_and_totals():
    assert headline(report_of(days=30)) == "Pictures, 2026-01-01 to 2026-01-30"
    assert headline(report_of()) == "Pictures of 2026-01-01"
    assert summary(totals(1234)) == "1,234 pictures  ·  1.9 GB  ·  98.72 USD"
    assert size_text(0) == "0 bytes"
    assert size_text(2 * 10**15) == "2,000.0 TB"


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(report_of(days=0, models=0, users=0), id="nothing"),
        pytest.param(report_of(), id="a day"),
        pytest.param(report_of(days=800, models=40, users=40), id="much"),
        pytest.param(report_of(first=date(1, 1, 1)), id="long ago"),
        pytest.param(report_of(days=3, images=0), id="empty days"),
    ],
)
def test_a_picture_of_whatever_there_is(report):
    with Image.open(io.BytesIO(plot(report))) as picture:
        assert picture.format == "PNG"
        assert picture.width == 1430


def run(*words):
    out, err = io.StringIO(), io.StringIO()
    status = main(FakeProgram(), words, screen=Screen(out=out, err=err))
    return status, out.getvalue(), err.getvalue()


def test_the_plot_stands_beside_the_json(tmp_path):
    file = tmp_path / "plot.png"

    status, out, err = run("report", "--plot", str(file), "--json")

    assert (status, err) == (0, f"Drew the plot {file}.\n")
    assert json.loads(out)["total"]["images"] == 1
    assert file.read_bytes().startswith(b"\x89PNG")
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [("plot.svg", 2, "ends in .png"), ("none/plot.png", 1, "No such file")],
    ids=["another kind", "no folder"],
)
def test_where_no_plot_can_be(tmp_path, name, status, told):
    got, out, err = run("report", "--plot", str(tmp_path / name))

    assert (got, out) == (status, "")
    assert told in err
