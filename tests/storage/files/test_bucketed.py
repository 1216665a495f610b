"""A picture is to be had wherever it is, and only what nobody needs is deleted."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

import pytest

from bot.errors import DownloadFailed, NotFound, StorageError
from storage.files.loans import Loans
from storage.files.stored import Deleted
from storage.files.transfers import Kind
from tests.fakes.bucket import AWAY, FakeBucket
from tests.fakes.bucketed import bucket_house

LATER = datetime.max.replace(tzinfo=UTC)


@pytest.fixture
async def house(tmp_path):
    async with bucket_house(tmp_path, FakeBucket()) as opened:
        yield opened


async def clear(house, *records):
    """Bring everything there, and take it away here."""
    await house.move()
    for record in records:
        house.waiting.local_path(record.stored_path).unlink(missing_ok=True)
        await house.transfers.forget([record.stored_path], Kind.CLEAR)


def lent(house):
    return [p for p in house.root.rglob("*.png") if ".reading" in p.parts]


async def read(house, path):
    async with house.files.on_disk(path) as file:
        return file.read_bytes()


async def listed(house, moment=LATER, **more):
    return [b async for b in house.files.stored_before(moment, **more)]


async def test_what_waits_is_read_here(house):
    """Chat does not hear of a bucket that is down."""
    house.bucket.error = AWAY
    record = await house.keep("a")

    assert await read(house, record.stored_path) == b"picture"
    assert house.files.here(record.stored_path).read_bytes() == b"picture"
    await house.files.require_room()


async def test_what_was_moved_is_fetched(house):
    record = await house.keep("a")
    await clear(house, record)

    assert await read(house, record.stored_path) == b"picture"
    assert house.files.here(record.stored_path) is None
    assert lent(house) == []


async def test_a_file_may_go_while_it_is_read(house):
    """It is moved and cleared between two looks of a slow reader."""
    record = await house.keep("a")

    async with house.files.on_disk(record.stored_path) as file:
        await clear(house, record)
        content = file.read_bytes()

    assert content == b"picture"
    assert (file.suffix, lent(house)) == (".png", [])


async def test_a_bucket_that_is_down_is_no_missing_file(house):
    record = await house.keep("a")
    await clear(house, record)
    house.bucket.error = AWAY

    with pytest.raises(StorageError):
        await read(house, record.stored_path)
    with pytest.raises(StorageError):
        await house.files.absent([record.stored_path])
    assert lent(house) == []


async def test_what_is_neither_here_nor_there_is_absent(house):
    here, there, gone = [await house.keep(n, n.encode()) for n in "abc"]
    await clear(house, there, gone)
    house.bucket.objects.pop(gone.stored_path)

    paths = [record.stored_path for record in (here, there, gone)]

    assert await house.files.absent(paths) == [gone.stored_path]
    with pytest.raises(NotFound):
        await read(house, gone.stored_path)


async def test_strangers_objects_are_not_read(house):
    """The bucket may hold more than pictures; a record from elsewhere may name it."""
    with pytest.raises(NotFound):
        await read(house, "accounts.csv")
    assert house.bucket.asked == []


async def test_a_link_is_signed(house):
    """Also while the bucket is down: it will be right when that is back."""
    record = await house.keep("a")

    link = await house.files.link(record.stored_path)

    assert link == f"https://bucket.test/{record.stored_path}?expires=3600"


async def test_a_link_waits_for_its_object(tmp_path):
    """Whoever gets it may follow it at once."""
    patience = timedelta(seconds=20)
    async with bucket_house(tmp_path, FakeBucket(), patience=patience) as house:
        record = await house.keep("a")

        async with house.mover.running():
            await house.files.link(record.stored_path)

            assert record.stored_path in house.bucket.objects


async def test_a_deleted_file_has_no_link(house):
    record = await house.keep("a")
    await house.forget(record)

    assert await house.files.link(record.stored_path) is None


async def test_a_deleted_file_is_gone_at_once(house):
    """Although the bucket, which is down, still has it."""
    record = await house.keep("a")
    await clear(house, record)
    house.bucket.error = AWAY

    deleted = await house.forget(record)

    assert deleted == Deleted(files=1)
    assert not await house.files.delete(record.stored_path)
    with pytest.raises(NotFound):
        await read(house, record.stored_path)


async def test_a_file_that_a_record_has_is_not_deleted(house):
    first, second = await house.keep("a"), await house.keep("b")
    assert first.stored_path == second.stored_path

    deleted = await house.forget(first)

    assert deleted == Deleted()
    assert await read(house, second.stored_path) == b"picture"


async def test_a_file_stored_since_is_not_deleted(house):
    """Its record is about to be written down."""
    stored = await house.store()

    deleted = await house.files.delete_unused(
        [stored.path], stored_before=datetime.now(UTC) - timedelta(days=1)
    )

    assert deleted == Deleted()
    assert house.waiting.here(stored.path)


async def test_a_file_deleted_in_between_is_fetched_again(house):
    stored = await house.store()
    await house.files.delete(stored.path)

    with pytest.raises(DownloadFailed):
        async with house.files.holding([stored.path]):
            pass


async def test_an_import_finds_files_here_and_there(house):
    """With another size it is another picture; what is being deleted is none."""
    here, there, going = [await house.keep(n, n.encode() * 3) for n in "abc"]
    await clear(house, there, going)
    await house.forget(going)
    asked = [
        (here.stored_path, 3),
        (there.stored_path, None),
        (there.stored_path, 99),
        (going.stored_path, None),
        ("2026/11/ab/nothing.png", None),
    ]

    async with house.files.holding_whole(asked) as whole:
        assert whole == set(asked[:2])


async def test_files_here_and_there_are_listed_once_and_sorted(house):
    records = [await house.keep(f"n{n}", b"%d" % n) for n in range(10)]
    await clear(house, *records[:5])
    await house.move()
    house.bucket.objects["notes.txt"] = next(iter(house.bucket.objects.values()))
    paths = sorted(record.stored_path for record in records)

    batches = await listed(house)

    assert [path for batch in batches for path in batch] == paths
    behind = [p for batch in await listed(house, after=paths[3]) for p in batch]
    assert behind == paths[4:]
    assert await listed(house, datetime.now(UTC) - timedelta(days=1)) == []


async def test_damaged_objects_are_put_aside(house):
    """Their records forget them; what is whole is left in peace."""
    gone, damaged, whole = [await house.keep(n, n.encode()) for n in "abc"]
    await clear(house, gone, damaged, whole)
    house.bucket.objects.pop(gone.stored_path)
    house.bucket.damage(damaged.stored_path)
    paths = [record.stored_path for record in (gone, damaged, whole)]

    count = await house.files.put_aside(paths, forget=house.records.forget_files)

    kept = [record.stored_path async for record in house.records.all()]
    assert (count, kept) == (2, [None, None, whole.stored_path])
    assert f".damaged/{PurePosixPath(damaged.stored_path).name}" in house.bucket.objects


async def test_a_start_moves_what_nobody_moves(tmp_path):
    """As when the pictures were kept before their transfers were written down."""
    async with bucket_house(tmp_path, FakeBucket()) as house:
        record = await house.keep("a")
        await house.transfers.forget([record.stored_path], Kind.PUT)

        await house.files.prepare()

        assert await house.transfers.kind(record.stored_path) is Kind.PUT


async def test_a_start_tidies_up_what_a_crash_left(house):
    """And nothing that a living process reads."""
    record = await house.keep("a")
    dead = house.root / ".reading" / "dead"
    dead.mkdir(parents=True)
    (dead / "x.png").write_bytes(b"half")
    dead.with_suffix(".lock").touch()

    async with house.files.on_disk(record.stored_path) as file:
        await asyncio.to_thread(Loans(house.root / ".reading").tidy)

        assert file.read_bytes() == b"picture"
    assert not dead.exists()
    assert not dead.with_suffix(".lock").exists()
