"""Scripted faults: what goes wrong with the next answers, for tests.

A fault replaces an answer to a request that was valid and carried the right key, so a double
stays strict while it misbehaves.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong with one answer; what is not given stays as it would have been.

    `body` is a JSON value, or bytes that go out as they are. `alter` changes the good
    answer's JSON. `cut_after` (0 to 1) is the share of the body after which the connection
    is cut. `hold` keeps the answer back until the event is set.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    alter: Callable[[Payload], Payload] | None = None
    cut_after: float | None = None
    delay: timedelta = timedelta(0)
    hold: asyncio.Event | None = None
    is_silent: bool = False  # never answers

    async def wait(self) -> None:
        """Let the time pass that the fault takes."""
        if self.delay:
            await asyncio.sleep(self.delay.total_seconds())
        if self.hold is not None:
            await self.hold.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """The faults to come, first in, first out, by what is asked for."""

    generate: deque[Fault] = field(default_factory=deque)
    poll: deque[Fault] = field(default_factory=deque)
    download: deque[Fault] = field(default_factory=deque)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request that the simulator answered; header names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: Any = None

    @property
    def is_generate(self) -> bool:
        """Say whether it asked for pictures to be drawn: a paid call."""
        return self.path.endswith("/generate") or "/image/generate/" in self.path

    @property
    def is_poll(self) -> bool:
        """Say whether it asked for a ticket."""
        return self.path.endswith("/getGenerationResults") or self.path.startswith(
            "/v2/generations/"
        )

    @property
    def is_download(self) -> bool:
        """Say whether it asked for a picture's bytes."""
        return self.path.startswith("/api/images/")
