"""What happens by the clock: APScheduler runs the retention sweep.

Nothing is persisted here: a sweep that was missed while the bot was down is made up for by
the next one. One that was begun and cut off is known to the database, and goes on at the
start.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from bot.errors import BotError

log = logging.getLogger(__name__)

Sweep = Callable[[], Awaitable[None]]


@asynccontextmanager
async def scheduled(
    sweep: Sweep, *, cron: str, at_start: Sweep | None = None
) -> AsyncIterator[AsyncIOScheduler]:
    """Run *at_start* now and *sweep* by the crontab line *cron*, in UTC, while this is open."""
    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_job(
        _logged(sweep),
        CronTrigger.from_crontab(cron, timezone=UTC),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=3600,  # a busy minute is no reason to skip a day
    )
    if at_start is not None:
        now = DateTrigger(timezone=UTC)
        scheduler.add_job(_logged(at_start), now, misfire_grace_time=None)
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.shutdown(wait=False)


def _logged(sweep: Sweep) -> Sweep:
    async def sweep_and_log() -> None:
        try:
            await sweep()
        except BotError as error:
            log.warning("The sweep stopped: %s", error.text, extra={"action": "sweep"})

    return sweep_and_log
