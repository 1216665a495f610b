"""What every Callbacks promises, and what jobs promise to those who want to be told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.callback import Callback, CallbackState, DeliveryId, Event
from bot.domain.job import JobState, Step
from tests.contracts.test_batches import make_batch
from tests.contracts.values import NOON, make_job, make_record

URL = "https://example.com/hook?key=1"


def make_callback(name="b1.batch-completed", **changes):
    values = {
        "id": DeliveryId(name),
        "subject": name.partition(".")[0],
        "event": Event.BATCH_COMPLETED,
        "url": URL,
        "created_at": NOON,
        "details": {"prompt": "spring", "record_ids": ["job0-1"]},
    }
    return Callback(**values | changes)


def ids(callbacks):
    return [callback.id for callback in callbacks]


async def submitted(stores, name="job0", url=URL):
    job = make_job(name, callback_url=url)
    await stores.queue.submit(job)
    return job


async def kept(stores, name="job0"):
    """Keep two pictures of a job and lose a third."""
    records = [
        make_record(f"{name}-1", job_id=name, stored_path="a.png"),
        make_record(f"{name}-2", job_id=name, stored_path="b.png"),
        make_record(f"{name}-3", job_id=name, is_safe=False),
    ]
    await stores.steps.finish(name, Step.KEEP, {}, records=records)


async def test_a_callback_comes_back_as_it_was_written(open_stores):
    """Everything it is must survive the process."""
    callback = make_callback(
        record_id="job0-1",
        attempts=3,
        since=NOON,
        not_before=NOON + timedelta(seconds=8),
        last_error="HTTP 503",
    )
    async with open_stores() as stores:
        assert await stores.callbacks.add(callback)

    async with open_stores() as stores:
        found = await stores.callbacks.find(callback.id)

    assert found == callback


async def test_an_event_is_written_once(stores):
    """A step that is repeated tells of the same thing."""
    await stores.callbacks.add(make_callback())

    assert not await stores.callbacks.add(make_callback(url="https://other.example/"))

    assert [c.url for c in await stores.callbacks.callbacks()] == [URL]


async def test_an_unknown_one_is_none(stores):
    assert await stores.callbacks.find(DeliveryId("nothing")) is None
    assert await stores.callbacks.resend(DeliveryId("nothing")) is None


# --- with the job -----------------------------------------------------------------


async def test_each_kept_picture_is_told_of(stores):
    """One that was not kept is nothing to be fetched."""
    await submitted(stores)

    await kept(stores)

    written = await stores.callbacks.of_subject("job0")
    assert [(c.id, c.event, c.record_id) for c in written] == [
        ("job0-1.ready", Event.IMAGE_READY, "job0-1"),
        ("job0-2.ready", Event.IMAGE_READY, "job0-2"),
    ]
    assert {c.url for c in written} == {URL}


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (JobState.DONE, Event.COMPLETED),
        (JobState.FAILED, Event.FAILED),
        (JobState.CANCELLED, Event.FAILED),
    ],
)
async def test_the_end_is_told_of_once(stores, state, event):
    job = await submitted(stores)

    await stores.queue.save(replace(job, state=JobState.RUNNING))
    await stores.queue.save(replace(job, state=state))
    await stores.queue.save(replace(job, state=state))

    written = await stores.callbacks.of_subject("job0")
    assert [(c.event, c.state) for c in written] == [(event, CallbackState.PENDING)]


async def test_nobody_is_told_who_did_not_ask(stores):
    job = await submitted(stores, url=None)

    await kept(stores)
    await stores.queue.save(replace(job, state=JobState.DONE))

    assert await stores.callbacks.callbacks() == []


# --- in order ---------------------------------------------------------------------


async def test_a_later_event_waits_for_the_earlier(stores):
    """Of each job only the first that is pending is due."""
    for name in ("job0", "job1"):
        job = await submitted(stores, name)
        await kept(stores, name)
        await stores.queue.save(replace(job, state=JobState.DONE))

    due = await stores.callbacks.due(NOON)
    assert ids(due) == ["job0-1.ready", "job1-1.ready"]
    later = replace(due[0], not_before=NOON + timedelta(seconds=1))
    await stores.callbacks.save(later)
    await stores.callbacks.save(replace(due[1], state=CallbackState.DELIVERED))

    assert ids(await stores.callbacks.due(NOON)) == ["job1-2.ready"]
    then = await stores.callbacks.due(NOON + timedelta(seconds=1))
    assert set(ids(then)) == {"job0-1.ready", "job1-2.ready"}


async def test_a_clock_set_back_holds_nothing_up(stores):
    """A wait longer than there is was made by a clock that ran ahead."""
    await submitted(stores)
    await kept(stores)
    [first, *_] = await stores.callbacks.due(NOON)

    await stores.callbacks.save(replace(first, not_before=NOON + timedelta(days=3)))

    assert ids(await stores.callbacks.due(NOON)) == [first.id]


@pytest.mark.parametrize(
    "left_out", [{"busy": ["b1"]}, {"full": ["example.com"]}], ids=["busy", "full"]
)
async def test_what_is_busy_is_left_out(stores, left_out):
    """A receiver that hangs must not hold up others."""
    await stores.callbacks.add(make_callback("b1.x"))
    await stores.callbacks.add(make_callback("b2.x", url="https://ada@other.example/"))

    assert ids(await stores.callbacks.due(NOON, **left_out)) == ["b2.x"]


async def test_a_page_is_bounded(stores):
    for number in range(5):
        await stores.callbacks.add(make_callback(f"b{number}.x"))

    assert len(await stores.callbacks.due(NOON, limit=3)) == 3
    assert ids(await stores.callbacks.callbacks(limit=2)) == ["b4.x", "b3.x"]


async def test_what_failed_is_listed(stores):
    """Given up or being tried again; not what nobody has tried, and not what arrived."""
    failed = {"attempts": 3, "last_error": "HTTP 503"}
    for callback in (
        make_callback("b1.x", state=CallbackState.DEAD, **failed),
        make_callback("b2.x", **failed),
        make_callback("b3.x"),
        make_callback("b4.x", state=CallbackState.DELIVERED),
    ):
        await stores.callbacks.add(callback)

    assert ids(await stores.callbacks.callbacks(is_failed=True)) == ["b2.x", "b1.x"]


async def test_the_dead_do_not_hold_up_those_behind_them(stores):
    """And those get no day of their own: their receiver was not there for one."""
    job = await submitted(stores)
    await kept(stores)
    await stores.queue.save(replace(job, state=JobState.DONE))
    [first] = await stores.callbacks.due(NOON)

    await stores.callbacks.save(replace(first, state=CallbackState.DEAD, since=NOON))

    [second] = await stores.callbacks.due(NOON)
    assert (second.id, second.since) == ("job0-2.ready", NOON)


async def test_a_dead_one_is_sent_again(stores):
    """At once, for another day, and with the same id."""
    dead = make_callback(state=CallbackState.DEAD, since=NOON, attempts=9)
    await stores.callbacks.add(dead)

    again = await stores.callbacks.resend(dead.id)

    assert again == replace(dead, state=CallbackState.PENDING, since=None, attempts=0)
    assert await stores.callbacks.due(NOON) == [again]


async def test_the_end_of_a_batch_comes_after_its_lines(stores):
    """Who hears of it may close the campaign."""
    line = make_job("b1-1", batch_id="b1", line=1, callback_url=URL)
    await stores.batches.submit(make_batch("b1"), [line])
    await stores.queue.save(replace(line, state=JobState.DONE))
    end = make_callback("b1.batch-completed")
    await stores.callbacks.add(end)

    [first] = await stores.callbacks.due(NOON)
    await stores.callbacks.save(replace(first, state=CallbackState.DEAD))

    assert first.subject == line.id
    assert ids(await stores.callbacks.due(NOON)) == [end.id]
