"""A record as text forms."""

import csv
import io
import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.exchange import (
    as_csv_row,
    as_json,
    as_seed_json,
    csv_header,
    from_csv_row,
    from_json,
    read_time,
    time_text,
)
from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.record import Record
from bot.domain.request import MAX_SEED, MagicPrompt
from bot.errors import WrongInput
from tests.contracts.values import NOON, make_record

# The columns of the outward contract, in its words.
DOCUMENTED = [
    "id",
    "prompt",
    "expanded_prompt",
    "negative_prompt",
    "model",
    "style_type",
    "aspect_ratio",
    "seed",
    "resolution",
    "is_safe",
    "original_url",
    "stored_path",
    "created_at",
    "size_bytes",
    "tags",
    "job_id",
    "parent_id",
    "sha256",
    "prompt_hash",
    "magic_prompt",
    "color_palette",
    "rendering_speed",
    "attempts",
    "cost_usd",
    "platform",
    "workspace_id",
    "channel_id",
    "user_id",
    "pinned",
]
SEED_KEYS = [
    "id",
    "prompt",
    "expandedPrompt",
    "negativePrompt",
    "model",
    "styleType",
    "aspectRatio",
    "seed",
    "resolution",
    "isSafe",
    "originalUrl",
    "storedPath",
    "createdAt",
    "sizeBytes",
    "tags",
]

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
SOME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
MAYBE = st.none() | SOME
IDS = st.text(
    st.characters(categories=["L", "N", "P", "S"], exclude_characters=":"),
    min_size=1,
    max_size=30,
)


@st.composite
def records(draw):
    platform = draw(st.sampled_from(Platform))
    workspace_id = draw(SOME)
    known = {
        "platform": st.just(platform),
        "workspace_id": st.just(workspace_id),
    }
    optional = {f.name for f in fields(Record) if "str | None" in str(f.type)}
    values = dict.fromkeys(optional | {"parent_id"}, MAYBE)
    return make_record(
        draw(IDS),
        **draw(
            st.fixed_dictionaries(
                values
                | {
                    "prompt": TEXT,
                    "seed": st.integers(0, MAX_SEED),
                    "is_safe": st.booleans(),
                    "is_pinned": st.booleans(),
                    "size_bytes": st.none() | st.integers(0, 2**40),
                    "created_at": st.datetimes(
                        min_value=datetime(1, 1, 2),  # noqa: DTZ001 - hypothesis wants it
                        max_value=datetime(9999, 12, 30),  # noqa: DTZ001
                        timezones=st.just(UTC),
                    ),
                    "tags": st.lists(TEXT).map(tuple),
                    "magic_prompt": st.sampled_from(MagicPrompt),
                    "attempts": st.integers(0, 9),
                    "cost_usd": st.decimals(0, 1000, places=4),
                    "person": st.builds(Person, user_id=SOME, **known),
                    "place": st.builds(
                        Place,
                        channel_id=SOME,
                        thread_id=MAYBE,
                        visibility=st.sampled_from(Visibility),
                        **known,
                    ),
                }
            )
        ),
    )


def test_json_has_the_documented_columns():
    assert list(as_json(make_record()))[: len(DOCUMENTED)] == DOCUMENTED
    assert set(as_json(make_record())) - set(DOCUMENTED) == {"visibility", "thread_id"}


def test_json_has_the_documented_types():
    """Programs read this."""
    columns = as_json(make_record(cost_usd=Decimal("0.080"), is_pinned=True))

    assert columns["created_at"] == "2026-11-20T12:00:00.123456Z"
    assert columns["tags"] == ["campaign", "fox"]
    assert columns["is_safe"] is True
    assert columns["pinned"] is True
    assert columns["cost_usd"] == 0.08
    assert columns["magic_prompt"] == "OFF"
    assert columns["platform"] == "slack"


@given(records())
def test_json_comes_back_exactly(record):
    assert from_json(json.loads(json.dumps(as_json(record)))) == record


