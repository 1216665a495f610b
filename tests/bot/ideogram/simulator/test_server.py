"""The simulator as a server inside the bot's own loop."""

import signal

import pytest

from bot.ideogram.simulator.server import serve


async def test_the_sandbox_takes_its_own_key(http):
    """`IDEOGRAM_ROUTE=sandbox` needs no account."""
    async with serve() as url:
        answer = await http.post(
            url + "/generate", json={}, headers={"Api-Key": "sandbox"}
        )

    assert answer.status_code == 400


async def test_the_process_keeps_its_signals():
    """SIGTERM is the bot's: it drains, the simulator has no say."""
    before = [signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGINT)]

    async with serve():
        during = [signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGINT)]

    assert during == before


async def test_an_error_passes_through_as_it_is():
    """No ExceptionGroup around it: start-up failures are told by their type."""
    with pytest.raises(LookupError, match="inside"):
        async with serve():
            raise LookupError("inside")
