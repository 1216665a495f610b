"""Pictures come to the bucket once, whatever happens on the way."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.job import JobState
from bot.errors import StorageError
from storage.files.line import LONGEST_WAIT, wait_after
from storage.files.transfers import Kind
from tests.fakes.bucket import AWAY, FakeBucket
from tests.fakes.bucketed import bucket_house
from tests.fakes.waiting import until

SECOND = timedelta(seconds=1)


@pytest.fixture
async def house(tmp_path):
    async with bucket_house(tmp_path, FakeBucket()) as opened:
        yield opened


async def is_clear(house):
    return await house.transfers.counts() == {}


async def moved_and_cleared(house):
    async with house.mover.running():
        await until(lambda: is_clear(house))


@pytest.mark.parametrize(
    ("failures", "wait"),
    [
        pytest.param(1, SECOND, id="first"),
        pytest.param(3, 4 * SECOND, id="doubled twice"),
        pytest.param(99, LONGEST_WAIT, id="held at the ceiling"),
    ],
)
def test_waits_longer_each_time(failures, wait):
    assert wait_after(failures, first=SECOND) == wait


def test_the_wish_of_the_bucket_wins():
    error = StorageError("Too many requests.", retry_after=timedelta(seconds=9))

    assert wait_after(1, first=SECOND, error=error) == timedelta(seconds=9)


async def test_a_picture_is_brought_with_all_that_is_known_of_it(house):
    record = await house.keep("a", original_url="https://ideogram.test/a.png?sig=1")

    await moved_and_cleared(house)

    kept = house.bucket.objects[record.stored_path]
    assert (kept.content, kept.content_type) == (b"picture", "image/png")
    assert kept.metadata == {
        "seed": "42",
        "record": "a-1",
        "source": "https://ideogram.test/a.png",
    }
    assert house.waiting.here(record.stored_path) is None


async def test_many_are_brought_side_by_side_and_each_once(house):
    records = [await house.keep(f"n{n}", b"%d" % n) for n in range(30)]

    await moved_and_cleared(house)

    assert set(house.bucket.objects) == {record.stored_path for record in records}
    assert len([what for what, _ in house.bucket.asked if what == "put"]) == 30


async def test_a_copy_stays_while_its_job_goes_on(house):
    record = await house.keep("a", state=JobState.RUNNING)
    job = await house.queue.find("a")

    async with house.mover.running():
        await until(lambda: record.stored_path in house.bucket.objects)
        await asyncio.sleep(0)
        assert house.waiting.here(record.stored_path)
        await house.queue.save(replace(job, state=JobState.DONE))
        await until(lambda: is_clear(house))

    assert house.waiting.here(record.stored_path) is None


async def test_a_bucket_that_is_down_loses_nothing(house, caplog):
    """One line when it goes and one when it is back, however often it was tried."""
    caplog.set_level(logging.INFO, "storage.files")
    house.bucket.error = AWAY
    records = [await house.keep(f"n{n}", b"%d" % n) for n in range(3)]

    async with house.mover.running():
        await until(lambda: len(house.bucket.asked) >= 6)
        away = await house.mover.backlog()
        house.bucket.error = None
        await until(lambda: is_clear(house))

    assert (away.is_away, away.waiting) == (True, 3)
    assert not (await house.mover.backlog()).is_away
    assert set(house.bucket.objects) == {record.stored_path for record in records}
    gone, back = [line.getMessage() for line in caplog.records]
    assert gone.startswith("The bucket does not answer. Pictures are kept on this")
    assert "wait." in gone
    assert back.startswith("The bucket answers again")


async def test_what_is_wrong_is_told_at_the_start(house, caplog):
    """Nothing waits yet, and yet the operator is to know."""
    house.bucket.error = StorageError("The bucket refuses these credentials.")

    async with house.mover.running(greets=True):
        await until(lambda: caplog.records)

    assert caplog.records[0].levelname == "WARNING"
    assert "refuses these credentials" in caplog.text
    assert (await house.mover.backlog()).is_away


async def test_a_short_lived_program_leaves_the_rest(house):
    await house.keep("a")
    house.bucket.error = AWAY

    assert await house.mover.settle(timedelta(seconds=0.1)) == 1

    house.bucket.error = None
    assert await house.mover.settle(timedelta(seconds=20)) == 0


async def test_a_crash_before_the_checkpoint_does_it_again(tmp_path):
    """The object is there already: it stays the one object."""
    bucket = FakeBucket()
    async with bucket_house(tmp_path, bucket) as house:
        record = await house.keep("a")
        await house.move()
        await house.transfers.put_again([record.stored_path])
    before = dict(bucket.objects)

    async with bucket_house(tmp_path, bucket) as house:
        await moved_and_cleared(house)

    assert bucket.objects == before


async def test_a_crash_before_the_copy_is_cleared_clears_it(tmp_path):
    async with bucket_house(tmp_path, FakeBucket()) as house:
        record = await house.keep("a")
        await house.transfers.moved(record.stored_path)

    async with bucket_house(tmp_path, FakeBucket()) as house:
        await moved_and_cleared(house)

        assert house.waiting.here(record.stored_path) is None


async def test_a_copy_that_is_gone_is_looked_for_in_the_bucket(house):
    record = await house.keep("a")
    await moved_and_cleared(house)
    await house.transfers.put_again([record.stored_path])

    await moved_and_cleared(house)

    assert list(house.bucket.objects) == [record.stored_path]


async def test_a_lost_picture_is_named_and_holds_nothing_up(house, caplog):
    """Neither here nor there: retention or verify marks its record."""
    record = await house.keep("a")
    house.waiting.here(record.stored_path).unlink()

    await moved_and_cleared(house)

    assert f"A picture is lost: {record.stored_path}" in caplog.text
    assert await house.files.absent([record.stored_path]) == [record.stored_path]


async def test_a_damaged_copy_is_not_brought(house, caplog):
    record = await house.keep("a")
    house.waiting.here(record.stored_path).write_bytes(b"?")

    await moved_and_cleared(house)

    assert house.bucket.objects == {}
    assert "A picture is lost" in caplog.text


async def test_a_damaged_object_makes_room(house):
    """The same picture was drawn again: here is a whole one."""
    record = await house.keep("a")
    await moved_and_cleared(house)
    house.bucket.damage(record.stored_path)
    await house.keep("again")

    await moved_and_cleared(house)

    assert house.bucket.objects.pop(record.stored_path).content == b"picture"
    assert [kept.content for kept in house.bucket.objects.values()] == [b"?"]


async def test_a_deleted_picture_goes_here_and_there(house):
    first, second = await house.keep("a"), await house.keep("b", b"other")
    await moved_and_cleared(house)

    deleted = await house.forget(first)
    await moved_and_cleared(house)

    assert deleted.files == 1
    assert list(house.bucket.objects) == [second.stored_path]


async def test_a_picture_deleted_before_it_was_moved_never_comes_there(house):
    record = await house.keep("a")
    await house.forget(record)

    await moved_and_cleared(house)

    assert house.bucket.objects == {}
    assert house.waiting.here(record.stored_path) is None


async def test_a_record_deleted_without_its_file_is_no_picture_to_bring(house):
    """What a crash leaves between the two."""
    record = await house.keep("a")
    await house.records.delete([record.id])

    await moved_and_cleared(house)

    assert house.bucket.objects == {}
    assert house.waiting.here(record.stored_path) is None


async def test_a_picture_drawn_again_while_it_is_deleted_stays(house):
    """The deletion is under way when the same bytes get a record again."""
    record = await house.keep("a")
    await moved_and_cleared(house)
    await house.forget(record)
    house.bucket.is_open.clear()
    async with house.mover.running():
        await until(lambda: ("delete", record.stored_path) in house.bucket.asked)
        again = await house.keep("again")
        house.bucket.is_open.set()
        await until(lambda: is_clear(house))

    assert house.bucket.objects[again.stored_path].content == b"picture"


async def test_kinds_are_what_the_table_says(house):
    """A clear that must wait is neither lost nor repeated at once."""
    record = await house.keep("a", state=JobState.QUEUED)

    await house.move()

    assert await house.transfers.kind(record.stored_path) is Kind.CLEAR
