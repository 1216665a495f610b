"""How checks are carried out: side by side, bounded, and none hides another."""

import asyncio
from datetime import timedelta

import pytest

from bot.doctor import run
from bot.domain.checkup import Check, Verdict, clock, ok
from bot.errors import StorageError
from tests.fakes.values import NOON

SOON = timedelta(milliseconds=20)


async def fine():
    return [ok("fine", "It is.")]


async def slow():
    await asyncio.Event().wait()


async def broken():
    raise KeyError("x")


async def refused():
    raise StorageError("The disk is full.")


async def test_a_check_that_hangs_or_breaks_hides_no_other():
    checks = [Check(name=f.__name__, run=f) for f in (slow, broken, refused, fine)]

    found = await run(checks, limit=SOON)

    assert [(one.name, one.verdict) for one in found] == [
        ("slow", Verdict.FAIL),
        ("broken", Verdict.FAIL),
        ("refused", Verdict.FAIL),
        ("fine", Verdict.OK),
    ]
    assert "0.02 seconds" in found[0].text
    assert found[2].text == "The disk is full."


async def test_checks_go_side_by_side():
    """Each waits for all the others to have begun."""
    barrier = asyncio.Barrier(3)

    async def meet():
        await barrier.wait()
        return [ok("met", "They did.")]

    found = await run([Check(name="meet", run=meet)] * 3)

    assert [one.verdict for one in found] == [Verdict.OK] * 3


@pytest.mark.parametrize(
    ("date", "verdict"),
    [
        ("Thu, 01 Jan 2026 12:00:10 GMT", Verdict.OK),
        ("Thu, 01 Jan 2026 11:59:00 GMT", Verdict.WARN),
        ("Thu, 01 Jan 2026 12:05:00 GMT", Verdict.FAIL),
        ("yesterday", Verdict.SKIPPED),
        ("Thu, 01 Jan 2026 12:00:10 -0000", Verdict.SKIPPED),
        (None, Verdict.SKIPPED),
    ],
)
def test_the_clock_is_compared_with_the_answer(date, verdict):
    """Slack refuses what is signed five minutes off."""
    assert clock("clock", date, NOON).verdict is verdict
