"""A Slack on loopback, and the adapter's parts on it."""

import pytest

from adapters.slack.notes import PrivateNotes
from adapters.slack.send import SlackSender
from adapters.slack.web import SlackWeb
from tests.adapters.slack.making import FixedClock
from tests.fakes.slack.double import slack_double


class Naps:
    """Sleeps that take no time and are remembered."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.taken.append(seconds)


@pytest.fixture
async def slack():
    async with slack_double() as slack:
        yield slack


@pytest.fixture
def naps():
    return Naps()


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
async def web(slack, naps):
    web = SlackWeb(bot_token=slack.bot_token, base_url=slack.base_url, sleep=naps.sleep)
    async with web:
        yield web


@pytest.fixture
def notes(web, clock):
    return PrivateNotes(web=web, clock=clock)


@pytest.fixture
def sender(web, notes, naps):
    return SlackSender(web=web, notes=notes, sleep=naps.sleep)
