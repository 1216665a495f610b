"""Batches from the yes to the table of results, over failures and restarts."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.batch import Batch, BatchState
from bot.domain.callback import Event
from bot.domain.job import BatchId, Job, JobState
from bot.domain.people import Platform
from bot.domain.request import ImageRequest
from bot.errors import PlatformDown, PlatformRefused, RequestRejected
from bot.ids import job_id
from tests.bot.jobs.workshop import ANN, CHANNEL, workshop
from tests.fakes.waiting import until

SPRING = BatchId("spring")


async def submit(
    shop,
    lines=5,
    *,
    batch_id=SPRING,
    prompt="fox",
    starts=True,
    person=ANN,
    **changes,
):
    batch = Batch(
        id=batch_id,
        name="spring",
        person=person,
        place=CHANNEL,
        created_at=shop.clock.now(),
        lines=lines,
        **changes,
    )
    jobs = [
        Job(
            id=job_id(Platform.SLACK, f"{batch_id} {line}"),
            request=ImageRequest(prompt=prompt, model="V_2", seed=line),
            person=person,
            place=CHANNEL,
            created_at=shop.clock.now(),
            state=JobState.HELD,
            batch_id=batch_id,
            line=line,
            callback_url=batch.callback_url,
        )
        for line in range(1, lines + 1)
    ]
    await shop.batches.submit(batch, jobs)
    if starts:
        await shop.batches.start(batch_id, {})
    return jobs


async def over(shop):
    """Wait until all is told of the batch."""
    await until(lambda: shop.batch_sender.ended)
    await until(lambda: _is_over(shop))
    return await shop.batches.find(SPRING)


async def _is_over(shop):
    return not await shop.batches.unfinished()


def rows(shop):
    [(_, table)] = shop.batch_sender.ended
    return list(csv.DictReader(io.StringIO(table)))


async def test_every_line_is_drawn_once_into_the_thread(tmp_path):
    async with workshop(tmp_path) as shop:
        jobs = await submit(shop)

        batch = await over(shop)

        places = [(await shop.queue.find(job.id)).place for job in jobs]
    assert batch.state is BatchState.DONE
    assert sorted(request.seed for request in shop.images.requests) == [1, 2, 3, 4, 5]
    assert {name for name, _ in shop.sender.posts} == {job.id for job in jobs}
    assert {place.thread_id for place in places} == {"1"}
    assert [row["line"] for row in rows(shop)] == ["1", "2", "3", "4", "5"]


async def test_nothing_is_drawn_before_the_person_says_yes(tmp_path):
    async with workshop(tmp_path) as shop:
        await submit(shop, starts=False)
        alone = await shop.submit("alone")

        await shop.ended(alone)

    assert len(shop.images.requests) == 1


async def test_lines_that_fail_are_told_in_the_table(tmp_path):
    """The others go on."""
    async with workshop(tmp_path, max_in_flight=1) as shop:
        shop.images.answers.append(RequestRejected("The prompt is no prompt."))
        await submit(shop)

        await over(shop)

    states = {row["line"]: (row["state"], row["error"]) for row in rows(shop)}
    assert states["1"] == ("failed", "The prompt is no prompt.")
    assert [state for state, _ in states.values()].count("done") == 4
    assert "4 done, 1 failed" in shop.batch_sender.ended[0][0]


async def test_the_table_holds_no_formula(tmp_path):
    """What people type may be opened in a spreadsheet."""
    async with workshop(tmp_path) as shop:
        await submit(shop, 1, prompt="=1+1")

        await over(shop)

    assert rows(shop)[0]["prompt"] == "'=1+1"


async def test_one_picture_alone_never_waits_for_a_batch(tmp_path):
    """The same person's even: of many lines only a few are offered at a time."""
    async with workshop(tmp_path, max_in_flight=1) as shop:
        shop.images.gate.clear()
        await submit(shop, 50)
        await until(lambda: shop.images.requests)
        alone = await shop.submit("alone")
        shop.images.gate.set()

        await shop.ended(alone)

        drawn = [request.prompt for request in shop.images.requests]
        await over(shop)
    assert drawn.index("a fox") <= 2


async def test_with_a_delay_lines_are_drawn_one_after_the_other(tmp_path):
    async with workshop(tmp_path) as shop:
        await submit(shop, 3, delay=timedelta(milliseconds=30))

        await over(shop)

    assert [request.seed for request in shop.images.requests] == [1, 2, 3]
    assert shop.images.most_at_once == 1


