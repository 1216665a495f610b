"""Records written out a page at a time, whole or not at all, and on where it was cut off."""

import asyncio
import csv
import fcntl
import hashlib
import io
import json
import os
import tarfile
import tracemalloc
from pathlib import Path

import pytest

from adapters.terminal.exporting import Written, write, write_file
from adapters.terminal.forms import Format
from adapters.terminal.main import main
from adapters.terminal.screen import Screen
from adapters.terminal.unfinished import note_path, part_path
from bot.domain.exchange import from_csv_row, from_json
from bot.errors import StorageError, WrongInput
from tests.fakes.program import FakeExport, FakeProgram
from tests.fakes.values import make_record

RECORDS = [make_record(), make_record(id="0000000000000002-1", prompt="a, \"b\"\n'c'")]
TEXTS = [Format.JSONL, Format.CSV, Format.JSON]


def many(count):
    """Give some 2 KB of text for each."""
    return [
        make_record(id=f"{n:016}-1", prompt=f"{n} " * 300, stored_path=None)
        for n in range(count)
    ]


async def text_of(records, form):
    out = io.StringIO()
    count = await write(FakeExport(records), form, out)
    assert count == len(records)
    return out.getvalue()


async def export(records, form, output, *, said=None, **more):
    said = [] if said is None else said
    return await write_file(FakeExport(records, **more), form, output, said.append)


async def test_lines_come_back_exactly():
    text = await text_of(RECORDS, Format.JSONL)

    assert [from_json(json.loads(line)) for line in text.splitlines()] == RECORDS


async def test_csv_comes_back_exactly():
    text = await text_of(RECORDS, Format.CSV)

    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert [from_csv_row(header, row) for row in rows] == RECORDS


@pytest.mark.parametrize("records", [[], RECORDS[:1], RECORDS, many(1001)], ids=len)
async def test_the_seed_list_is_one_json_value(records):
    text = await text_of(records, Format.JSON)

    assert [item["id"] for item in json.loads(text)] == [r.id for r in records]


@pytest.mark.parametrize("form", TEXTS)
async def test_a_file_holds_what_is_printed(tmp_path, form):
    output = tmp_path / "records"

    await export(many(1001), form, output)

    assert output.read_text() == await text_of(many(1001), form)


async def test_a_file_is_replaced_whole(tmp_path):
    """Whoever reads the old one meanwhile never sees half a list."""
    output = tmp_path / "records.json"
    output.write_text("old")

    with pytest.raises(StorageError, match="locked"):
        await export(RECORDS, Format.JSON, output, fails_after=1)
    assert output.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["records.json"]

    assert await export(RECORDS, Format.JSON, output) == Written(records=2)
    assert len(json.loads(output.read_text())) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["records.json"]


@pytest.mark.parametrize("form", TEXTS)
async def test_an_export_cut_off_goes_on(tmp_path, form):
    """Nothing twice, nothing left out; it says so, and how to begin anew."""
    output, said = tmp_path / "records", []
    records = many(10_000)
    with pytest.raises(StorageError, match="locked"):
        await export(records, form, output, said=said, fails_after=9_000)
    assert not output.exists()
    with part_path(output).open("ab") as part:
        part.write(b"half a rec")

    done = await export(records, form, output, said=said)

    assert done == Written(records=10_000)
    assert output.read_text() == await text_of(records, form)
    assert [path.name for path in tmp_path.iterdir()] == ["records"]
    assert "the same command goes on from there" in said[0]
    assert said[1].startswith("Going on after the first ")
    assert str(part_path(output)) in said[1]


async def test_what_was_exported_stays_as_it_was(tmp_path):
    """Records changed or added meanwhile: each is in it as its page was read."""
    output, records = tmp_path / "records.jsonl", many(10_000)
    with pytest.raises(StorageError):
        await export(records, Format.JSONL, output, fails_after=9_000)
    changed = [make_record(id="x", prompt="new"), *records[1:], make_record(id="y")]

    await export(changed, Format.JSONL, output)

    lines = output.read_text().splitlines()
    assert [from_json(json.loads(line)) for line in (lines[0], lines[-1])] == [
        records[0],
        changed[-1],
    ]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"form": Format.CSV}, id="another form"),
        pytest.param({"source": "/other/bot.db"}, id="another database"),
    ],
)
async def test_another_export_to_that_file_begins_anew(tmp_path, change):
    output, said = tmp_path / "records", []
    records, form = many(6_000), change.pop("form", Format.JSONL)
    with pytest.raises(StorageError):
        await export(records, Format.JSONL, output, fails_after=5_500)

    await export(RECORDS, form, output, said=said, **change)

    assert said == []
    assert output.read_text() == await text_of(RECORDS, form)


@pytest.mark.parametrize(
    "note",
    [
        *("", "{", "[]", "{}"),
        '{"form": "jsonl", "source": "/data/bot.db", "size": 99999}',
        '{"form": "jsonl", "source": "/data/bot.db", "size": "5"}',
    ],
)
async def test_a_note_that_does_not_fit_is_passed_by(tmp_path, note):
    output = tmp_path / "records"
    part_path(output).write_text("half a rec")
    note_path(part_path(output)).write_text(note)

    await export(RECORDS, Format.JSONL, output)

    assert output.read_text() == await text_of(RECORDS, Format.JSONL)


