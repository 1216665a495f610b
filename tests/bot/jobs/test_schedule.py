"""What happens by the clock."""

import asyncio
from datetime import UTC, datetime

from bot.errors import StorageError
from bot.jobs.schedule import scheduled


async def test_the_sweep_runs_when_its_time_has_come():
    """At the time of the crontab line, in UTC."""
    swept = asyncio.Event()

    async def sweep():
        swept.set()

    async with scheduled(sweep, cron="17 3 * * *") as scheduler:
        [job] = scheduler.get_jobs()
        planned = job.next_run_time
        job.modify(next_run_time=datetime.now(UTC))
        await swept.wait()

    assert (planned.hour, planned.minute, planned.utcoffset().seconds) == (3, 17, 0)


async def test_a_sweep_that_fails_is_no_reason_to_stop(caplog):
    """It is told in a line, and comes again."""
    tried = asyncio.Event()

    async def sweep():
        tried.set()
        raise StorageError("The disk is read-only.")

    async with scheduled(sweep, cron="* * * * *") as scheduler:
        [job] = scheduler.get_jobs()
        job.modify(next_run_time=datetime.now(UTC))
        await tried.wait()
        await asyncio.sleep(0)

        assert scheduler.get_jobs()
    assert "The disk is read-only." in caplog.text


async def test_what_was_cut_off_goes_on_at_the_start():
    """Not at the next night."""
    resumed = asyncio.Event()

    async def sweep():
        raise AssertionError("it is not its time")

    async def resume():
        resumed.set()

    async with scheduled(sweep, cron="0 0 29 2 *", at_start=resume):
        await resumed.wait()
