"""Servers that speak bytes, for answers that no HTTP server would give."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class RawServer:
    """Answers each connection by *handler*; `requests` counts the heads that arrived."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.requests = 0
        self.url = ""

    async def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            await self._handler(_Counting(self, reader), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class _Counting:
    """A reader that counts whole requests."""

    def __init__(self, server: RawServer, reader: asyncio.StreamReader) -> None:
        self._server = server
        self._reader = reader

    async def request(self) -> bytes:
        """Give the next request's head; its body is read too."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        self._server.requests += 1
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                await self._reader.readexactly(int(line.split(b":")[1]))
        return head

    async def closed(self) -> None:
        """Wait until the other side hangs up."""
        await self._reader.read()


@asynccontextmanager
async def raw_server(handler: Handler) -> AsyncIterator[RawServer]:
    """Serve *handler* on a free loopback port."""
    server = RawServer(handler)
    listening = await asyncio.start_server(server._connected, "127.0.0.1", 0)
    async with listening:
        server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield server
