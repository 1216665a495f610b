"""The HTTP server inside a running loop."""

import asyncio
import signal
import socket
from contextlib import AsyncExitStack

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from adapters.web.server import HttpServer
from bot.errors import ConfigError
from tests.adapters.web.doubles import Site


async def _hello(_request):
    return PlainTextResponse("hello")


def serve(app=None, *, host="127.0.0.1", port=0, stopping=()) -> HttpServer:
    app = app or Starlette(routes=[Route("/", _hello)])
    return HttpServer(host=host, port=port, app=app, stopping=stopping)


async def test_serves_on_the_port_it_tells():
    async with serve() as server, httpx.AsyncClient() as client:
        answer = await client.get(server.address)

        assert answer.text == "hello"
        assert server.address == f"http://127.0.0.1:{server.port}"
        assert "server" not in answer.headers

    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)


async def test_every_address_is_opened_as_this_machine():
    async with serve(host="0.0.0.0") as server:
        assert server.address == f"http://127.0.0.1:{server.port}"


async def test_signals_stay_with_the_program():
    """The program drains its jobs on SIGTERM; the server must not take it away."""
    before = signal.getsignal(signal.SIGTERM)
    async with serve():
        assert signal.getsignal(signal.SIGTERM) is before


async def test_a_busy_port_is_a_sentence():
    async with serve() as first:
        with pytest.raises(ConfigError) as raised:
            async with serve(port=first.port):
                pass

    [problem] = raised.value.problems
    assert problem.variable == "HTTP_PORT"
    assert str(first.port) in problem.expected


async def test_an_address_of_another_machine_is_a_sentence():
    with pytest.raises(ConfigError) as raised:
        async with serve(host="192.0.2.1"):
            pass

    assert raised.value.problems[0].variable == "HTTP_HOST"


async def test_an_error_beside_the_server_stays_as_it_is():
    with pytest.raises(KeyError):
        async with serve():
            raise KeyError


async def test_a_cancelled_program_stops_the_server():
    entered = asyncio.Event()

    async def run() -> None:
        async with serve():
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.ensure_future(run())
    await entered.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_open_streams_do_not_hold_up_the_stop(tmp_path):
    """People leave the page open; the program must be able to end all the same."""
    site = Site(tmp_path)
    server = serve(site.app, stopping=[site.channel.close])
    async with httpx.AsyncClient() as client, AsyncExitStack() as stack:
        await stack.enter_async_context(server)
        request = client.build_request("GET", f"{server.address}/events")
        answer = await client.send(request, stream=True)
        lines = answer.aiter_lines()
        assert await anext(lines) == "retry: 1000"

        await stack.aclose()

        # Read to its end: a stream that was cut off would raise.
        assert [line async for line in lines][-1] == ""
        await answer.aclose()
