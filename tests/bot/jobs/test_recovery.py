"""What another process hands over to the one that works."""

import asyncio

from bot.domain.job import JobState
from bot.errors import NotInPlace
from tests.bot.jobs.workshop import workshop
from tests.fakes.waiting import until


async def test_what_another_process_cancels_is_ended_here(tmp_path):
    """It marks the job in the database; nobody tells the worker."""
    async with workshop(tmp_path) as shop, asyncio.TaskGroup() as tasks:
        shop.sender.faults.append(NotInPlace("Invite the bot."))
        job = await shop.submit()

        async def is_waiting() -> bool:
            found = await shop.queue.find(job.id)
            return found is not None and found.state is JobState.WAITING

        await until(is_waiting)

        watch = tasks.create_task(shop.recovery.watch())
        await shop.queue.request_cancel(job.id)
        ended = await shop.ended(job)
        watch.cancel()

    assert ended.state is JobState.CANCELLED
    assert shop.sender.posts == []
