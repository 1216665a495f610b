"""Records read back from a file, and what is wrong with a line."""

import io
import json
import tracemalloc

import pytest

from adapters.terminal.exporting import write
from adapters.terminal.forms import Format
from adapters.terminal.importing import open_source
from adapters.terminal.main import main
from adapters.terminal.screen import Screen
from bot.domain.exchange import as_csv_row, as_json, as_seed_json, csv_header
from bot.domain.people import Visibility
from bot.errors import WrongInput
from tests.fakes.program import FakeExport, FakeProgram
from tests.fakes.values import PLACE, make_record

RECORDS = [
    make_record(),
    make_record(
        id="0000000000000002-1",
        prompt="=a, \"b\"\n'c'\r d\u2028e \x1b 狐",
        expanded_prompt="\r",
        stored_path=None,
        aspect_ratio=None,
        is_pinned=True,
    ),
    make_record(
        id="0000000000000003-1",
        tags=(),
        place=type(PLACE)(
            platform=PLACE.platform,
            workspace_id="T1",
            channel_id="D1",
            thread_id="1.2",
            visibility=Visibility.OWNER,
        ),
    ),
]
LINE = json.dumps(as_json(make_record()))


async def export(records, form):
    out = io.StringIO()
    await write(FakeExport(records), form, out)
    return out.getvalue()


@pytest.fixture
def read(tmp_path):
    """Give the lines of a file with these contents."""

    def read(content, form):
        file = tmp_path / f"records.{form}"
        raw = content if isinstance(content, bytes) else content.encode()
        file.write_bytes(raw)
        return list(open_source(file, None).read())

    return read


def problems(lines):
    return {
        line.number: line.content.text
        for line in lines
        if isinstance(line.content, WrongInput)
    }


@pytest.mark.parametrize("form", [Format.JSONL, Format.CSV])
async def test_every_column_comes_back(read, form):
    lines = read(await export(RECORDS, form), form)

    assert [line.content for line in lines] == RECORDS


@pytest.mark.parametrize("records", [[], RECORDS[:1], RECORDS], ids=["0", "1", "3"])
async def test_the_seed_list_comes_back(read, records):
    lines = read(await export(records, Format.JSON), Format.JSON)

    assert problems(lines) == {}
    assert [as_seed_json(line.content) for line in lines] == [
        as_seed_json(record) for record in records
    ]


async def test_a_long_list_is_read_in_pieces(read):
    many = [make_record(id=f"{n:016}-1", prompt="狐]," * n) for n in range(300)]

    lines = read(await export(many, Format.JSON), Format.JSON)

    assert [line.content.id for line in lines] == [record.id for record in many]


async def test_a_mark_at_the_beginning_is_passed_by(read):
    """Spreadsheets put it there."""
    text = "\ufeff" + await export(RECORDS, Format.CSV)

    assert problems(read(text, Format.CSV)) == {}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param("{", "no JSON", id="cut off"),
        pytest.param("[" * 100_000, "no JSON", id="too deep"),
        pytest.param("[]", "no JSON object", id="another value"),
        pytest.param("{}", "column id is missing", id="missing"),
        pytest.param(LINE.replace('"seed": 42', '"seed": "x"'), "seed", id="kind"),
        pytest.param(LINE.replace('"seed"', '"sed": 1, "seed"'), "sed", id="unknown"),
        pytest.param(LINE.replace("2026-01-01T", "0001-01-01 "), "created_at", id="no"),
        pytest.param(LINE.encode().replace(b"fox", b"f\xffx"), "UTF-8", id="bytes"),
    ],
)
def test_a_wrong_line_is_named(read, line, told):
    """With its number, and the lines behind it are still read."""
    raw = line if isinstance(line, bytes) else line.encode()
    if told == "created_at":
        raw = raw.replace(b"12:00:00.000000Z", b"00:00+05:00")

    lines = read(b"\n".join([LINE.encode(), b"", raw, LINE.encode()]), Format.JSONL)

    assert [line.number for line in lines] == [1, 3, 4]
    assert list(problems(lines)) == [3]
    assert told in problems(lines)[3]


def test_a_wrong_row_of_csv_is_named(read):
    header = ",".join(csv_header())
    cells = as_csv_row(make_record(tags=()))
    good = ",".join(cells)
    two_lines = ",".join(['"a\nb"' if cell == "a fox" else cell for cell in cells])
    rows = [header, two_lines, good + ",more", "a", '"b"c', good]

    lines = read("\n".join(rows), Format.CSV)

    assert list(problems(lines)) == [4, 5, 6]
    assert "cells" in problems(lines)[4]
    assert lines[-1].number == 7
    assert not isinstance(lines[-1].content, WrongInput)


def test_csv_needs_its_header(read):
    assert list(problems(read("", Format.CSV))) == [1]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("{}", 1, id="no list"),
        pytest.param("", 1, id="empty"),
        pytest.param("[", 1, id="cut off"),
        pytest.param("[{}, 1", 2, id="cut off later"),
        pytest.param("[{}] x", 2, id="more behind it"),
        pytest.param("[1]", 1, id="no object"),
        pytest.param('[{"id": "a", "job_id": "b"}]', 1, id="no key of the seed"),
    ],
)
def test_a_wrong_list_is_named(read, text, number):
    assert number in problems(read(text, Format.JSON))


def test_a_name_that_says_nothing_needs_the_format(tmp_path):
    file = tmp_path / "records.txt"
    file.write_text(LINE)

    with pytest.raises(WrongInput, match="--format"):
        open_source(file, None)
    assert len(list(open_source(file, Format.JSONL).read())) == 1


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(WrongInput, match=r"none\.csv"):
        open_source(tmp_path / "none.csv", None)


@pytest.mark.parametrize("form", [Format.JSONL, Format.CSV, Format.JSON])
async def test_memory_does_not_grow_with_the_records(tmp_path, form):
    file = tmp_path / f"records.{form}"
    many = (make_record(id=f"{n:016}-1") for n in range(5_000))
    file.write_text(await export(many, form))

    tracemalloc.start()
    try:
        assert sum(1 for _ in open_source(file, None).read()) == 5_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 1024 * 1024


def run(*words):
    out, err = io.StringIO(), io.StringIO()
    status = main(FakeProgram(), words, screen=Screen(out=out, err=err))
    return status, out.getvalue(), err.getvalue()


def test_import_says_what_came_in(tmp_path):
    """Numbers are the result; what was wrong, or lost its picture, stands beside it."""
    file = tmp_path / "records.jsonl"
    file.write_text(f"{LINE}\nno\n")

    status, out, err = run("import", str(file), "--json")

    assert (status, json.loads(out)) == (0, {"imported": 2, "skipped": 2})
    assert err.startswith("Line 2: It is no JSON.")
    assert "1 of the imported records name a picture" in err
    assert "Imported 2 records" in run("import", str(file))[1]


def test_import_needs_a_file_that_is_there(tmp_path):
    status, out, err = run("import", str(tmp_path / "none.csv"))

    assert (status, out) == (2, "")
    assert "none.csv" in err
