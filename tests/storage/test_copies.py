"""Sized copies are kept, checked, backed up and swept with the pictures they are made of."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.copy import Copy
from bot.domain.job import JobState, Step
from bot.domain.upkeep import Verified
from storage.backup import back_up, restore
from storage.files.transfers import Kind
from storage.retention import SweepResult
from storage.sqlite.transfers import put_all
from storage.verify import Verifier
from tests.contracts.databases import Stores, open_sqlite
from tests.contracts.values import ANN, NOON, make_job, make_record
from tests.storage.house import NOW, House, StillClock, open_house

MONTH = timedelta(days=30)


@dataclass
class Shop:
    """A house with the copies in it."""

    folder: Path
    house: House
    stores: Stores

    async def keep(self, name="one", *, age=timedelta(0), content=b"picture"):
        """Keep a picture and a copy of it; give the path of the copy."""
        await self.house.keep(name, age=age, content=content)
        stored = await self.house.store(content + b" small")
        copy = Copy(
            record_id=f"{name}-1",
            format="instagram",
            stored_path=stored.path,
            sha256=stored.sha256,
            size_bytes=stored.size_bytes,
            width=1080,
            height=1080,
            created_at=NOW,
        )
        job = make_job(f"resize-{name}", resizes=(copy.record_id,), state=JobState.DONE)
        await self.house.queue.submit(job)
        await self.house.steps.finish(job.id, Step.KEEP, {}, copies=[copy])
        return stored.path

    async def copies(self, name="one"):
        return await self.stores.copies.of_records([f"{name}-1"])

    def verifier(self):
        return Verifier(
            records=self.house.records,
            upkeep=self.house.upkeep,
            files=self.house.files,
            clock=StillClock(),
        )


@pytest.fixture
async def shop(database, tmp_path):
    async with open_house(tmp_path, database) as house, database(tmp_path) as stores:
        yield Shop(folder=tmp_path, house=house, stores=stores)


async def test_a_sweep_takes_copies_with_their_picture(shop):
    await shop.keep("old", age=2 * MONTH, content=b"old")
    young = await shop.keep("young", content=b"young")

    planned = await shop.house.plan(MONTH)
    result = await shop.house.sweep(MONTH)

    assert result == planned.result == SweepResult(records=1, files=2, size_bytes=12)
    assert shop.house.files.local_path(young).exists()
    assert await shop.copies("old") == []
    assert await shop.copies("young")


async def test_an_old_copy_is_no_orphan(shop):
    """Its record stays, so it stays."""
    await shop.keep()
    shop.house.age_files(2 * MONTH)

    assert await shop.house.sweep(MONTH) == SweepResult()


async def test_a_lost_copy_is_marked_by_a_sweep(shop):
    path = await shop.keep()
    shop.house.files.local_path(path).unlink()

    assert await shop.house.sweep(MONTH) == SweepResult(lost=1)
    assert await shop.copies() == []
    assert await shop.house.kept() == ["one-1"]


async def test_verify_hashes_copies_too(shop):
    await shop.keep()
    shop.house.age_files(2 * MONTH)

    assert await shop.verifier().verify(repair=False) == Verified(checked=2)


async def test_a_damaged_copy_is_named_and_repaired(shop):
    """The copy alone is forgotten: it can be made again."""
    path = await shop.keep()
    shop.house.files.local_path(path).write_bytes(b"?")

    found = await shop.verifier().verify(repair=True)

    assert (found.damaged, found.repaired) == ((path,), 1)
    assert await shop.copies() == []
    assert (await shop.house.records.get("one-1")).stored_path


async def test_a_backup_has_the_copies_and_gives_them_back(shop, tmp_path):
    """Of SQLite: other databases have programs of their own for that."""
    path = await shop.keep()

    copied = await back_up(tmp_path / "bot.db", shop.house.files, tmp_path / "backup")
    new = tmp_path / "new"
    await restore(tmp_path / "backup", new / "bot.db", new)

    assert (copied.records, copied.files) == (1, 2)
    assert (tmp_path / "new" / path).read_bytes() == b"picture small"
    async with open_sqlite(new) as stores:
        (copy,) = await stores.copies.of_records(["one-1"])
    assert copy.stored_path == path


async def test_forgetting_a_person_takes_their_copies(shop):
    path = await shop.keep()
    forgetting = shop.stores.forgetting
    found = await forgetting.belongings(ANN)
    await forgetting.begin(ANN, pseudonym="gone", found=found)

    await forgetting.delete_some(ANN, limit=10)

    assert found.files == 2
    assert path in await forgetting.pending(ANN)


async def test_copies_of_an_anonymised_picture_go(shop):
    """They may say the prompt in their own metadata."""
    path = await shop.keep()
    forgetting = shop.stores.forgetting
    found = await forgetting.belongings(ANN)
    await forgetting.begin(ANN, pseudonym="gone", found=found)

    await forgetting.anonymise_some(ANN, limit=10)

    assert await forgetting.pending(ANN) == [path]
    assert await shop.copies() == []


class Bucketed:
    """The stores of a database that has a bucket."""

    def __init__(self, stores):
        self.queue = stores.queue
        self.steps = stores.steps
        self.records = stores.records
        self.transfers = stores.transfers

    async def keep(self):
        record = make_record(stored_path="2026/11/aa/a.png")
        await self.queue.submit(make_job())
        await self.steps.finish("job0", Step.KEEP, {}, records=[record])
        copy = Copy(
            record_id=record.id,
            format="instagram",
            stored_path="2026/11/bb/b.png",
            sha256="ab" * 32,
            size_bytes=1,
            width=1,
            height=1,
            created_at=NOON,
        )
        await self.queue.submit(make_job("resize", resizes=(record.id,)))
        await self.steps.finish("resize", Step.KEEP, {}, copies=[copy])
        return record, copy

    async def put(self):
        due = await self.transfers.due(
            Kind.PUT, NOON, longest=MONTH, besides=(), limit=10
        )
        return sorted(one.path for one in due)


@pytest.fixture
async def bucketed(database, tmp_path):
    async with database(tmp_path, has_bucket=True) as stores:
        yield Bucketed(stores)


async def test_a_copy_is_brought_to_the_bucket_as_its_record_says(bucketed):
    """What its object tells is the record's."""
    record, copy = await bucketed.keep()

    assert await bucketed.put() == [record.stored_path, copy.stored_path]
    assert await bucketed.transfers.record(copy.stored_path) == record
    assert await bucketed.transfers.delete_unused([copy.stored_path]) == []


async def test_a_copy_left_in_the_folder_is_adopted(bucketed):
    _, copy = await bucketed.keep()
    await bucketed.transfers.forget([copy.stored_path], Kind.PUT)

    assert await bucketed.transfers.adopt([copy.stored_path]) == 1


async def test_a_restored_database_brings_its_copies_too(bucketed, tmp_path):
    record, copy = await bucketed.keep()

    put_all(tmp_path / "bot.db", has_bucket=True)

    assert await bucketed.put() == [record.stored_path, copy.stored_path]
