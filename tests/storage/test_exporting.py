"""What an export reads: every record once, every picture with the first that names it."""

from contextlib import AsyncExitStack

import pytest

from bot.errors import NotFound
from storage.exporting import Exporter
from storage.files.local import LocalFiles
from storage.sqlite.database import open_database
from storage.sqlite.records import SqliteRecords
from tests.fakes.values import make_record

RECORDS = [
    make_record(id=f"{n:016}-1", stored_path=path)
    for n, path in enumerate(["a", "b", "a", None, "c", "b", "c"], start=1)
]


@pytest.fixture
async def records(tmp_path):
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(open_database(tmp_path / "bot.db"))
        kept = SqliteRecords(db=db)
        await kept.add(RECORDS)
        yield kept


@pytest.fixture
def exporter(records, tmp_path):
    files = LocalFiles(tmp_path / "images")
    return Exporter(records=records, files=files, database=tmp_path / "bot.db")


@pytest.mark.parametrize("size", [1, 2, 7, 500])
async def test_every_record_and_picture_comes_once(exporter, size):
    pages = [page async for page in exporter.pages(0, size)]

    assert [record for page in pages for record in page.records] == RECORDS
    assert [path for page in pages for path in page.pictures] == ["a", "b", "c"]
    for page in pages:
        assert 0 < len(page.records) <= size
        assert set(page.pictures) <= {record.stored_path for record in page.records}


async def test_a_page_is_where_the_one_before_ended(exporter, records):
    """Also when its last record is deleted meanwhile, or others are drawn."""
    pages = exporter.pages(0, 3)
    first = await anext(pages)
    await records.delete([RECORDS[2].id])
    await records.add([make_record(id="9-1", stored_path="a")])

    rest = [page async for page in exporter.pages(first.position, 500)]

    assert [record.id for record in rest[0].records] == [
        *(record.id for record in RECORDS[3:]),
        "9-1",
    ]
    assert rest[0].pictures == ("c",)


async def test_nothing_is_no_page(exporter, records):
    await records.delete([record.id for record in RECORDS])

    assert [page async for page in exporter.pages(0, 5)] == []


async def test_the_database_is_named(exporter, tmp_path):
    assert exporter.source == str(tmp_path / "bot.db")


async def test_a_picture_that_is_gone_is_said_to_be(exporter):
    with pytest.raises(NotFound):
        async with exporter.picture("a"):
            pass
