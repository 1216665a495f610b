"""What is being taken in right now, so that it can be finished before the door closes."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Intake:
    """A door with a counter."""

    def __init__(self) -> None:
        self.is_open = True
        self._inside = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count one request in, and out again."""
        self._inside += 1
        self._is_idle.clear()
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                self._is_idle.set()

    async def close(self) -> None:
        """Let nobody in any more and wait for those inside."""
        self.is_open = False
        await self._is_idle.wait()
