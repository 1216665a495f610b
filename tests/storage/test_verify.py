"""What is missing, damaged or orphaned is named; a repair deletes nothing."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.upkeep import Verified
from storage.keeping import KeptRecords
from storage.verify import Verifier
from tests.fakes.values import make_record
from tests.storage.house import NOW, House, StillClock, open_house


@dataclass
class Shop:
    """A house, and what looks through it."""

    images: Path
    records: KeptRecords
    verifier: Verifier
    store_in: House

    async def store(self, content):
        return (await self.store_in.store(content)).path

    async def keep(self, name):
        path = await self.store(name.encode())
        await self.records.add([make_record(id=f"{name}-1", stored_path=path)])
        return path

    async def paths(self):
        return [record.stored_path async for record in self.records.all()]


@pytest.fixture
async def house(tmp_path, database):
    async with open_house(tmp_path, database) as house:
        verifier = Verifier(
            records=house.records,
            upkeep=house.upkeep,
            files=house.files,
            clock=StillClock(),
        )
        yield Shop(
            images=house.root,
            records=house.records,
            verifier=verifier,
            store_in=house,
        )


async def test_whole_files_are_left_in_peace(house):
    path = await house.keep("a")

    found = await house.verifier.verify(repair=True)

    assert found == Verified(checked=1)
    assert found.is_well
    assert await house.paths() == [path]


async def test_everything_is_named_and_nothing_changed(house):
    """Only old files count as orphans: a new one may still get its record."""
    gone, damaged, whole = [await house.keep(name) for name in ("a", "b", "c")]
    (house.images / gone).unlink()
    (house.images / damaged).write_bytes(b"?")
    old, _new = await house.store(b"old"), await house.store(b"new")
    long_ago = (NOW - timedelta(days=2)).timestamp()
    os.utime(house.images / old, (long_ago, long_ago))

    found = await house.verifier.verify(repair=False)

    assert found == Verified(
        checked=3, missing=(gone,), damaged=(damaged,), orphaned=(old,)
    )
    assert not found.is_well
    assert await house.paths() == [gone, damaged, whole]
    assert (house.images / damaged).read_bytes() == b"?"


async def test_a_repair_marks_records_and_keeps_damaged_files(house):
    """And the next check finds nothing more to do."""
    gone, damaged, whole = [await house.keep(name) for name in ("a", "b", "c")]
    (house.images / gone).unlink()
    (house.images / damaged).write_bytes(b"?")
    aside = house.images / ".damaged" / Path(damaged).name
    aside.parent.mkdir()
    aside.write_bytes(b"put aside before")

    found = await house.verifier.verify(repair=True)

    assert (found.repaired, found.is_well) == (2, True)
    assert await house.paths() == [None, None, whole]
    assert aside.read_bytes() == b"put aside before"
    assert aside.with_name(f"{aside.name}.1").read_bytes() == b"?"
    assert await house.verifier.verify(repair=True) == Verified(checked=1)


async def test_a_path_that_leaves_the_folder_is_missing(house, tmp_path):
    """Nothing outside is read or moved."""
    await house.records.add([make_record(stored_path="../bot.db")])

    found = await house.verifier.verify(repair=True)

    assert (found.missing, found.repaired) == (("../bot.db",), 1)
    assert (tmp_path / "bot.db").is_file()
    assert await house.paths() == [None]
