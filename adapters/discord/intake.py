"""What is being taken on at this moment, so that it can be stopped in good order."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Intake:
    """Open until closed; knows when the last command was written down and answered."""

    def __init__(self) -> None:
        self._is_open = True
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def is_open(self) -> bool:
        """Say whether commands are taken."""
        return self._is_open

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count a command until it is answered."""
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def close(self) -> None:
        """Take nothing new; return once what was taken is answered."""
        self._is_open = False
        await self._idle.wait()


class Deferrals:
    """Interactions whose private note is on its way.

    A job may run before its command is answered; Discord refuses edits until then.
    """

    def __init__(self) -> None:
        self._pending: dict[str, asyncio.Event] = {}

    @contextmanager
    def pending(self, token: str) -> Iterator[None]:
        """Hold back edits by *token* until its note is there."""
        self._pending[token] = done = asyncio.Event()
        try:
            yield
        finally:
            done.set()
            self._pending.pop(token, None)  # an event told twice is here twice

    async def settled(self, token: str | None) -> None:
        """Return once edits by *token* are possible."""
        if token in self._pending:
            await self._pending[token].wait()
