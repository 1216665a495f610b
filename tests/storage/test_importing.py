"""Everything is imported, or nothing; and nothing that is here is changed."""

import hashlib
import io
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.exchange import as_seed_json
from bot.domain.importing import Enclosed, Imported, Line, Source
from bot.domain.record import Search
from bot.domain.seed import from_seed_json
from bot.errors import WrongInput
from storage.files.local import LocalFiles
from storage.importing import Importer
from storage.keeping import KeptRecords, Upkeep
from tests.fakes.values import make_record

RECORDS = [
    make_record(id=f"{n:016}-1", stored_path=None, is_pinned=n % 2 == 0)
    for n in range(1, 451)  # more than a batch
]


@dataclass
class House:
    """An empty database and folder, and an import into them."""

    records: KeptRecords
    upkeep: Upkeep
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
async def house(tmp_path, database):
    async with database(tmp_path) as stores:
        records = stores.records
        files = LocalFiles(tmp_path / "images", find_unused=records.find_unused)
        yield House(records=records, upkeep=stores.upkeep, files=files, wrong=[])


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


# --- with pictures ------------------------------------------------------------


class Pack:
    """A file with pictures in it; what was *asked* for is remembered."""

    def __init__(self):
        self.contents = []
        self.asked = []
        self._bytes = b""

    def add(self, content, *, path=None):
        """Put a picture in; give its path."""
        digest = hashlib.sha256(content).hexdigest()
        path = path or f"2025/03/{digest[:2]}/{digest}.webp"
        start, self._bytes = len(self._bytes), self._bytes + content
        self.contents.append(Enclosed(path=path, start=start, size=len(content)))
        return path

    @contextmanager
    def open(self, picture):
        self.asked.append(picture.path)
        yield io.BytesIO(self._bytes[picture.start : picture.start + picture.size])

    async def go_into(self, house, *contents):
        found = [*contents, *self.contents]
        return await house.take_in(found, open_picture=self.open)


@pytest.fixture
def pack():
    return Pack()


def files_of(house, tmp_path):
    root = tmp_path / "images"
    return sorted(
        file.relative_to(root).as_posix()
        for file in root.rglob("*")
        if file.is_file() and ".incoming" not in file.parts
    )


async def test_pictures_come_to_their_place(house, pack, tmp_path):
    """The month is the one of the path, whatever the record says."""
    path = pack.add(b"red fox")
    first, second = (
        replace(r, stored_path=path, size_bytes=7, sha256="x") for r in RECORDS[:2]
    )

    done = await pack.go_into(house, first, second)

    assert done == Imported(imported=2)
    assert [record.stored_path for record in await house.kept()] == [path, path]
    async with house.files.on_disk(path) as file:
        assert file.read_bytes() == b"red fox"
    assert files_of(house, tmp_path) == [path]


async def test_what_is_here_is_not_stored_again(house, pack):
    record = replace(RECORDS[0], stored_path=pack.add(b"red fox"), size_bytes=None)
    await pack.go_into(house, record)
    pack.asked.clear()

    assert await pack.go_into(house, record) == Imported(skipped=1)

    assert len(pack.asked) == 1  # the check alone


async def test_a_lost_picture_comes_back(house, pack):
    """Its record is here still, and says the same."""
    path = pack.add(b"red fox")
    record = replace(RECORDS[0], stored_path=path, size_bytes=7)
    await pack.go_into(house, record)
    house.files.local_path(path).unlink()

    assert await pack.go_into(house, record) == Imported(skipped=1)

    assert house.files.local_path(path).read_bytes() == b"red fox"


async def test_a_picture_comes_back_to_a_record_that_was_marked(house, pack):
    """As a sweep does when the file is gone; one with other bytes stays without."""
    path = pack.add(b"red fox")
    sha256 = hashlib.sha256(b"red fox").hexdigest()
    record = replace(RECORDS[0], stored_path=path, size_bytes=7, sha256=sha256)
    await pack.go_into(house, record)
    house.files.local_path(path).unlink()
    await house.records.forget_files([path])

    done = await pack.go_into(house, record)

    assert done == Imported(skipped=1, brought_back=1)
    assert (await house.records.get(record.id)).stored_path == path


async def test_what_is_imported_is_not_meant_by_a_sweep_of_before(house):
    """`cleanup --older-than 0`, cut off, would take it all at the next start."""
    await house.upkeep.begin(datetime.now(UTC), timedelta(0))

    await house.take_in(RECORDS[:1])

    assert await house.upkeep.begun() == []


async def test_a_picture_of_another_size_is_none_of_the_record(house, pack, tmp_path):
    record = replace(RECORDS[0], stored_path=pack.add(b"red fox"), size_bytes=8)

    done = await pack.go_into(house, record)

    assert done == Imported(imported=1, without_file=1)
    assert files_of(house, tmp_path) == []


SHA = hashlib.sha256(b"red fox").hexdigest()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        pytest.param("../../bot.db", "name of a kept picture", id="outside"),
        pytest.param("/etc/passwd", "name of a kept picture", id="absolute"),
        pytest.param(f"2025/13/{SHA[:2]}/{SHA}.png", "month", id="no month"),
        pytest.param(f"2025/03/00/{SHA}.png", "checksum", id="folder"),
        pytest.param(f"2025/03/00/{'0' * 64}.png", "checksum", id="bytes"),
        pytest.param(f"2025/03/{SHA[:2]}/{SHA}.svg", "kept picture", id="kind"),
    ],
)
async def test_a_wrong_picture_and_nothing_is_imported(
    house, pack, tmp_path, path, told
):
    pack.add(b"blue ox")
    pack.add(b"red fox", path=path)

    with pytest.raises(WrongInput, match="1 line is wrong"):
        await pack.go_into(house, RECORDS[0])

    [(number, text)] = house.wrong
    assert number == 3
    assert told in text
    assert await house.kept() == []
    assert files_of(house, tmp_path) == []


async def test_a_picture_that_is_too_large_is_not_read(house, pack):
    path = pack.add(b"red fox")
    pack.contents = [Enclosed(path=path, start=0, size=10**12)]

    with pytest.raises(WrongInput, match="1 line is wrong"):
        await pack.go_into(house)

    assert pack.asked == []


async def test_a_file_that_changes_meanwhile_stops_the_import(house, pack):
    """Between the check and the writing; no record names other bytes."""
    path = pack.add(b"red fox")
    record = replace(RECORDS[0], stored_path=path, size_bytes=7)
    opened = pack.open

    def change(picture):
        if pack.asked:
            pack._bytes = b"fed rox"
        return opened(picture)

    pack.open = change

    with pytest.raises(WrongInput, match="changed meanwhile"):
        await pack.go_into(house, record)

    assert await house.kept() == []
