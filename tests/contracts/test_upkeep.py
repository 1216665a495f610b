"""What a sweep reads and writes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.job import JobState, Step
from bot.domain.record import PostedMessage
from tests.contracts.values import NOON, make_job, make_record

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


class Store:
    """One database, seen by those who write records and by upkeep."""

    def __init__(self, stores):
        self.upkeep = stores.upkeep
        self.records = stores.records
        self.queue = stores.queue
        self.steps = stores.steps
        self.take_backs = stores.take_backs

    async def keep(self, *records, state=JobState.DONE):
        for record in records:
            job = make_job(record.job_id, created_at=record.created_at)
            await self.queue.submit(job)
            await self.steps.finish(job.id, Step.KEEP, {}, records=[record])
            await self.queue.save(replace(job, state=state))

    async def ids(self, *more, until=NOON, **limits):
        found = await self.upkeep.aging(until, *more, **limits)
        return [one.picture.id for one in found]

    async def delete(self, *, is_due=lambda _: True, takes_back=True):
        aging = await self.upkeep.aging(NOON)
        seqs = [one.seq for one in aging]
        asked = await self.upkeep.begin(NOON, None)
        return await self.upkeep.delete_due(asked, seqs, is_due, takes_back=takes_back)

    async def post(self, *ids, message="1.1", notes=None):
        posted = PostedMessage(channel_id="C1", message_id=message, record_ids=ids)
        await self.steps.finish("job0", Step.POST, notes or {}, posted=[posted])


@pytest.fixture
def store(stores):
    return Store(stores)


async def test_pages_are_by_age(store):
    ages = {"a": 1, "b": 3, "c": 2, "d": 3, "young": 0}
    for name, age in ages.items():
        record = make_record(f"{name}-1", job_id=name, created_at=NOON - age * DAY)
        await store.keep(record)

    first = await store.upkeep.aging(NOON - DAY, limit=3)
    second = await store.upkeep.aging(NOON - DAY, after=first[-1], limit=3)

    assert [one.picture.id for one in first] == ["b-1", "d-1", "c-1"]
    assert [one.picture.id for one in second] == ["a-1"]


async def test_pinned_ones_are_left_out(store):
    await store.keep(make_record("job0-1", is_pinned=True), make_record("job0-2"))

    assert await store.ids() == ["job0-2"]


async def test_what_is_yet_to_be_posted_is_left_out(store):
    """A picture that waits for an invitation must not be swept away under its job."""
    await store.keep(make_record(), state=JobState.WAITING)

    assert await store.ids() == []


async def test_what_was_pinned_meanwhile_stays(store):
    """Between plan and deletion somebody may have pressed the button."""
    await store.keep(make_record("job0-1"), make_record("job0-2"))
    [first, second] = await store.upkeep.aging(NOON)
    await store.records.change("job0-1", is_pinned=True)

    asked = await store.upkeep.begin(NOON, None)
    gone = await store.upkeep.delete_due(
        asked, [first.seq, second.seq], lambda _: True, takes_back=False
    )

    assert gone.records == ("job0-2",)


async def test_what_is_no_longer_due_stays(store):
    """A tag that was changed meanwhile may put another rule in charge."""
    await store.keep(make_record("job0-1", stored_path="a.png"))

    gone = await store.delete(is_due=lambda picture: "fox" not in picture.tags)

    assert (gone.records, gone.unused) == ((), ())
    assert await store.records.get("job0-1")


async def test_a_message_is_taken_back_with_its_last_picture(store):
    """Not before: it still shows the other one."""
    await store.keep(make_record("job0-1"), make_record("job0-2"))
    await store.post("job0-1", "job0-2", notes={"files": ["F1", "F2"]})

    await store.records.delete(["job0-1"], takes_back=True)
    before = await store.take_backs.due(NOON)
    await store.records.delete(["job0-2"], takes_back=True)
    [after] = await store.take_backs.due(NOON)

    assert before == []
    assert (after.message.channel_id, after.message.message_id) == ("C1", "1.1")
    assert after.notes == {"files": ["F1", "F2"]}


async def test_messages_are_kept_unless_asked(store):
    await store.keep(make_record("job0-1"))
    await store.post("job0-1")

    await store.delete(takes_back=False)

    assert await store.take_backs.due(NOON) == []


async def test_what_is_put_off_waits_and_what_is_settled_is_gone(store):
    await store.keep(make_record("job0-1"))
    await store.post("job0-1")
    await store.delete()
    [one] = await store.take_backs.due(NOON)

    await store.take_backs.put_off(one.number, NOON + MINUTE, failures=2)
    early = await store.take_backs.due(NOON)
    [late] = await store.take_backs.due(NOON + MINUTE)
    [set_back] = await store.take_backs.due(NOON - DAY)
    await store.take_backs.settle(one.number)

    assert early == []
    assert late.failures == 2
    assert set_back == late
    assert await store.take_backs.due(NOON + DAY) == []


async def test_paths_are_given_once_and_sorted(store):
    await store.keep(
        *(
            make_record(f"job0-{number}", stored_path=path)
            for number, path in enumerate(["b", "a", None, "b", "c"])
        )
    )

    assert await store.upkeep.stored_paths(limit=2) == ["a", "b"]
    assert await store.upkeep.stored_paths(after="b") == ["c"]


async def test_a_sweep_is_known_until_its_end(store):
    by_age = await store.upkeep.begin(NOON, DAY)
    by_rules = await store.upkeep.begin(NOON, None)

    both = await store.upkeep.begun()
    await store.upkeep.end(by_age)

    assert both == [by_age, by_rules]
    assert await store.upkeep.begun() == [by_rules]


async def test_the_files_that_are_to_follow_are_written_down_with_the_rows(store):
    """A crash between the two leaves nothing behind."""
    await store.keep(make_record("job0-1", stored_path="a.png"))

    await store.delete()

    [asked] = await store.upkeep.begun()
    assert asked.unlinking == ("a.png",)