async def test_a_paused_batch_begins_nothing_and_goes_on_when_told(tmp_path):
    async with workshop(tmp_path, max_in_flight=1) as shop:
        shop.images.gate.clear()
        await submit(shop)
        await until(lambda: shop.images.requests)
        await shop.runner.pause(SPRING)
        shop.images.gate.set()
        alone = await shop.submit("alone")
        await shop.ended(alone)
        while_paused = len(shop.images.requests)

        await shop.runner.resume(SPRING)
        await over(shop)

    assert while_paused == 2
    assert len(shop.images.requests) == 6


async def test_a_cancelled_batch_is_summed_up(tmp_path):
    """What is being drawn is kept; the rest costs nothing."""
    async with workshop(tmp_path, max_in_flight=1) as shop:
        shop.images.gate.clear()
        await submit(shop)
        await until(lambda: shop.images.requests)

        assert await shop.runner.cancel(SPRING)
        shop.images.gate.set()
        batch = await over(shop)

    assert batch.state is BatchState.CANCELLED
    assert len(shop.images.requests) == 1
    assert shop.sender.posts == []
    assert {row["state"] for row in rows(shop)} == {"cancelled"}


async def test_what_another_process_cancels_ends_here(tmp_path):
    """The terminal beside a live run."""
    async with workshop(tmp_path, max_in_flight=1) as shop:
        shop.images.gate.clear()
        await submit(shop, 20)
        await until(lambda: shop.images.requests)

        await shop.batches.cancel(SPRING)
        shop.images.gate.set()
        await over(shop)

    assert len(shop.images.requests) == 1


async def test_a_restart_goes_on_where_the_batch_stood(tmp_path):
    """Each line once, whatever was under way when the process went."""
    async with workshop(tmp_path, max_in_flight=2) as shop:
        await submit(shop, 8)
        await until(lambda: len(shop.sender.posts) >= 3)
        await shop.worker.drain(timedelta(seconds=5))
    before, begun = list(shop.sender.posts), list(shop.batch_sender.begun)

    async with workshop(tmp_path, max_in_flight=2) as again:
        await again.recovery.take_up()
        await over(again)

    posted = [name for name, _ in [*before, *again.sender.posts]]
    assert len(posted) == len(set(posted)) == 8
    assert len(begun) + len(again.batch_sender.begun) == 1
    assert len(rows(again)) == 8


async def test_a_platform_that_is_down_holds_nothing_back_for_ever(tmp_path):
    async with workshop(tmp_path) as shop:
        shop.batch_sender.faults += [
            PlatformDown("Slack is down."),
            PlatformDown("No."),
        ]

        await submit(shop, 2)
        await over(shop)

    assert len(shop.images.requests) == 2


async def test_pictures_are_drawn_where_no_thread_can_be_begun(tmp_path):
    """Each is then posted, or told to have failed, for itself."""
    async with workshop(tmp_path) as shop:
        shop.batch_sender.faults.append(PlatformRefused("Not here."))
        await submit(shop, 2)

        await over(shop)

    assert len(shop.sender.posts) == 2


@pytest.mark.parametrize("count", [1, 3])
async def test_a_receiver_is_told_once_all_is_done(tmp_path, count):
    async with workshop(tmp_path) as shop:
        await submit(shop, count, callback_url="https://example.com/hook")

        await over(shop)

        [callback] = await shop.callbacks.of_subject(SPRING)
    assert callback.event is Event.BATCH_COMPLETED
    assert callback.details["prompt"] == "spring"
    assert len(callback.details["record_ids"]) == count


async def test_a_platform_that_is_not_served_waits(tmp_path):
    """A command, or a run without its tokens, would draw into nowhere."""
    elsewhere = replace(ANN, platform=Platform.DISCORD)
    async with workshop(tmp_path) as shop:
        await submit(shop, 1, batch_id=BatchId("elsewhere"), person=elsewhere)
        await submit(shop, 1)

        await until(lambda: shop.batch_sender.ended)

        waiting = await shop.batches.find(BatchId("elsewhere"))
    assert "placed" not in waiting.notes
    assert len(shop.images.requests) == 1


async def test_people_are_not_told_of_each_line(tmp_path):
    """A thousand private notes would be no news."""
    async with workshop(tmp_path) as shop:
        await submit(shop, 3)

        await over(shop)

    assert shop.sender.shown == []
