"""Server-sent events over a real connection."""

import json
from contextlib import asynccontextmanager

import aiohttp
import pytest

from adapters.web.channel import Event, EventKind
from adapters.web.server import HttpServer
from adapters.web.stream import encode
from tests.adapters.web.doubles import Site


@pytest.fixture
async def server(tmp_path):
    site = Site(tmp_path)
    async with HttpServer(
        host="127.0.0.1", port=0, app=site.app, stopping=[site.channel.close]
    ) as running:
        yield site, running.address


@asynccontextmanager
async def browser():
    jar = aiohttp.CookieJar(unsafe=True)  # unsafe: cookies for an address in figures
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        yield session


async def events(answer: aiohttp.ClientResponse):
    """Read the stream as a browser does: (id, event, data)."""
    fields: dict[str, str] = {}
    async for line in answer.content:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name:
            fields[name] = value
        elif "event" in fields:
            yield fields["id"], fields["event"], json.loads(fields["data"])
            fields = {}


async def load(session, address):
    async with session.get(f"{address}/api/state") as answer:
        return await answer.json()


async def test_what_happens_arrives(server):
    site, address = server
    async with browser() as fox:
        seen = await load(fox, address)
        position = seen["position"]
        async with fox.get(f"{address}/events", params={"after": position}) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            stream = events(answer)
            message = await site.post(site.job(seen["you"]["id"]))

            arrived = [(await anext(stream))[2] for _ in range(3)]

    assert [each["kind"] for each in arrived] == ["ask", "ask", "post"]
    assert arrived[-1]["id"] == message
    assert arrived[-1]["pictures"][0]["url"].startswith("/pictures/")


async def test_a_lost_connection_goes_on_where_it_was(server):
    """`Last-Event-ID` is sent by the browser itself and wins over the address."""
    site, address = server
    async with browser() as fox:
        position = (await load(fox, address))["position"]
        where = {"after": position}
        async with fox.get(f"{address}/events", params=where) as answer:
            await site.post(site.job("jade-owl-000002", typed=""))
            last, _, _ = await anext(events(answer))
        missed = await site.post(site.job("jade-owl-000002", typed=""))

        headers = {"Last-Event-ID": last}
        async with fox.get(
            f"{address}/events", params=where, headers=headers
        ) as answer:
            _, kind, entry = await anext(events(answer))

    assert (kind, entry["id"]) == ("entry", missed)


async def test_another_run_makes_the_page_load_anew(server):
    _, address = server
    async with browser() as fox:
        headers = {"Last-Event-ID": "run0-7"}
        async with fox.get(f"{address}/events", headers=headers) as answer:
            _, kind, _ = await anext(events(answer))

    assert kind == "reset"


async def test_nothing_happens_between_loading_and_listening(server):
    """The stream begins at the position that was loaded."""
    site, address = server
    async with browser() as fox:
        position = (await load(fox, address))["position"]
        message = await site.post(site.job("jade-owl-000002", typed=""))

        async with fox.get(f"{address}/events", params={"after": position}) as answer:
            _, _, entry = await anext(events(answer))

    assert entry["id"] == message


def test_an_event_is_one_block():
    """A line break in a prompt must not end the event."""
    text = encode(Event(number=3, kind=EventKind.REMOVED, entry_id="a\n\nb"), "run1-3")

    assert text == 'id: run1-3\nevent: removed\ndata: {"id": "a\\n\\nb"}\n\n'
