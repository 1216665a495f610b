"""What every JobLog promises."""

from dataclasses import replace

import pytest

from bot.domain.job import Step
from bot.domain.people import Platform
from bot.domain.record import PostedMessage
from bot.errors import NotFound
from bot.ports.jobs import StepLog
from tests.contracts.values import GENERAL, make_job, make_record


@pytest.fixture
async def job(stores):
    """A job that is written down."""
    return (await stores.queue.submit(make_job())).job


def message(message_id, *record_ids):
    return PostedMessage(channel_id="C1", message_id=message_id, record_ids=record_ids)


async def shown_by(stores, message_id):
    records = await stores.records.of_message(Platform.SLACK, "T1", "C1", message_id)
    return [record.id for record in records]


async def test_a_new_job_has_no_steps(stores, job):
    assert await stores.steps.steps(job.id) == {}


async def test_notes_survive_the_process(open_stores):
    """What a step needs to go on after a crash."""
    notes = {"file_id": "F1", "tries": 2, "seen": [None, True, "é\ud83e"]}
    async with open_stores() as stores:
        await stores.queue.submit(make_job())
        await stores.steps.note("job0", Step.POST, notes)

    async with open_stores() as stores:
        steps = await stores.steps.steps("job0")

    assert steps == {Step.POST: StepLog(step=Step.POST, is_done=False, notes=notes)}


async def test_note_replaces_and_counts_calls(stores, job):
    """The mark before a paid call."""
    await stores.steps.note(job.id, Step.DRAW, {"a": 1}, calls=1)
    await stores.steps.note(job.id, Step.DRAW, {"b": 2})

    steps = await stores.steps.steps(job.id)

    assert steps[Step.DRAW].notes == {"b": 2}
    found = await stores.queue.find(job.id)
    assert found is not None
    assert found.calls == 1


async def test_finish_is_a_checkpoint(stores, job):
    await stores.steps.note(job.id, Step.DRAW, {})
    await stores.steps.finish(job.id, Step.DRAW, {"images": []})

    steps = await stores.steps.steps(job.id)

    assert steps == {
        Step.DRAW: StepLog(step=Step.DRAW, is_done=True, notes={"images": []})
    }


async def test_finish_writes_records_with_the_checkpoint(stores, job):
    records = [make_record("job0-1"), make_record("job0-2", seed=7)]

    await stores.steps.finish(job.id, Step.KEEP, {}, records=records)

    assert await stores.records.of_job(job.id) == records


async def test_a_step_that_is_repeated_writes_the_rows_that_exist(stores, job):
    """A crash after the commit, before anyone heard of it."""
    records = [make_record("job0-1"), make_record("job0-2")]
    await stores.steps.finish(job.id, Step.KEEP, {}, records=records)

    await stores.steps.finish(job.id, Step.KEEP, {}, records=records)

    assert await stores.records.of_job(job.id) == records


async def test_a_picture_drawn_anew_replaces_its_record_but_not_its_pin(stores, job):
    """Its address had expired; the answer of the second call is another."""
    first, second = make_record("job0-1"), make_record("job0-2")
    await stores.steps.finish(job.id, Step.KEEP, {}, records=[first, second])
    await stores.records.change(first.id, is_pinned=True)
    anew = replace(first, expanded_prompt="A vixen", tags=("new",), attempts=2)

    await stores.steps.finish(job.id, Step.KEEP, {}, records=[anew])

    kept = await stores.records.of_job(job.id)
    assert kept == [replace(anew, is_pinned=True), second]


async def test_posted_messages_lead_to_their_records_in_order(stores, job):
    """`same 2` means the second picture of the message."""
    records = [make_record(f"job0-{number}") for number in (1, 2, 3)]
    await stores.steps.finish(job.id, Step.KEEP, {}, records=records)

    await stores.steps.finish(
        job.id, Step.POST, {}, posted=[message("m1", "job0-3", "job0-1")]
    )

    assert await shown_by(stores, "m1") == ["job0-3", "job0-1"]


async def test_posting_again_replaces_what_a_message_shows(stores, job):
    records = [make_record("job0-1"), make_record("job0-2")]
    await stores.steps.finish(job.id, Step.KEEP, {}, records=records)
    await stores.steps.finish(
        job.id, Step.POST, {}, posted=[message("m1", "job0-1", "job0-2")]
    )

    await stores.steps.finish(job.id, Step.POST, {}, posted=[message("m1", "job0-2")])

    assert await shown_by(stores, "m1") == ["job0-2"]


async def test_one_record_may_be_shown_by_several_messages(stores, job):
    await stores.steps.finish(job.id, Step.KEEP, {}, records=[make_record()])

    await stores.steps.finish(
        job.id, Step.POST, {}, posted=[message("m1", "job0-1"), message("m2", "job0-1")]
    )

    assert await shown_by(stores, "m1") == ["job0-1"]
    assert await shown_by(stores, "m2") == ["job0-1"]


async def test_a_message_belongs_to_the_place_it_was_posted_in(stores):
    """Message ids of two workspaces may be the same."""
    there = make_job("there", place=replace(GENERAL, workspace_id="T2"))
    await stores.queue.submit(there)
    record = make_record("there-1", job_id=there.id)
    await stores.steps.finish(there.id, Step.KEEP, {}, records=[record])

    await stores.steps.finish(
        there.id, Step.POST, {}, posted=[message("m1", "there-1")]
    )

    assert await shown_by(stores, "m1") == []
    found = await stores.records.of_message(Platform.SLACK, "T2", "C1", "m1")
    assert [record.id for record in found] == ["there-1"]


async def test_a_record_deleted_before_it_was_posted_is_left_out(stores, job):
    """Someone deletes a picture in the instant it is posted."""
    await stores.steps.finish(job.id, Step.KEEP, {}, records=[make_record()])

    await stores.steps.finish(
        job.id, Step.POST, {}, posted=[message("m1", "gone-1", "job0-1")]
    )

    assert await shown_by(stores, "m1") == ["job0-1"]


async def test_reopen_forgets_the_step_alone(stores, job):
    """The answer's address expired: the paid step begins anew, with no old ticket."""
    await stores.steps.finish(job.id, Step.DRAW, {"ticket": "1"})
    await stores.steps.note(job.id, Step.KEEP, {"a": 1})

    await stores.steps.reopen(job.id, Step.DRAW)

    assert set(await stores.steps.steps(job.id)) == {Step.KEEP}


async def test_steps_of_an_unknown_job_are_refused(stores):
    with pytest.raises(NotFound):
        await stores.steps.note("nothing", Step.DRAW, {})
    with pytest.raises(NotFound):
        await stores.steps.finish(
            "nothing", Step.KEEP, {}, records=[make_record("nothing-1")]
        )
    assert await stores.records.get("nothing-1") is None
