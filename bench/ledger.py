"""What was asked of the program under test, and when each thing happened to it.

One clock for all doubles, since they share a process: how long an acknowledgement or a
first call took is the difference of two readings here.
"""

import asyncio
import itertools
import time
from dataclasses import dataclass, field

_WORDS = "a fox in a suit, studio light, number"


@dataclass(slots=True)
class Asked:
    """One command; its number travels in the prompt."""

    number: int
    sent_at: float = 0.0
    acked_at: float = 0.0
    called_at: float = 0.0
    acked: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    failure: str = ""

    @property
    def prompt(self) -> str:
        return f"{_WORDS} {self.number}"

    def sending(self) -> None:
        self.sent_at = time.perf_counter()

    def ack(self) -> None:
        if not self.acked_at:
            self.acked_at = time.perf_counter()
            self.acked.set()

    def call(self) -> None:
        self.called_at = self.called_at or time.perf_counter()

    def end(self, failure: str = "") -> None:
        self.failure = failure
        self.ended.set()


class Ledger:
    """Every command since the start."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._asked: dict[int, Asked] = {}

    def new(self) -> Asked:
        asked = Asked(number=next(self._numbers))
        self._asked[asked.number] = asked
        return asked

    def find(self, number: int) -> Asked | None:
        return self._asked.get(number)

    def of_prompt(self, prompt: str) -> Asked | None:
        """Give the command that a call to Ideogram was made for; bare scripts have none."""
        number = prompt.rpartition(" ")[2]
        return self._asked.get(int(number)) if number.isdigit() else None
