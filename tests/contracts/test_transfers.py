"""What is on its way to a bucket is written down with the records."""

from datetime import timedelta

import pytest

from bot.domain.job import JobState, Step
from storage.files.transfers import Kind, Transfer
from tests.contracts.values import NOON, make_job, make_record

A = "2026/11/aa/a.png"
B = "2026/11/bb/b.png"
LONGEST = timedelta(minutes=2)


class Shop:
    """The stores of one database that has a bucket."""

    def __init__(self, stores):
        self.queue = stores.queue
        self.steps = stores.steps
        self.records = stores.records
        self.transfers = stores.transfers

    async def keep(self, path, name="job0", state=JobState.DONE):
        job = make_job(name, state=state)
        await self.queue.submit(job)
        record = make_record(f"{name}-1", job_id=job.id, stored_path=path)
        await self.steps.finish(job.id, Step.KEEP, {}, records=[record])
        return record

    async def due(self, kind=Kind.PUT, now=NOON, besides=(), limit=10):
        found = await self.transfers.due(
            kind, now, longest=LONGEST, besides=besides, limit=limit
        )
        return [one.path for one in found]


@pytest.fixture
async def shop(database, tmp_path):
    async with database(tmp_path, has_bucket=True) as stores:
        yield Shop(stores)


async def test_a_record_and_its_transfer_are_one_transaction(shop):
    await shop.keep(A)
    await shop.keep(None, "unsafe")

    assert await shop.due() == [A]
    assert await shop.transfers.counts() == {Kind.PUT: 1}


async def test_an_imported_file_is_brought_too(shop):
    await shop.records.add([make_record("new-1", stored_path=B)])

    assert await shop.due() == [B]


async def test_without_a_bucket_nothing_is_written_down(stores):
    await stores.records.add([make_record("new-1", stored_path=B)])

    assert await stores.transfers.counts() == {}


async def test_a_checkpoint_leaves_the_copy_here_to_be_cleared(shop):
    await shop.keep(A)

    await shop.transfers.moved(A)

    assert await shop.due() == []
    assert await shop.due(Kind.CLEAR) == [A]


async def test_a_record_kept_meanwhile_wins(shop):
    """The answer of the mover is for what was there when it began."""
    await shop.keep(A)
    await shop.transfers.moved(A)
    await shop.keep(A, "again")

    await shop.transfers.forget([A], Kind.CLEAR)

    assert await shop.transfers.kind(A) is Kind.PUT


async def test_what_failed_waits_until_its_time(shop):
    await shop.keep(A)
    await shop.keep(B, "other")

    await shop.transfers.later([A], Kind.PUT, not_before=NOON + timedelta(seconds=2))

    assert await shop.due() == [B]
    assert await shop.due(now=NOON + timedelta(seconds=2)) == [B, A]
    [failed] = await shop.transfers.due(
        Kind.PUT, NOON + LONGEST, longest=LONGEST, besides=[B], limit=1
    )
    assert failed == Transfer(path=A, kind=Kind.PUT, failures=1)


async def test_hurry_lets_nothing_wait(shop):
    await shop.keep(A)
    await shop.transfers.later([A], Kind.PUT, not_before=NOON + LONGEST)

    await shop.transfers.hurry()

    assert await shop.due() == [A]


async def test_a_clock_set_back_holds_nothing_up(shop):
    """A wait longer than there is was made by a clock that ran ahead."""
    await shop.keep(A)

    await shop.transfers.later([A], Kind.PUT, not_before=NOON + timedelta(days=1))

    assert await shop.due() == [A]


async def test_only_what_no_record_has_is_deleted(shop):
    """Also a file that is still to be brought."""
    await shop.keep(A)
    gone = await shop.keep(B, "other")
    await shop.records.delete([gone.id])

    first = await shop.transfers.delete_unused([A, B])
    second = await shop.transfers.delete_unused([A, B])

    assert (first, second) == ([B], [])
    assert await shop.due(Kind.DELETE) == [B]
    assert await shop.due() == [A]


async def test_a_picture_drawn_again_is_not_deleted(shop):
    gone = await shop.keep(A)
    await shop.records.delete([gone.id])
    await shop.transfers.delete_unused([A])

    await shop.keep(A, "again")

    assert await shop.due(Kind.DELETE) == []
    assert await shop.due() == [A]


@pytest.mark.parametrize(
    ("state", "is_clear"),
    [
        (JobState.QUEUED, False),
        (JobState.RUNNING, False),
        (JobState.WAITING, True),
        (JobState.DONE, True),
        (JobState.FAILED, True),
    ],
)
async def test_a_copy_stays_while_its_job_goes_on(shop, state, is_clear):
    """It is about to be posted from here."""
    await shop.keep(A, state=state)
    before = await shop.transfers.clearable([A])

    await shop.transfers.moved(A)

    assert before == []
    assert await shop.transfers.clearable([A]) == ([A] if is_clear else [])


async def test_a_file_that_has_a_record_and_no_transfer_is_adopted(shop):
    """As when the bucket was named in the settings after it was drawn."""
    await shop.keep(A)
    await shop.transfers.forget([A], Kind.PUT)

    assert await shop.transfers.adopt([A, B]) == 1
    assert await shop.transfers.adopt([A, B]) == 0
    assert await shop.due() == [A]


async def test_the_record_of_a_file_is_known(shop):
    record = await shop.keep(A)
    await shop.keep(A, "again")

    assert await shop.transfers.record(A) == record
    assert await shop.transfers.record(B) is None
