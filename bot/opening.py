"""What is opened on a thread, and closed whatever happens meanwhile.

A task that is cancelled while the thread opens would drop what it opened: nobody would
close it. So the cancellation waits for the thread, which takes an instant.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from typing import Protocol, TypeVar


class _Closable(Protocol):
    def close(self) -> None: ...


Opened = TypeVar("Opened", bound=_Closable)


@asynccontextmanager
async def opened(open_it: Callable[[], Opened]) -> AsyncIterator[Opened]:
    """Give what *open_it* opens on a thread; it is closed at the end.

    Raises: what *open_it* raises.
    """
    opening = asyncio.get_running_loop().run_in_executor(None, open_it)
    try:
        thing = await asyncio.shield(opening)
    except asyncio.CancelledError:
        await asyncio.wait({opening})
        if not opening.exception():
            opening.result().close()
        raise
    with closing(thing):
        yield thing
