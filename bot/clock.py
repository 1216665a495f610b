"""The time. Only this module asks for it; everyone else is handed a Clock."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import NoReturn

log = logging.getLogger(__name__)

_LOOK_EVERY = timedelta(seconds=2)
_NOTICED = timedelta(seconds=10)  # clocks that are kept in step move by less


class SystemClock:
    """The machine's clock, in aware UTC."""

    def now(self) -> datetime:
        """Give the time now, in UTC."""
        return datetime.now(UTC)


async def watch_for_setting_back(
    now: Callable[[], datetime],
    *,
    elapsed: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> NoReturn:
    """Tell the operator when the machine's clock is set back; *elapsed* is in seconds.

    Nothing else is to be done: no wait is longer for it. A machine that slept is no news.
    """
    ahead = now() - timedelta(seconds=elapsed())
    while True:
        await sleep(_LOOK_EVERY.total_seconds())
        then, ahead = ahead, now() - timedelta(seconds=elapsed())
        if then - ahead >= _NOTICED:
            log.warning(
                "The machine's clock was set back by %s. Work goes on; what was written "
                "down before keeps its time.",
                timedelta(seconds=round((then - ahead).total_seconds())),
                extra={"action": "clock"},
            )
