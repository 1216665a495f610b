"""What every Copies promises, and what the stores beside it know of copies."""

from dataclasses import replace

import pytest

from bot.domain.copy import Copy
from bot.domain.job import Step
from bot.domain.people import Platform
from bot.domain.record import PostedMessage
from bot.domain.review import IN_REVIEW
from tests.contracts.values import NOON, make_job, make_record

ORIGINAL = "2026/11/aa/original.png"


def make_copy(record="job0-1", form="instagram", **changes):
    values = {
        "record_id": record,
        "format": form,
        "stored_path": f"2026/11/aa/{record}-{form}.png",
        "sha256": "ef" * 32,
        "size_bytes": 1000,
        "width": 1080,
        "height": 1080,
        "created_at": NOON,
    }
    return Copy(**values | changes)


async def write(stores, *copies):
    job = make_job("resize", resizes=tuple(copy.record_id for copy in copies))
    await stores.queue.submit(job)
    await stores.steps.finish(job.id, Step.KEEP, {}, copies=copies)


@pytest.fixture
async def record(stores):
    record = make_record(stored_path=ORIGINAL)
    await stores.keep(record)
    return record


async def test_a_job_remembers_what_it_resizes(stores):
    job = make_job(resizes=("job0-1", "job0-2"))

    await stores.queue.submit(job)

    assert await stores.queue.find(job.id) == job


async def test_copies_survive_the_process(open_stores):
    copy = make_copy()
    async with open_stores() as stores:
        await stores.keep(make_record())
        await write(stores, copy)

    async with open_stores() as stores:
        assert await stores.copies.of_records(["job0-1"]) == [copy]


async def test_copies_come_in_the_order_of_the_records(stores, record):
    await stores.keep(make_record("job9-1", job_id="job9"))
    copies = [make_copy("job9-1"), make_copy(), make_copy(form="og-image")]
    await write(stores, *copies)

    found = await stores.copies.of_records(["job0-1", "job9-1"])

    assert found == [copies[1], copies[2], copies[0]]


async def test_a_copy_made_again_takes_the_place_of_the_first(stores, record):
    await write(stores, make_copy())
    again = make_copy(stored_path="2026/11/bb/b.png", sha256="01" * 32)

    await stores.steps.finish("resize", Step.KEEP, {}, copies=[again])

    assert await stores.copies.of_records([record.id]) == [again]


async def test_a_copy_of_a_record_that_is_gone_is_left_out(stores, record):
    """Deleted while the copy was made."""
    await stores.records.delete([record.id])

    await write(stores, make_copy())

    assert await stores.copies.of_records([record.id]) == []


async def test_copies_go_with_their_record(stores, record):
    copy = make_copy()
    await write(stores, copy)

    unused = await stores.records.delete([record.id])

    assert unused == [ORIGINAL, copy.stored_path]
    assert await stores.copies.of_records([record.id]) == []


async def test_a_file_stays_while_any_copy_has_it(stores, record):
    """The same picture of two people has the same copies."""
    await stores.keep(make_record("job9-1", job_id="job9"))
    shared = make_copy(stored_path="2026/11/cc/c.png")
    await write(stores, shared, replace(shared, record_id="job9-1"))

    unused = await stores.records.delete([record.id])

    assert unused == [ORIGINAL]


async def test_a_file_of_a_copy_is_used(stores, record):
    copy = make_copy()
    await write(stores, copy)

    unused = await stores.records.find_unused([copy.stored_path, "2026/11/dd/d.png"])

    assert unused == ["2026/11/dd/d.png"]


async def test_a_lost_copy_is_forgotten_and_its_record_stays(stores, record):
    """It can be made again."""
    copy = make_copy()
    await write(stores, copy)

    await stores.records.forget_files([copy.stored_path])

    assert await stores.copies.of_records([record.id]) == []
    assert await stores.records.get(record.id) == record


async def test_a_message_of_copies_is_told_from_one_of_pictures(stores, record):
    message = PostedMessage(
        channel_id="C1", message_id="2", record_ids=(record.id,), shows_copies=True
    )
    await stores.queue.submit(make_job("resize", resizes=(record.id,)))

    await stores.steps.finish("resize", Step.POST, {}, posted=[message])

    assert await stores.records.messages_of(record.id) == [message]
    assert await stores.records.of_message(Platform.SLACK, "T1", "C1", "2") == [record]


async def test_a_picture_in_review_is_no_copy(stores, record):
    """Nobody is shown it before it is approved."""
    await write(stores, make_copy(), make_copy(form=IN_REVIEW, stored_path=ORIGINAL))

    assert await stores.copies.of_records(["job0-1"]) == [make_copy()]
