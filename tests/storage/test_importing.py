"""Everything is imported, or nothing; and nothing that is here is changed."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from bot.domain.exchange import as_seed_json
from bot.domain.importing import Imported, Line, Source
from bot.domain.record import Search
from bot.domain.seed import from_seed_json
from bot.errors import WrongInput
from storage.files.local import LocalFiles
from storage.importing import Importer
from storage.sqlite.database import open_database
from storage.sqlite.records import SqliteRecords
from tests.fakes.values import make_record

RECORDS = [
    make_record(id=f"{n:016}-1", stored_path=None, is_pinned=n % 2 == 0)
    for n in range(1, 451)  # more than a batch
]


@dataclass
class House:
    """An empty database and folder, and an import into them."""

    records: SqliteRecords
    files: LocalFiles
    wrong: list

    async def take_in(self, contents, **more):
        lines = [Line(n, content) for n, content in enumerate(contents, start=1)]
        source = Source(read=lambda: iter(lines), **more)
        importer = Importer(records=self.records, files=self.files)
        return await importer.take_in(source, lambda *line: self.wrong.append(line))

    async def kept(self):
        return [record async for record in self.records.all()]

    async def store(self, content):
        async with self.files.receive() as incoming:
            await incoming.write(content)
            return await incoming.store("image/png", created_at=datetime.now(UTC))


@pytest.fixture
async def house(tmp_path):
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(open_database(tmp_path / "bot.db"))
        records = SqliteRecords(db=db)
        files = LocalFiles(tmp_path / "images", find_unused=records.find_unused)
        yield House(records=records, files=files, wrong=[])


async def test_everything_comes_in_its_order(house):
    assert await house.take_in(RECORDS) == Imported(imported=450)

    assert await house.kept() == RECORDS
    found = await house.records.search(Search(words="snow", tags=("fox",), limit=1000))
    assert len(found) == 450


async def test_an_import_cut_off_goes_on(house):
    """What is here already is passed by."""
    await house.take_in(RECORDS[:200])

    done = await house.take_in(RECORDS)

    assert done == Imported(imported=250, skipped=200)
    assert await house.kept() == RECORDS


async def test_one_wrong_line_and_nothing_is_imported(house):
    """Each is named; nothing is written before the last line was read."""
    contents = [*RECORDS[:3], WrongInput("Bad."), *RECORDS[3:], WrongInput("Worse.")]

    with pytest.raises(WrongInput, match="2 lines are wrong"):
        await house.take_in(contents)

    assert house.wrong == [(4, "Bad."), (452, "Worse.")]
    assert await house.kept() == []


async def test_nothing_is_overwritten(house):
    """Also when the conflict is the last line of a long file."""
    await house.take_in(RECORDS[-1:])
    other = replace(RECORDS[-1], prompt="a wolf")

    with pytest.raises(WrongInput, match="Nothing was imported"):
        await house.take_in([*RECORDS[:-1], other])

    assert [number for number, _ in house.wrong] == [450]
    assert RECORDS[-1].id in house.wrong[0][1]
    assert await house.kept() == RECORDS[-1:]


@pytest.mark.parametrize("between", [0, 300], ids=["near", "far"])
async def test_an_id_with_two_contents_is_named(house, between):
    first, *others = RECORDS
    twice = [first, *others[:between], replace(first, prompt="a wolf")]

    with pytest.raises(WrongInput, match="Nothing was imported"):
        await house.take_in(twice)

    assert [number for number, _ in house.wrong] == [between + 2]


async def test_a_line_that_stands_there_twice_is_one_record(house):
    done = await house.take_in([RECORDS[0], RECORDS[0]])

    assert done == Imported(imported=1, skipped=1)


async def test_an_empty_id_is_wrong(house):
    with pytest.raises(WrongInput, match="1 line is wrong"):
        await house.take_in([make_record(id="")])


async def test_a_record_keeps_its_path_only_with_its_whole_file(house):
    """No row names a file that is not there or is none of ours."""
    stored = await house.store(b"picture")
    (house.files.local_path("secret.txt")).write_text("picture")
    missing = stored.path.replace(".png", ".jpg")
    paths = (stored.path, missing, "secret.txt", "../bot.db")
    whole, gone, strange, outside = (
        replace(record, stored_path=path, size_bytes=7)
        for record, path in zip(RECORDS, paths, strict=False)
    )

    done = await house.take_in([whole])
    done_others = await house.take_in([gone, strange, outside])

    assert done == Imported(imported=1)
    assert done_others == Imported(imported=3, without_file=3)
    paths = [record.stored_path for record in await house.kept()]
    assert paths == [stored.path, None, None, None]
    again = await house.take_in([whole, gone, strange, outside])
    assert again == Imported(skipped=4)


async def test_a_shared_file_is_judged_for_each_record(house):
    """Two records name one file; the size of one of them is wrong."""
    stored = await house.store(b"picture")
    right = replace(RECORDS[0], stored_path=stored.path, size_bytes=7)
    wrong = replace(RECORDS[1], stored_path=stored.path, size_bytes=9)

    await house.take_in([right, wrong])

    kept = await house.kept()
    assert [record.stored_path for record in kept] == [stored.path, None]


async def test_the_seed_list_of_this_database_changes_nothing(house):
    """It carries less than is kept: what it says is compared."""
    await house.take_in(RECORDS[:2])
    listed = [from_seed_json(as_seed_json(record)) for record in RECORDS[:3]]

    done = await house.take_in(listed, has_seed_keys=True)

    assert done == Imported(imported=1, skipped=2)
    assert (await house.kept())[:2] == RECORDS[:2]
    with pytest.raises(WrongInput, match="Nothing"):
        await house.take_in([replace(listed[0], seed=7)], has_seed_keys=True)


async def test_a_conflict_that_comes_meanwhile_stops_the_import(house):
    """A record drawn between the check and the writing is not overwritten."""
    await house.take_in(RECORDS[:1])

    with pytest.raises(WrongInput, match="Meanwhile"):
        await house.records.add([RECORDS[1], replace(RECORDS[0], prompt="a wolf")])

    assert await house.kept() == RECORDS[:1]
