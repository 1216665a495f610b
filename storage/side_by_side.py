"""Work on many things, a few at a time, in constant memory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import TypeVar

from storage.sqlite.copying import stored_paths

Thing = TypeVar("Thing")
Result = TypeVar("Result")

_AT_ONCE = 8
_PAGE = 500


async def side_by_side(
    work: Callable[[Thing], Awaitable[Result]], things: Iterable[Thing]
) -> list[Result]:
    """Give what *work* makes of each, in their order; the first error ends all."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def take(thing: Thing) -> Result:
        async with turns:
            return await work(thing)

    try:
        async with asyncio.TaskGroup() as tasks:
            results = [tasks.create_task(take(thing)) for thing in things]
    except ExceptionGroup as group:
        raise group.exceptions[0] from group
    return [result.result() for result in results]


async def pages_of_paths(database: Path) -> AsyncIterator[list[str]]:
    """Give each file that records point to, sorted, in pages. Raises: StorageError."""
    after = ""
    while page := await asyncio.to_thread(
        stored_paths, database, after=after, limit=_PAGE
    ):
        yield page
        after = page[-1]
