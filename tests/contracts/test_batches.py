"""What every Batches promises."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.batch import Batch, BatchState, Tally
from bot.domain.budget import Account, Hold
from bot.domain.callback import Event
from bot.domain.job import BatchId, JobState, Step
from bot.errors import BudgetExceeded
from tests.contracts.values import ANN, BOB, GENERAL, NOON, make_job, make_record

DAY = Account(budget="day:all:*", period="2026-11-20")
SPRING = BatchId("spring")


def make_batch(name="spring", **changes):
    values = {
        "id": BatchId(name),
        "name": "Spring",
        "person": ANN,
        "place": GENERAL,
        "created_at": NOON,
        "lines": 3,
        "delay": timedelta(seconds=2.5),
        "callback_url": "https://example.com/hook",
        "return_address": {"response_url": "https://hooks.slack.test/1"},
        "notes": {"ts": "1"},
    }
    return Batch(**values | changes)


def lines(batch=SPRING, count=3):
    return [
        make_job(
            f"{batch}-{number}", batch_id=batch, line=number * 2, state=JobState.HELD
        )
        for number in range(1, count + 1)
    ]


async def submitted(stores, name="spring"):
    batch = make_batch(name)
    assert await stores.batches.submit(batch, lines(batch.id))
    return batch


async def started(stores, holds=None):
    await submitted(stores)
    return await stores.batches.start(SPRING, holds or {})


def holds(amount, limit):
    return {
        job.id: [Hold(account=DAY, amount=amount, limit=limit, name="the budget")]
        for job in lines()
    }


async def test_a_batch_comes_back_as_it_was_written(open_stores):
    """Everything it is must survive the process."""
    async with open_stores() as stores:
        batch = await submitted(stores)

    async with open_stores() as stores:
        assert await stores.batches.find(SPRING) == batch
        assert await stores.queue.find("spring-1") == lines()[0]


async def test_the_same_batch_is_written_once(stores):
    """A platform may repeat an event."""
    await submitted(stores)

    assert not await stores.batches.submit(make_batch(name="spring"), lines(count=9))
    assert (await stores.batches.tally(SPRING)).lines == 3


async def test_nothing_is_drawn_before_the_person_says_yes(stores):
    await submitted(stores)

    assert await stores.batches.waiting(SPRING, limit=9) == []
    assert await stores.queue.unfinished() == []
    assert await stores.batches.unfinished() == []


async def test_a_started_batch_gives_its_lines_in_their_order(stores):
    begun = await started(stores)

    waiting = await stores.batches.waiting(SPRING, limit=2)
    assert begun.state is BatchState.RUNNING
    assert [(job.id, job.state) for job in waiting] == [
        ("spring-1", JobState.QUEUED),
        ("spring-2", JobState.QUEUED),
    ]
    assert [batch.id for batch in await stores.batches.unfinished()] == [SPRING]


async def test_a_batch_is_started_once(stores):
    """The button may be pressed twice."""
    await started(stores)

    assert await stores.batches.start(SPRING, holds(1, 10)) is None
    assert (await stores.ledger.standings([DAY]))[DAY].reserved == 0


async def test_a_batch_that_is_too_dear_does_not_begin(stores):
    """All of its lines or none."""
    await submitted(stores)

    with pytest.raises(BudgetExceeded):
        await stores.batches.start(SPRING, holds(40, 100))

    assert (await stores.batches.find(SPRING)).state is BatchState.HELD
    assert await stores.batches.waiting(SPRING, limit=9) == []
    assert (await stores.ledger.standings([DAY]))[DAY].used == 0


async def test_a_line_is_settled_as_it_ends(stores):
    """Kept: what it cost; failed: nothing."""
    await started(stores, holds(80_000, 240_000))
    record = make_record("spring-1-1", job_id="spring-1", cost_usd=Decimal("0.06"))

    await stores.steps.finish("spring-1", Step.KEEP, {}, records=[record])
    job = await stores.queue.find("spring-2")
    await stores.queue.save(replace(job, state=JobState.FAILED))

    standing = (await stores.ledger.standings([DAY]))[DAY]
    assert (standing.settled, standing.reserved) == (60_000, 80_000)


@pytest.mark.parametrize("state", [BatchState.HELD, BatchState.RUNNING])
async def test_a_cancelled_batch_begins_nothing_more(stores, state):
    """What was set aside is free again; what is under way is told of."""
    await submitted(stores)
    if state is BatchState.RUNNING:
        await stores.batches.start(SPRING, holds(80_000, 240_000))
        job = await stores.queue.find("spring-1")
        await stores.queue.save(replace(job, state=JobState.RUNNING))

    under_way = await stores.batches.cancel(SPRING)

    begun = ["spring-1"] if state is BatchState.RUNNING else []
    assert [(job.id, job.is_cancel_requested) for job in under_way] == [
        (name, True) for name in begun
    ]
    assert await stores.batches.waiting(SPRING, limit=9) == []
    assert (await stores.ledger.standings([DAY]))[DAY].reserved == 80_000 * len(begun)
    assert await stores.batches.cancel(SPRING) is None


async def test_a_batch_moves_only_from_where_it_is_thought_to_be(stores):
    await started(stores)
    running, paused = {BatchState.RUNNING}, {BatchState.PAUSED}

    assert (
        await stores.batches.move(SPRING, BatchState.RUNNING, only_from=paused) is None
    )
    moved = await stores.batches.move(SPRING, BatchState.PAUSED, only_from=running)

    assert moved.state is BatchState.PAUSED
    assert [batch.state for batch in await stores.batches.unfinished()] == [moved.state]


async def test_pictures_go_where_the_batch_is_shown(stores):
    """A thread that is only known once its first message stands."""
    await started(stores)
    thread = replace(GENERAL, thread_id="1800000000.000100")

    await stores.batches.place_lines(SPRING, thread)
    await stores.batches.write_notes(SPRING, {"ts": "2"})

    waiting = await stores.batches.waiting(SPRING, limit=9)
    assert {job.place for job in waiting} == {thread}
    assert (await stores.batches.find(SPRING)).notes == {"ts": "2"}
    assert (await stores.batches.find(SPRING)).place == GENERAL


async def test_a_tally_counts_lines_pictures_and_money(stores):
    await started(stores)
    records = [
        make_record(f"spring-1-{n}", job_id="spring-1", cost_usd=Decimal("0.08"))
        for n in (1, 2)
    ]
    await stores.steps.finish("spring-1", Step.KEEP, {}, records=records)
    for name, state in (("spring-1", JobState.DONE), ("spring-2", JobState.RUNNING)):
        job = await stores.queue.find(name)
        await stores.queue.save(replace(job, state=state))

    tally = await stores.batches.tally(SPRING)

    assert tally == Tally(
        done=1, running=1, left=1, pictures=2, cost_usd=Decimal("0.16")
    )
    assert (tally.lines, tally.ended) == (3, 1)


async def test_results_come_in_pages(stores):
    """By line, with the records of each."""
    await started(stores)
    record = make_record("spring-1-1", job_id="spring-1")
    await stores.steps.finish("spring-1", Step.KEEP, {}, records=[record])

    [first, second] = await stores.batches.results(SPRING, limit=2)
    [third] = await stores.batches.results(SPRING, after_line=second.job.line)

    assert [one.job.line for one in (first, second, third)] == [2, 4, 6]
    assert [one.id for one in first.records] == ["spring-1-1"]
    assert second.records == ()


async def test_lines_are_not_what_a_person_cancels_without_a_name(stores):
    """`cancel` alone means the newest picture asked for by itself."""
    await started(stores)

    assert await stores.queue.newest_unfinished(ANN) is None


async def test_what_a_command_takes_is_set_aside_with_it(stores):
    """Once, however often the event comes; and not at all when it is too much."""
    hold = Hold(account=DAY, amount=60, limit=100, name="the budget")
    first, second = make_job("job1"), make_job("job2")

    await stores.queue.submit(first, holds=[hold])
    await stores.queue.submit(first, holds=[hold])
    with pytest.raises(BudgetExceeded):
        await stores.queue.submit(second, holds=[hold])

    assert (await stores.ledger.standings([DAY]))[DAY].reserved == 60
    assert await stores.queue.find("job2") is None


async def test_a_batch_is_found_by_the_beginning_of_its_id(stores):
    """Its own person's alone, and only when there is no doubt."""
    await submitted(stores)
    await submitted(stores, "spree")

    assert (await stores.batches.match("spri", ANN)).id == SPRING
    assert await stores.batches.match("spr", ANN) is None
    assert await stores.batches.match("spri", BOB) is None


async def test_what_is_paid_for_survives_a_cancel(stores):
    """A line that waits for its next try may be drawn: it is kept, and its money spent."""
    await started(stores, holds(80_000, 1_000_000))
    await stores.steps.finish("spring-1", Step.DRAW, {"images": []})
    await stores.steps.note("spring-2", Step.DRAW, {"ticket": "5a"})

    begun = await stores.batches.cancel(SPRING)

    assert [(job.id, job.state) for job in begun] == [
        ("spring-1", JobState.QUEUED),
        ("spring-2", JobState.QUEUED),
    ]
    assert all(job.is_cancel_requested for job in begun)
    standing = (await stores.ledger.standings([DAY]))[DAY]
    assert standing.reserved == 160_000


async def test_cancelled_lines_are_told_to_who_wants_to_know(stores):
    """As those are that fail; of a batch that never began nobody had heard."""
    batch = make_batch()
    told = [replace(line, callback_url="https://example.com/hook") for line in lines()]
    await stores.batches.submit(batch, told)
    await stores.batches.start(SPRING, {})

    await stores.batches.cancel(SPRING)

    events = [one.event for one in await stores.callbacks.callbacks()]
    assert events == [Event.FAILED] * 3
