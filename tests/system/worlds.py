"""A world that tests share one after the other, since every start of the bot takes a while."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from tests.system.world import World


class Worlds:
    """Lends one world; what a failed test leaves behind is thrown away."""

    def __init__(self, make: Callable[[], AbstractAsyncContextManager[World]]) -> None:
        self._make = make
        self._stack = AsyncExitStack()
        self._here: World | None = None

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[World]:
        """Lend the world for one test; its log is searched at the end."""
        if self._here is None:
            self._here = await self._stack.enter_async_context(self._make())
        here, self._here = self._here, None
        yield here
        here.bot.check_log(here.secrets())
        self._here = here

    async def close(self) -> None:
        """End every world there was."""
        await self._stack.aclose()
