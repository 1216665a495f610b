"""`POST /webhooks/ideogram`, over HTTP: who waits for a drawing asks at once."""

import asyncio
import io
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from adapters.web.app import create_app
from adapters.web.health import Health
from adapters.web.limit import MOST_BYTES
from adapters.web.server import HttpServer
from adapters.web.webhooks import webhook_route
from bot.clock import SystemClock
from bot.domain.drawing import Ticket
from bot.domain.request import ImageRequest
from bot.hearing import open_webhooks
from bot.ideogram.arrivals import Arrivals
from bot.ideogram.catalog import MODELS
from bot.ideogram.client import IdeogramClient
from bot.ideogram.http import make_http
from bot.ideogram.routes import make_route
from bot.loading import load_settings
from tests.bot.callbacks.test_incoming import BODY, KEY, jwk, signed
from tests.fakes.ideogram import ideogram_double
from tests.fakes.serving import serving
from tests.fakes.waiting import until

SETTINGS = {"IDEOGRAM_API_KEY": "key-1"}


def key_server(**changes):
    app = web.Application()

    async def keys(request):
        assert request.headers["Api-Key"] == "key-1"
        return web.json_response(**({"data": {"keys": [jwk("k1", KEY)]}} | changes))

    app.router.add_get("/v1/.well-known/jwks.json", keys)
    return serving(app)


class Naps:
    """A sleep that lasts until the test says so."""

    def __init__(self):
        self.lengths = []

    async def __call__(self, seconds):
        self.lengths.append(seconds)
        await asyncio.Event().wait()


async def post(routes, headers, body=BODY):
    app = create_app(health=lambda: Health(is_worker_running=True), extra_routes=routes)
    async with (
        HttpServer(host="127.0.0.1", port=0, app=app) as server,
        aiohttp.ClientSession() as http,
        http.post(
            f"{server.address}/webhooks/ideogram", data=body, headers=headers
        ) as answer,
    ):
        return answer.status


async def post_to_bot(base_url, headers, arrivals=None, body=BODY):
    settings = load_settings(SETTINGS | {"IDEOGRAM_BASE_URL": base_url})
    async with open_webhooks(settings, arrivals or Arrivals()) as routes:
        return await post(routes, headers, body)


async def test_who_waits_for_a_drawing_asks_at_once():
    """The webhook ends the nap; what was drawn is asked for by its id."""
    arrivals, naps = Arrivals(), Naps()
    async with (
        ideogram_double(polls=1) as double,
        make_http() as http,
        key_server() as keys,
        asyncio.TaskGroup() as tasks,
    ):
        client = IdeogramClient(
            route=make_route("official", key=double.key, base_url=double.url),
            models=MODELS,
            http=http,
            clock=SystemClock(),
            sleep=naps,
            arrivals=arrivals,
        )
        ticket = await client.draw(ImageRequest(prompt="a fox", model="V_4_5", seed=1))
        assert isinstance(ticket, Ticket)
        collecting = tasks.create_task(client.collect(ticket))
        await until(lambda: naps.lengths)
        headers = signed(generation=ticket.id, at=datetime.now(UTC))

        status = await post_to_bot(keys, headers, arrivals)
        again = await post_to_bot(keys, headers, arrivals)
        drawn = await collecting

    assert (status, again) == (200, 200)
    assert len(naps.lengths) == 1
    assert drawn.images[0].seed == 1


async def test_nobody_waiting_is_fine():
    """It is delivered at least once: the picture may be here already."""
    async with key_server() as keys:
        assert await post_to_bot(keys, signed(at=datetime.now(UTC))) == 200


@pytest.mark.parametrize(
    "headers",
    [{}, signed(), signed(at=datetime.now(UTC), generation="x", **{"User-Id": "y"})],
    ids=["nothing", "long ago", "wrongly signed"],
)
async def test_a_stranger_is_refused(headers):
    async with key_server() as keys:
        assert await post_to_bot(keys, headers) == 401


async def test_without_keys_it_is_to_be_sent_again():
    async with key_server(status=500) as keys:
        assert await post_to_bot(keys, signed(at=datetime.now(UTC))) == 503


async def test_a_key_set_without_end_is_not_read():
    async with key_server(data={"keys": ["x" * 100_000]}) as keys:
        assert await post_to_bot(keys, signed(at=datetime.now(UTC))) == 503


async def test_a_body_without_end_is_not_read():
    async def take(_headers, _body):
        raise AssertionError

    body = io.BytesIO(b"x" * (MOST_BYTES + 1))

    assert await post([webhook_route(take)], {}, body) == 413


@pytest.mark.parametrize("route", ["bearer", "pixazo", "sandbox"])
async def test_a_gateway_sends_none(route):
    """What is not served cannot be knocked at."""
    settings = load_settings(SETTINGS | {"IDEOGRAM_ROUTE": route})

    async with open_webhooks(settings, Arrivals()) as routes:
        assert routes == []
