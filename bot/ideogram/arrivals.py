"""The news that a generation is finished, for whoever waits for it.

News is only a reason to ask at once: what was drawn is asked of Ideogram, by its id.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

Sleep = Callable[[float], Awaitable[None]]


class Arrivals:
    """Who waits for which generation."""

    def __init__(self) -> None:
        self._expected: dict[str, asyncio.Event] = {}

    @contextmanager
    def expecting(self, generation: str) -> Iterator[asyncio.Event]:
        """Give the event that is set when *generation* is announced."""
        news = self._expected.setdefault(generation, asyncio.Event())
        try:
            yield news
        finally:
            self._expected.pop(generation, None)

    def announce(self, generation: str) -> bool:
        """Wake who waits for *generation*; False when nobody does."""
        news = self._expected.get(generation)
        if news is None:
            return False
        news.set()
        return True


async def sleep_until_news(news: asyncio.Event, seconds: float, sleep: Sleep) -> None:
    """Return after *seconds*, or as soon as there is news; it is old news then."""

    async def nap() -> None:
        await sleep(seconds)

    async with asyncio.TaskGroup() as tasks:
        either = {tasks.create_task(nap()), tasks.create_task(news.wait())}
        _, rest = await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        for task in rest:
            task.cancel()
    news.clear()
