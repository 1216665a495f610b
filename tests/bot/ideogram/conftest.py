"""A double and a client that speaks to it."""

from datetime import timedelta

import pytest

from bot.clock import SystemClock
from bot.ideogram.catalog import MODELS
from bot.ideogram.client import IdeogramClient
from bot.ideogram.http import make_http
from bot.ideogram.routes import make_route
from tests.fakes.ideogram import KEY, ideogram_double


@pytest.fixture
async def http():
    async with make_http() as http:
        yield http


@pytest.fixture
async def double():
    async with ideogram_double() as double:
        yield double


@pytest.fixture
def make_client(http):
    """Give clients for a route; other keywords go to the client."""

    def make(url, route="official", *, key=KEY, image_hosts=(), **changes):
        keywords = {
            "route": make_route(route, key=key, base_url=url, image_hosts=image_hosts),
            "models": MODELS,
            "http": http,
            "clock": SystemClock(),
            "timeout": timedelta(seconds=30),
            **changes,
        }
        return IdeogramClient(**keywords)

    return make


@pytest.fixture
def client(make_client, double):
    return make_client(double.url)
