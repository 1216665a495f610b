"""Jobs from end to end, over failures, restarts and cancellations."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.chat.progress import Stage
from bot.domain.drawing import Drawn, Ticket
from bot.domain.job import JobState
from bot.errors import (
    DownloadFailed,
    NotInPlace,
    PictureExpired,
    PlatformBusy,
    ProviderBusy,
    ProviderDown,
    ProviderRefused,
    StorageError,
)
from bot.jobs.draw import Draw
from tests.bot.jobs.workshop import BOB, CHANNEL, workshop
from tests.fakes.images import PNG, drawn
from tests.fakes.waiting import until


@pytest.fixture
async def shop(tmp_path):
    async with workshop(tmp_path) as shop:
        yield shop


async def test_a_picture_is_drawn_kept_posted_and_told(shop):
    """The main road."""
    job = await shop.submit()

    done = await shop.ended(job)

    [record] = await shop.records.of_job(job.id)
    bytes_ = PNG + b"http://pictures/a fox/7"
    assert done.state is JobState.DONE
    assert shop.sender.posts == [(job.id, [bytes_])]
    assert shop.files.local_path(record.stored_path).read_bytes() == bytes_
    assert (record.seed, record.attempts, record.size_bytes) == (7, 1, len(bytes_))
    [shown] = await shop.records.of_message(CHANNEL.platform, "T1", "C1", "1")
    assert shown == record


async def test_several_pictures_are_one_call_and_one_message(shop):
    """`--n 3`."""
    job = await shop.submit(count=3)

    await shop.ended(job)

    assert len(shop.images.requests) == 1
    assert [r.seed for r in await shop.records.of_job(job.id)] == [7, 8, 9]
    assert len(shop.sender.posts[0][1]) == 3


async def test_trouble_is_tried_again_with_the_same_seed(shop):
    """5xx and time-outs count as calls; 429 does not."""
    shop.images.answers += [ProviderDown("Down."), ProviderBusy("Busy.")]

    job = await shop.submit()
    await shop.ended(job)

    [record] = await shop.records.of_job(job.id)
    assert {r.seed for r in shop.images.requests} == {7}
    assert (len(shop.images.requests), record.attempts) == (3, 2)


async def test_the_third_failed_call_is_the_last(shop):
    """JOB_ATTEMPTS."""
    shop.images.answers += [ProviderDown("Ideogram is down.")] * 4

    ended = await shop.ended(await shop.submit())

    assert (ended.state, ended.error) == (JobState.FAILED, "Ideogram is down.")
    assert len(shop.images.requests) == 3
    assert shop.sender.ends() == [(ended.id, Stage.FAILED, "Ideogram is down.")]


async def test_a_refusal_is_final(shop):
    """Nothing is sent twice that was refused."""
    shop.images.answers.append(ProviderRefused("No."))

    ended = await shop.ended(await shop.submit())

    assert (ended.error_kind, len(shop.images.requests)) == ("ProviderRefused", 1)


async def test_an_unsafe_picture_has_a_record_and_no_file(shop):
    """What was paid for is on record, and nothing is posted."""
    job = await shop.submit("unsafe")
    shop.images.answers.append(drawn(job.request, is_safe=False, url=None))

    ended = await shop.ended(job)

    [record] = await shop.records.of_job(job.id)
    assert (record.is_safe, record.stored_path) == (False, None)
    assert (ended.state, ended.error_kind) == (JobState.FAILED, "ProviderRefused")
    assert shop.sender.posts == []


async def test_a_partly_unsafe_answer_posts_the_rest(shop):
    """One withheld picture does not take the others with it."""
    job = await shop.submit(count=2)
    good, bad = drawn(job.request).images
    shop.images.answers.append(
        Drawn(images=(good, replace(bad, is_safe=False, url=None)))
    )

    ended = await shop.ended(job)

    assert ended.state is JobState.DONE
    assert len(shop.sender.posts[0][1]) == 1


async def test_a_bad_download_is_repeated_without_a_call(shop):
    """A truncated picture is downloaded again from the same address."""
    shop.images.download_faults.append(DownloadFailed("Cut off."))

    await shop.ended(await shop.submit())

    assert (len(shop.images.requests), len(shop.images.downloads)) == (1, 2)


async def test_a_picture_that_is_not_to_be_had_leaves_the_others(shop):
    """What is paid for and arrived is kept, recorded and posted."""
    shop.images.lost.add("http://pictures/a fox/8")

    job = await shop.submit(count=3)
    ended = await shop.ended(job)

    records = await shop.records.of_job(job.id)
    assert ended.state is JobState.DONE
    assert [record.stored_path is None for record in records] == [False, True, False]
    assert (len(shop.images.requests), len(shop.sender.posts[0][1])) == (1, 2)


async def test_an_expired_address_is_drawn_again(shop):
    """With the same seed, and counted."""
    shop.images.download_faults.append(PictureExpired("Expired."))

    job = await shop.submit()
    await shop.ended(job)

    [record] = await shop.records.of_job(job.id)
    assert (len(shop.images.requests), record.attempts) == (2, 2)


async def test_addresses_that_are_always_dead_end_the_job(shop):
    """A host that never lets a picture go must not make the bot pay without end."""
    shop.images.download_faults += [PictureExpired("Expired.")] * 9

    ended = await shop.ended(await shop.submit())

    assert (ended.state, ended.error_kind) == (JobState.FAILED, "PictureExpired")
    assert len(shop.images.requests) == 3


async def test_a_rate_limit_delays_the_post(shop):
    """The picture is kept meanwhile, and not drawn again."""
    busy = PlatformBusy("Busy.", retry_after=timedelta(milliseconds=20))
    shop.sender.faults += [busy, busy]

    ended = await shop.ended(await shop.submit())

    assert ended.state is JobState.DONE
    assert (len(shop.images.requests), len(shop.sender.posts)) == (1, 1)


async def test_a_job_waits_for_an_invitation(shop):
    """Kept, told, and posted once the bot is in the channel."""
    shop.sender.faults.append(NotInPlace("Invite me: /invite @bot."))
    job = await shop.submit()
    await until(lambda: shop.queue.jobs(state=JobState.WAITING))

    for woken in await shop.queue.wake(CHANNEL):
        shop.worker.wake(woken)

    assert (await shop.ended(job)).state is JobState.DONE
    assert len(shop.images.requests) == 1


async def test_an_invitation_that_crosses_the_refusal_is_not_missed(shop):
    """Between the platform's no and the job's waiting there is no gap."""
    shop.sender.gate.clear()
    shop.sender.faults.append(NotInPlace("Invite me: /invite @bot."))
    job = await shop.submit()
    await until(lambda: shop.images.downloads)
    await until(lambda: shop.queue.jobs(state=JobState.RUNNING))

    shop.worker.opened(CHANNEL)
    assert await shop.queue.wake(CHANNEL) == []
    shop.sender.gate.set()

    assert (await shop.ended(job)).state is JobState.DONE


async def test_a_ticket_is_collected_and_not_paid_again(shop):
    """A gateway that answers with a ticket is asked by it."""
    job = await shop.submit()
    shop.images.answers += [Ticket(id="t1"), drawn(job.request)]

    await shop.ended(job)

    assert (len(shop.images.requests), shop.images.collected) == (1, ["t1"])


async def test_calls_in_flight_are_limited_and_people_take_turns(tmp_path):
    """Bob's one job does not wait for Ann's five."""
    async with workshop(tmp_path, max_in_flight=2) as shop:
        shop.images.gate.clear()
        anns = [await shop.submit(f"a{k}", prompt=f"a{k}") for k in range(5)]
        bobs = await shop.submit("b", person=BOB, prompt="b")
        await until(lambda: len(shop.images.requests) == 2)

        shop.images.gate.set()
        for job in (*anns, bobs):
            await shop.ended(job)

    order = [request.prompt for request in shop.images.requests]
    assert shop.images.most_at_once == 2
    assert order.index("b") <= 3


async def test_cancelled_in_the_line_costs_nothing(tmp_path):
    """A job that waits is ended at once."""
    async with workshop(tmp_path, max_in_flight=1) as shop:
        shop.images.gate.clear()
        first = await shop.submit("first")
        second = await shop.submit("second")
        await until(lambda: shop.images.requests)

        shop.worker.cancel(await shop.queue.request_cancel(second.id))
        ended = await shop.ended(second)
        shop.images.gate.set()
        await shop.ended(first)

    assert (ended.state, ended.calls) == (JobState.CANCELLED, 0)
    assert len(shop.images.requests) == 1


async def test_cancelled_during_the_call_is_kept_and_not_posted(shop):
    """What is paid for is on record."""
    shop.images.gate.clear()
    job = await shop.submit()
    await until(lambda: shop.images.requests)

    shop.worker.cancel(await shop.queue.request_cancel(job.id))
    shop.images.gate.set()
    ended = await shop.ended(job)

    assert ended.state is JobState.CANCELLED
    assert len(await shop.records.of_job(job.id)) == 1
    assert shop.sender.posts == []


async def test_draining_finishes_what_runs(shop):
    """A call under way is not thrown away; what waits stays written down."""
    shop.images.gate.clear()
    running = await shop.submit("running")
    await until(lambda: shop.images.requests)
    drain = asyncio.create_task(shop.worker.drain(timedelta(seconds=20)))
    await asyncio.sleep(0)
    late = await shop.submit("late", person=BOB)

    shop.images.gate.set()
    await drain

    assert (await shop.queue.find(running.id)).state is JobState.DONE
    assert (await shop.queue.find(late.id)).state is JobState.QUEUED


async def test_what_cannot_finish_is_handed_over(tmp_path):
    """It goes on in the next process, with the same seed and the call counted."""
    async with workshop(tmp_path) as shop:
        shop.images.gate.clear()
        job = await shop.submit()
        await until(lambda: shop.images.requests)
        await shop.worker.drain(timedelta(milliseconds=20))
        assert (await shop.queue.find(job.id)).state is JobState.QUEUED

    async with workshop(tmp_path) as shop:
        await shop.recovery.take_up()
        ended = await shop.ended(job)

        [record] = await shop.records.of_job(job.id)
        assert (ended.crashes, record.attempts, record.seed) == (0, 2, 7)


async def test_a_job_that_crashes_the_process_three_times_is_set_aside(tmp_path):
    """So that one poisonous job cannot keep the bot from working."""
    async with workshop(tmp_path) as shop:
        job = await shop.submit(is_offered=False)
        await shop.queue.save(replace(job, state=JobState.RUNNING, crashes=2))

        await shop.recovery.take_up()
        ended = await shop.ended(job)

    assert (ended.state, ended.error_kind) == (JobState.FAILED, "SetAside")


async def test_a_handed_over_job_is_taken_up(shop):
    """Another process writes a job down; this one runs it, once."""
    async with asyncio.TaskGroup() as tasks:
        watch = tasks.create_task(shop.recovery.watch())
        job = await shop.submit(is_offered=False)
        await shop.ended(job)
        watch.cancel()

    assert len(shop.images.requests) == 1


async def test_how_a_job_ended_is_told_after_a_crash(tmp_path):
    """Killed between the end and the telling, the person still hears of it."""
    async with workshop(tmp_path) as shop:
        job = await shop.submit(is_offered=False)
        await shop.queue.save(
            replace(job, state=JobState.FAILED, error="No.", error_kind="KeyRejected")
        )

    async with workshop(tmp_path) as shop:
        await shop.recovery.take_up()
        await shop.ended(job)

        assert shop.sender.ends() == [(job.id, Stage.FAILED, "No.")]
        await until(lambda: is_nobody_untold(shop))


async def test_nothing_is_paid_for_without_room_to_keep_it(tmp_path):
    """A full disk holds the job before the call; it goes on when there is room."""
    async with workshop(tmp_path, least_free_bytes=1 << 60) as shop:
        job = await shop.submit()
        await until(lambda: any(job.id == shown for shown, _ in shop.sender.shown))
        assert shop.images.requests == []
        assert "full" in shop.sender.shown[-1][1].text

        shop.files._least_free_bytes = 0
        ended = await shop.ended(job)

    assert (ended.state, len(shop.images.requests)) == (JobState.DONE, 1)


async def test_a_full_database_does_not_lose_a_paid_answer(tmp_path):
    """The answer is held in memory until it can be written down; no second call."""
    async with workshop(tmp_path) as shop:
        full = FullNow(shop.steps, refusals=2)
        shop.worker._pipeline = replace(
            shop.worker._pipeline,
            draw=Draw(images=shop.images, files=shop.files, steps=full, sleep=no_sleep),
        )

        ended = await shop.ended(await shop.submit())

    assert (ended.state, len(shop.images.requests)) == (JobState.DONE, 1)


class FullNow:
    """A job log on a disk that is full for some writes."""

    def __init__(self, steps, *, refusals):
        self._steps = steps
        self._refusals = refusals

    async def note(self, *args, **kwargs):
        await self._steps.note(*args, **kwargs)

    async def finish(self, *args, **kwargs):
        self._refusals -= 1
        if self._refusals >= 0:
            raise StorageError("The disk is full.")
        await self._steps.finish(*args, **kwargs)


async def no_sleep(seconds):
    await asyncio.sleep(0)


async def is_nobody_untold(shop):
    return not await shop.queue.untold()
