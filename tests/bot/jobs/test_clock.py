"""The machine's clock set back while jobs wait, are pressed and are swept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.job import JobState
from bot.errors import ProviderDown
from tests.bot.jobs.test_batches import over, submit
from tests.bot.jobs.workshop import workshop
from tests.fakes.waiting import until

DAY = timedelta(days=1)
PRESS = timedelta(seconds=3)


class SetBack:
    """The time, and how far somebody has set it back."""

    def __init__(self) -> None:
        self.by = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) - self.by


async def test_a_retry_comes_at_its_time(tmp_path):
    """Its wait is counted, not compared with the clock."""
    clock = SetBack()
    async with workshop(tmp_path, clock=clock) as shop:
        shop.images.answers += [ProviderDown("Down.")]
        shop.images.gate.clear()
        job = await shop.submit()
        await until(lambda: shop.images.requests)

        clock.by = DAY
        shop.images.gate.set()
        ended = await shop.ended(job)

    assert (ended.state, ended.calls) == (JobState.DONE, 2)


async def test_a_retry_of_before_a_restart_comes_at_once(tmp_path):
    """Its time was written down by the clock that ran ahead."""
    clock = SetBack()
    async with workshop(tmp_path, clock=clock) as shop:
        later = clock.now() + timedelta(minutes=1)
        job = await shop.submit(is_offered=False)
        await shop.queue.save(replace(job, not_before=later))

        clock.by = 3 * DAY
        await shop.recovery.take_up()
        ended = await shop.ended(job)

    assert ended.state is JobState.DONE


async def test_the_pause_of_a_batch_is_no_longer_for_it(tmp_path):
    """`--delay` is counted from the line before, which seems to lie ahead now."""
    clock = SetBack()
    async with workshop(tmp_path, clock=clock) as shop:
        await submit(shop, 2, delay=timedelta(minutes=1))
        await until(lambda: shop.images.requests)
        waiting = len(shop.images.requests)

        clock.by = DAY
        await over(shop)

    assert waiting == 1
    assert len(shop.images.requests) == 2


async def test_presses_close_together_are_one_also_over_the_change(tmp_path):
    """The second press is stamped earlier than the first."""
    clock = SetBack()
    async with workshop(tmp_path, clock=clock) as shop:
        first = await press(shop, "first")
        clock.by = timedelta(seconds=1)
        second = await press(shop, "second")
        clock.by = timedelta(minutes=1)
        third = await press(shop, "third")

    assert first.is_new
    assert (second.is_new, second.job.id) == (False, first.job.id)
    assert third.is_new


async def test_jobs_and_pictures_keep_the_order_they_came_in(tmp_path):
    """Lists and pages follow the order of writing, not the clock."""
    clock = SetBack()
    async with workshop(tmp_path, clock=clock) as shop:
        for number, by in enumerate((timedelta(0), DAY, 2 * DAY)):
            clock.by = by
            await shop.ended(await shop.submit(str(number), prompt=f"fox {number}"))

        jobs = [job.request.prompt for job in await shop.queue.jobs()]
        records = [record.prompt async for record in shop.records.all()]

    assert jobs == ["fox 2", "fox 1", "fox 0"]
    assert records == ["fox 0", "fox 1", "fox 2"]


async def press(shop, name):
    job = await shop.submit(f"{name} template", is_offered=False)
    pressed = replace(job, id=name, press_key="reproduce:U1")
    return await shop.queue.submit(pressed, once_within=PRESS)
