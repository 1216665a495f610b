"""The totals kept beside the records are what a scan of the records gives."""

import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from bot.domain.people import Person, Platform
from bot.domain.record import Report, Totals
from storage.sqlite.migrations.apply import migrate, migrations
from storage.sqlite.reporting import make_report, spans, split
from storage.sqlite.rows import record_row
from storage.sqlite.writing import delete_records, write_record
from tests.contracts.values import make_record

START = datetime(2026, 11, 19, tzinfo=UTC)
# Some in the same days, some in other months.
HOURS = (st.integers(0, 72) | st.integers(0, 100).map(lambda days: days * 24)).map(
    lambda hours: START + timedelta(hours=hours)
)
PEOPLE = [
    Person(platform=platform, workspace_id=workspace, user_id=user)
    for platform in (Platform.SLACK, Platform.DISCORD)
    for workspace in ("T1", "T2")
    for user in ("U1", "U2")
]
RECORDS = st.builds(
    make_record,
    st.sampled_from([f"job0-{number}" for number in range(8)]),
    created_at=HOURS,
    model=st.sampled_from(["V_2", "V_3"]),
    style_type=st.sampled_from(["AUTO", "DESIGN"]),
    person=st.sampled_from(PEOPLE),
    cost_usd=st.sampled_from([Decimal("0.033"), Decimal("0.08"), Decimal(0)]),
    size_bytes=st.sampled_from([None, 1, 1000]),
    is_pinned=st.booleans(),
)
# A record is written, or the one with its id deleted.
STEPS = st.lists(st.tuples(RECORDS, st.booleans()), max_size=20)


at_leisure = settings(deadline=None)  # a loaded machine is no failure


@cache
def template():
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrate(db)
    return db


def open_memory():
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.row_factory = sqlite3.Row
    template().backup(db)
    return db


def scan(db, since, until, person, workspace):
    """Add up what the table holds, the plain way."""
    groups = {name: {} for name in ("model", "user", "channel", "day", "work", "style")}
    total = Totals()
    for row in db.execute("SELECT * FROM generations"):
        created_at = datetime.fromisoformat(row["created_at"])
        home = (row["platform"], row["workspace_id"])
        if (
            (since and created_at < since)
            or (until and created_at >= until)
            or (workspace and home != workspace)
            or (person and (*home, row["user_id"]) != read_person(person))
        ):
            continue
        total = plus(total, row)
        for kind, name in (
            ("model", row["model"]),
            ("user", row["user_id"]),
            ("channel", row["channel_id"]),
            ("day", row["created_at"][:10]),
            ("work", row["workspace_id"]),
            ("style", row["style_type"]),
        ):
            groups[kind][name] = plus(groups[kind].get(name, Totals()), row)
    return Report(
        total=total,
        by_model=groups["model"],
        by_user=groups["user"],
        by_channel=groups["channel"],
        by_day=groups["day"],
        by_workspace=groups["work"],
        by_style=groups["style"],
    )


def read_person(person):
    return (person.platform, person.workspace_id, person.user_id)


def plus(totals, row):
    return Totals(
        images=totals.images + 1,
        size_bytes=totals.size_bytes + (row["size_bytes"] or 0),
        cost_usd=totals.cost_usd + Decimal(str(row["cost_usd"])),
    )


@at_leisure
@given(
    steps=STEPS,
    since=st.none() | HOURS,
    until=st.none() | HOURS,
    person=st.none() | st.sampled_from(PEOPLE),
    workspace=st.none() | st.sampled_from([(Platform.SLACK, "T1")]),
)
def test_a_report_is_what_a_scan_gives(steps, since, until, person, workspace):
    """Whatever was written, replaced and deleted before."""
    db = open_memory()
    for record, is_deleted in steps:
        if is_deleted:
            delete_records(db, [record.id], unless_pinned=True)
        else:
            write_record(db, record)

    report = make_report(
        db, since=since, until=until, person=person, workspace=workspace
    )

    assert report == scan(db, since, until, person, workspace)
    db.close()


@at_leisure
@given(steps=STEPS)
def test_nothing_is_left_of_deleted_records(steps):
    """Totals must not grow with every person and channel that ever was."""
    db = open_memory()
    for record, _ in steps:
        write_record(db, record)

    names = [record.id for record, _ in steps]
    delete_records(db, names, unless_pinned=False)

    assert db.execute("SELECT * FROM totals").fetchall() == []
    db.close()


def test_records_from_before_are_counted():
    """An update takes into account what is there."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.row_factory = sqlite3.Row
    older = Database(db)
    migrations().apply(older, stop_before="m007_totals")
    for number, day in enumerate((0, 0, 1)):
        record = make_record(
            f"job0-{number}", created_at=START + timedelta(days=day), size_bytes=None
        )
        older["generations"].insert(record_row(record))

    migrate(db)

    everything = {"since": None, "until": None, "person": None, "workspace": None}
    assert make_report(db, **everything) == scan(db, *everything.values())
    month = {**everything, "since": datetime(2026, 11, 1, tzinfo=UTC)}
    assert make_report(db, **month) == scan(db, *month.values())
    delete_records(db, [f"job0-{number}" for number in range(3)], unless_pinned=True)
    assert db.execute("SELECT * FROM totals").fetchall() == []
    days = [tuple(row) for row in db.execute("SELECT * FROM generation_days")]
    assert days == [("2026-11-19", 1, 2), ("2026-11-20", 3, 3)]
    db.close()


NIGHT, NOON = "T00:00:00.000000Z", "T12:00:00.000000Z"


@pytest.mark.parametrize(
    ("since", "until", "whole"),
    [
        pytest.param(None, None, ("", "~", set()), id="all"),
        pytest.param("2026-01-02" + NIGHT, None, ("2026-01-02", "~", set()), id="day"),
        pytest.param(
            "2026-01-02" + NOON, None, ("2026-01-02~", "~", {"2026-01-02"}), id="noon"
        ),
        pytest.param(
            "2026-01-02" + NIGHT,
            "2026-01-04" + NOON,
            ("2026-01-02", "2026-01-04", {"2026-01-04"}),
            id="cut at the end",
        ),
    ],
)
def test_days_are_whole_or_cut(since, until, whole):
    assert split(since, until) == whole


@pytest.mark.parametrize(
    ("first", "end", "expected"),
    [
        pytest.param("", "~", ["2025-12", "2026-01", "2026-02"], id="all"),
        pytest.param(
            "2025-12-31", "2026-02-01", ["2025-12-31", "2026-01"], id="to a month's end"
        ),
        pytest.param(
            "2026-01-01~", "2026-02-28", ["2026-01-31", "2026-02-27"], id="days alone"
        ),
        pytest.param("2026-02-01", "2026-03-01", ["2026-02"], id="a short month"),
    ],
)
def test_what_is_whole_is_read_by_months(first, end, expected):
    """A year is twelve sums of each name, not three hundred and sixty-five."""
    days = ["2025-12-31", "2026-01-01", "2026-01-31", "2026-02-27", "2026-02-28"]
    within = [day for day in days if first <= day < end]

    assert spans(within, first=first, end=end) == expected