@given(records())
def test_csv_comes_back_exactly(record):
    """Through a real file: line breaks, quotes and formulas are in prompts too."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([csv_header(), as_csv_row(record)])
    file.seek(0)
    header, row = csv.reader(file)

    assert from_csv_row(header, row) == record


@pytest.mark.parametrize("prompt", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_is_a_formula(prompt):
    """People type prompts; the operator opens the file in a spreadsheet."""
    cells = dict(zip(csv_header(), as_csv_row(make_record(prompt=prompt)), strict=True))

    assert cells["prompt"] == f"'{prompt}"


def test_an_empty_text_is_no_value():
    """CSV cannot tell them apart, and what is exported has to come back."""
    record = from_json(
        as_json(make_record()) | {"negative_prompt": "", "thread_id": ""}
    )

    assert (record.negative_prompt, record.place.thread_id) == (None, None)
    assert from_csv_row(csv_header(), as_csv_row(record)) == record


def test_columns_may_stand_in_any_order():
    header, row = csv_header(), as_csv_row(make_record())

    assert from_csv_row(header[::-1], row[::-1]) == make_record()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", "42"),
        ("seed", True),
        ("seed", None),
        ("seed", -1),
        ("seed", 2**31),
        ("cost_usd", float("nan")),
        ("cost_usd", -0.08),
        ("cost_usd", 9e18),
        ("size_bytes", -1),
        ("size_bytes", 2**63 - 1),
        ("attempts", -1),
        ("id", "a:b"),
        ("id", "a\nb"),
        ("prompt", None),
        ("is_safe", 1),
        ("tags", "fox"),
        ("tags", [1]),
        ("created_at", "yesterday"),
        ("platform", "irc"),
        ("visibility", "all"),
        ("magic_prompt", "maybe"),
    ],
)
def test_a_wrong_value_is_named(name, value):
    with pytest.raises(WrongInput, match=name):
        from_json(as_json(make_record()) | {name: value})


@pytest.mark.parametrize("name", csv_header())
def test_a_missing_column_is_named(name):
    columns = as_json(make_record())
    del columns[name]

    with pytest.raises(WrongInput, match=name):
        from_json(columns)


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("seed", "x"),
        ("seed", ""),
        ("is_safe", "yes"),
        ("tags", "fox"),
        ("cost_usd", ""),
    ],
)
def test_a_wrong_cell_is_named(name, cell):
    cells = dict(zip(csv_header(), as_csv_row(make_record()), strict=True))
    cells[name] = cell

    with pytest.raises(WrongInput, match=name):
        from_csv_row(list(cells), list(cells.values()))


def test_a_short_line_names_what_is_missing():
    with pytest.raises(WrongInput, match="thread_id"):
        from_csv_row(csv_header(), as_csv_row(make_record())[:-1])


def test_the_seed_document_has_its_fifteen_keys():
    document = as_seed_json(make_record(stored_path="2026/11/ab/ab.png"))

    assert list(document) == SEED_KEYS
    assert document["isSafe"] is True
    assert document["createdAt"] == "2026-11-20T12:00:00.123456Z"
    assert document["tags"] == ["campaign", "fox"]


def test_the_seed_document_leaves_out_what_is_empty():
    """Optional keys are left out, required ones are text."""
    document = as_seed_json(
        make_record(
            expanded_prompt=None,
            negative_prompt=None,
            size_bytes=None,
            tags=(),
            aspect_ratio=None,
            original_url=None,
        )
    )

    left_out = {"expandedPrompt", "negativePrompt", "sizeBytes", "tags"}
    assert set(SEED_KEYS) - set(document) == left_out
    assert document["storedPath"] == document["originalUrl"] == ""
    assert document["aspectRatio"] == ""


def test_times_sort_as_text():
    whole = datetime(2026, 11, 20, 12, tzinfo=UTC)
    later = whole + timedelta(microseconds=1)

    assert time_text(whole) < time_text(later)
    assert time_text(whole.astimezone(timezone(timedelta(hours=5)))) == time_text(whole)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T12:00:00.123456Z",
        "2026-11-20T13:00:00.123456+01:00",
        "2026-11-20T12:00:00.123456",
    ],
)
def test_times_are_read_in_any_zone(text):
    assert read_time(text) == NOON
