"""The time, the way in, and a memory of what was done once. Pure.

Every method may raise the errors of bot/errors.py and no other; named are the ones to
expect.
"""

from datetime import datetime
from typing import Protocol

from bot.chat.commands import Command
from bot.chat.replies import Reply


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Give the time now, in aware UTC."""


class Dispatch(Protocol):
    """The core, as front ends see it."""

    async def handle(self, command: Command) -> Reply:
        """Answer *command*; never raises. Local work only: it takes milliseconds."""


class Once(Protocol):
    """A memory of what was done once."""

    async def first(self, key: str) -> bool:
        """Give True exactly once for each *key*, also over restarts."""
