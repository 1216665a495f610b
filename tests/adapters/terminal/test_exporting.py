"""Records written out one by one, whole or not at all."""

import asyncio
import csv
import io
import json
import os
import tracemalloc
from pathlib import Path

import pytest

from adapters.terminal.exporting import Format, write, write_file
from bot.domain.exchange import from_csv_row, from_json
from bot.errors import StorageError
from tests.fakes.values import make_record

RECORDS = [make_record(), make_record(id="0000000000000002-1", prompt="a, \"b\"\n'c'")]


async def stream(records):
    for record in records:
        yield record


async def failing(records):
    for record in records:
        yield record
    raise StorageError("The database is locked.")


async def text_of(records, form):
    out = io.StringIO()
    count = await write(stream(records), form, out)
    assert count == len(records)
    return out.getvalue()


async def test_lines_come_back_exactly():
    text = await text_of(RECORDS, Format.JSONL)

    assert [from_json(json.loads(line)) for line in text.splitlines()] == RECORDS


async def test_csv_comes_back_exactly():
    text = await text_of(RECORDS, Format.CSV)

    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert [from_csv_row(header, row) for row in rows] == RECORDS


@pytest.mark.parametrize("records", [[], RECORDS[:1], RECORDS], ids=["0", "1", "2"])
async def test_the_seed_list_is_one_json_value(records):
    text = await text_of(records, Format.JSON)

    assert [item["id"] for item in json.loads(text)] == [r.id for r in records]


async def test_a_file_is_replaced_whole(tmp_path):
    """Whoever reads the old one meanwhile never sees half a list."""
    output = tmp_path / "records.json"
    output.write_text("old")

    with pytest.raises(StorageError, match="locked"):
        await write_file(failing(RECORDS), Format.JSON, output)
    assert output.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["records.json"]

    assert await write_file(stream(RECORDS), Format.JSON, output) == 2
    assert len(json.loads(output.read_text())) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["records.json"]


async def test_a_link_stays_a_link(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)

    await write_file(stream(RECORDS), Format.JSONL, link)

    assert link.is_symlink()
    assert len(target.read_text().splitlines()) == 2


def test_a_device_is_written_to_not_replaced():
    """`--output /dev/null` as root must not turn it into a file."""
    null = Path(os.devnull)

    asyncio.run(write_file(stream(RECORDS), Format.JSONL, null))

    assert null.is_char_device()


async def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StorageError, match="No such file"):
        await write_file(stream(RECORDS), Format.JSON, tmp_path / "none/records.json")


async def test_memory_does_not_grow_with_the_records(tmp_path):
    """A year of pictures is exported by the smallest machine."""

    async def many():
        for number in range(20_000):
            yield make_record(id=f"{number:016}-1")

    tracemalloc.start()
    try:
        await write_file(many(), Format.JSON, tmp_path / "all.json")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 2 * 1024 * 1024