async def test_two_exports_to_one_file_do_not_mix(tmp_path):
    output = tmp_path / "records"
    with part_path(output).open("w") as part:
        fcntl.flock(part, fcntl.LOCK_EX)

        with pytest.raises(WrongInput, match="Another export writes"):
            await export(RECORDS, Format.JSONL, output)

        assert part_path(output).exists()


async def test_a_link_stays_a_link(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)

    await export(RECORDS, Format.JSONL, link)

    assert link.is_symlink()
    assert len(target.read_text().splitlines()) == 2


def test_a_device_is_written_to_not_replaced():
    """`--output /dev/null` as root must not turn it into a file."""
    null = Path(os.devnull)

    asyncio.run(export(RECORDS, Format.JSONL, null))

    assert null.is_char_device()
    with pytest.raises(WrongInput, match="no file"):
        asyncio.run(export(RECORDS, Format.TAR, null))


async def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StorageError, match="No such file"):
        await export(RECORDS, Format.JSON, tmp_path / "none/records.json")


@pytest.mark.parametrize("form", list(Format))
async def test_memory_does_not_grow_with_the_records(tmp_path, form):
    """A year of pictures is exported by the smallest machine."""
    records = (make_record(id=f"{n:016}-1", stored_path=None) for n in range(20_000))

    tracemalloc.start()
    try:
        await export(records, form, tmp_path / "all")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 5 * 1024 * 1024


# --- with pictures ------------------------------------------------------------


def pictured(digests):
    """Give records with one picture each, and the pictures."""
    paths = [f"2026/01/{d[:2]}/{d}.png" for d in digests]
    records = [
        make_record(id=f"{n:016}-1", stored_path=path, size_bytes=7)
        for n, path in enumerate(paths, start=1)
    ]
    return records, paths


@pytest.fixture
def content():
    """Give the bytes of two pictures by their checksum."""
    return {hashlib.sha256(raw).hexdigest(): raw for raw in (b"red fox", b"blue ox")}


async def test_records_stand_beside_their_pictures(tmp_path, content):
    """Any tar reads it; a picture of two records is there once."""
    digests = list(content)
    records, paths = pictured([*digests, digests[0]])
    output = tmp_path / "all.tar"
    pictures = dict(zip(paths, content.values(), strict=False))

    done = await export(records, Format.TAR, output, pictures=pictures, folder=tmp_path)

    assert done == Written(records=3, pictures=2)
    with tarfile.open(output, "r:") as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar}
    lines = members.pop("records/0000000001.jsonl").splitlines()
    assert [from_json(json.loads(line)) for line in lines] == records
    assert members == {f"images/{path}": raw for path, raw in pictures.items()}


async def test_a_picture_that_is_lost_is_named(tmp_path, content):
    """Missing, damaged or no path of ours: its record is exported as it is."""
    digests = list(content)
    records, paths = pictured(digests)
    records += [make_record(id="9-1", stored_path="../bot.db")]
    said = []

    done = await export(
        records,
        Format.TAR,
        tmp_path / "all.tar",
        said=said,
        pictures={paths[0]: b"red fix", "../bot.db": b"secret"},
        folder=tmp_path,
    )

    assert done == Written(records=3, pictures=0, lost=3)
    assert said == [f"Missing or damaged, left out: {p}" for p in [*paths, "../bot.db"]]
    with tarfile.open(tmp_path / "all.tar") as tar:
        assert tar.getnames() == ["records/0000000001.jsonl"]


async def test_a_tar_cut_off_goes_on(tmp_path):
    """Byte for byte what one without a cut would be."""
    records = many(10_000)
    with pytest.raises(StorageError):
        await export(records, Format.TAR, tmp_path / "a.tar", fails_after=9_000)

    await export(records, Format.TAR, tmp_path / "a.tar")
    await export(records, Format.TAR, tmp_path / "b.tar")

    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()
    assert (tmp_path / "a.tar").stat().st_size % tarfile.RECORDSIZE == 0


# --- the command --------------------------------------------------------------


def run(*words):
    out, err = io.StringIO(), io.StringIO()
    status = main(FakeProgram(), words, screen=Screen(out=out, err=err))
    return status, out.getvalue(), err.getvalue()


def test_a_lost_picture_is_a_failure(tmp_path):
    """As with a backup: what is there is written all the same."""
    output = tmp_path / "all.tar"

    status, out, err = run("export", "--with-files", "--output", str(output), "--json")

    assert status == 1
    assert json.loads(out) == {
        "records": 1,
        "pictures": 0,
        "lost": 1,
        "output": str(output),
    }
    assert "1 pictures are missing or damaged" in err
    assert output.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--with-files",), "--output FILE.tar"),
        (("--format", "tar"), "--output FILE.tar"),
        (("--with-files", "--format", "csv", "--output", "x.tar"), "--format tar"),
    ],
    ids=["nowhere", "nowhere by its form", "another form"],
)
def test_pictures_need_a_tar(words, told):
    status, out, err = run("export", *words)

    assert (status, out) == (2, "")
    assert told in err


def test_the_name_of_a_tar_means_one(tmp_path):
    output = tmp_path / "all.tar"

    run("export", "--output", str(output))

    assert tarfile.is_tarfile(output)
