"""The HTTP client: no layer repeats a paid POST, and every failure is told apart rightly."""

import socket
import struct

import httpx
import pytest

from bot.ideogram.http import FAILURES, make_http, was_not_sent
from tests.fakes.sockets import raw_server

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


async def hang_up(reader, writer):
    await reader.request()


async def reset(reader, writer):
    await reader.request()
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, linger
    )
    writer.transport.abort()


async def talk_nonsense(reader, writer):
    await reader.request()
    writer.write(b"hello\r\n\r\n")


async def answer_half(reader, writer):
    await reader.request()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}")
    await writer.drain()


async def answer_half_in_chunks(reader, writer):
    await reader.request()
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
    await writer.drain()


async def keep_waiting(reader, writer):
    await reader.request()
    await reader.closed()


async def answer_slowly(reader, writer):
    await reader.request()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{")
    await reader.closed()


async def answer_once_then_hang_up(reader, writer):
    await reader.request()
    writer.write(OK)
    await writer.drain()
    await reader.request()


@pytest.mark.parametrize(
    "handler",
    [hang_up, reset, talk_nonsense, answer_half, answer_half_in_chunks, keep_waiting],
)
async def test_a_request_that_left_never_counts_as_not_sent(handler):
    """It may have been charged; httpx-aiohttp calls most of these ConnectTimeout."""
    async with raw_server(handler) as server, make_http() as http:
        with pytest.raises(FAILURES) as failed:
            await http.post(server.url, json={}, timeout=httpx.Timeout(5, read=0.5))

    assert not was_not_sent(failed.value)
    assert server.requests == 1


async def test_a_post_on_a_reused_connection_is_not_repeated():
    """aiohttp repeats idempotent requests there by itself; a paid POST is none."""
    async with raw_server(answer_once_then_hang_up) as server, make_http() as http:
        await http.post(server.url, json={})

        with pytest.raises(FAILURES) as failed:
            await http.post(server.url, json={})

    assert server.requests == 2
    assert not was_not_sent(failed.value)


async def test_a_refused_connection_is_not_sent():
    """Nobody listens there."""
    async with raw_server(None) as server:
        url = server.url

    async with make_http() as http:
        with pytest.raises(FAILURES) as failed:
            await http.post(url, json={})

    assert was_not_sent(failed.value)


async def test_waiting_for_a_free_connection_is_not_sent():
    """All connections are busy: the request stayed here."""
    async with (
        raw_server(answer_slowly) as server,
        make_http(max_connections=1) as http,
        http.stream("POST", server.url, json={}),
    ):
        with pytest.raises(FAILURES) as failed:
            await http.post(server.url, json={}, timeout=httpx.Timeout(5, pool=0.1))

        assert was_not_sent(failed.value)
        assert server.requests == 1
