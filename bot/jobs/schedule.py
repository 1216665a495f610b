"""What happens by the clock: APScheduler runs the retention sweep.

Nothing is persisted: a sweep that was missed while the bot was down is made up for by the
next one.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.errors import BotError

log = logging.getLogger(__name__)


@asynccontextmanager
async def scheduled(
    sweep: Callable[[], Awaitable[None]], *, cron: str
) -> AsyncIterator[AsyncIOScheduler]:
    """Run *sweep* by the crontab line *cron*, in UTC, until the end of the block."""

    async def sweep_and_log() -> None:
        try:
            await sweep()
        except BotError as error:
            log.warning("The sweep stopped: %s", error.text, extra={"action": "sweep"})

    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_job(
        sweep_and_log,
        CronTrigger.from_crontab(cron, timezone=UTC),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=3600,  # a busy minute is no reason to skip a day
    )
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.shutdown(wait=False)
