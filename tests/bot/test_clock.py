"""A clock that is set back is told of, once."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import watch_for_setting_back

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Machine:
    """Time that passes while one sleeps, and a clock that somebody sets."""

    def __init__(self, *moves: timedelta) -> None:
        self._moves = list(moves)
        self._passed = 0.0
        self._set_by = timedelta(0)

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self._passed) + self._set_by

    def elapsed(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        if not self._moves:
            raise asyncio.CancelledError
        self._passed += seconds
        self._set_by += self._moves.pop(0)


@pytest.mark.parametrize(
    ("moves", "told"),
    [
        pytest.param([timedelta(0)] * 3, [], id="left alone"),
        pytest.param([timedelta(0), timedelta(days=-3)], ["3 days"], id="set back"),
        pytest.param([timedelta(hours=8), timedelta(0)], [], id="slept"),
        pytest.param([timedelta(seconds=-1)] * 20, [], id="kept in step"),
        pytest.param(
            [timedelta(hours=-1), timedelta(0), timedelta(hours=-2)],
            ["1:00:00", "2:00:00"],
            id="set back twice",
        ),
    ],
)
async def test_one_line_for_each_time(moves, told, caplog):
    machine = Machine(*moves)

    with caplog.at_level(logging.WARNING), pytest.raises(asyncio.CancelledError):
        await watch_for_setting_back(
            machine.now, elapsed=machine.elapsed, sleep=machine.sleep
        )

    assert len(caplog.messages) == len(told)
    assert all(by in line for by, line in zip(told, caplog.messages, strict=True))
