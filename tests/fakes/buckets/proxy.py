"""A proxy in front of a service, which can be told to answer as a service in trouble does."""

import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from yarl import URL

from tests.fakes.serving import serving

Fault = Callable[[web.Request], Awaitable[web.StreamResponse | None]]
_LARGEST = 64 * 1024 * 1024
_OF_THE_CONNECTION = {"host", "content-length", "transfer-encoding", "connection"}
_OF_THE_ANSWER = {"transfer-encoding", "connection", "server", "date", "content-type"}


class Proxy:
    """Forwards to *target* unless `fault` has an answer; `seen` are the methods asked."""

    def __init__(self, target: str) -> None:
        self._target = target
        self.fault: Fault | None = None
        self.seen: list[str] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request.method)
        if self.fault and (answer := await self.fault(request)) is not None:
            return answer
        return await forward(request, self._target)


async def forward(
    request: web.Request,
    target: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    path: str | None = None,
) -> web.Response:
    """Ask *target* the same, perhaps with other headers, body or path."""
    content = await request.read() if body is None else body
    sent = headers if headers is not None else request.headers
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.request(
            request.method,
            URL(f"{target}{path or request.raw_path}", encoded=True),
            headers={
                k: v for k, v in sent.items() if k.lower() not in _OF_THE_CONNECTION
            },
            data=io.BytesIO(content) if content else None,
            allow_redirects=False,
        ) as answer,
    ):
        received = await answer.read()
        kept = {
            k: v for k, v in answer.headers.items() if k.lower() not in _OF_THE_ANSWER
        }
        if "Content-Type" in answer.headers:
            kept["Content-Type"] = answer.headers["Content-Type"]
        return web.Response(status=answer.status, body=received, headers=kept)


@asynccontextmanager
async def proxying(target: str) -> AsyncIterator[Proxy]:
    """Serve a proxy on a free loopback port."""
    proxy = Proxy(target)
    app = web.Application(client_max_size=_LARGEST)
    app.router.add_route("*", "/{rest:.*}", proxy.handle)
    async with serving(app) as proxy.url:
        yield proxy
