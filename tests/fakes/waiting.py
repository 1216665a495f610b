"""Waiting for something to become true; the test's own time limit ends it."""

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable


async def until(is_true: Callable[[], object | Awaitable[object]]) -> None:
    """Return once *is_true* gives something true."""
    while True:
        found = is_true()
        if await found if isawaitable(found) else found:
            return
        await asyncio.sleep(0.005)
