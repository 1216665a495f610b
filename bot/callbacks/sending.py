"""One callback over HTTP: one try, to the address that was checked and nowhere else.

The socket itself asks the guard, with the very address it is about to connect to. So it does
not matter what a name led to when it was looked at before, nor that aiohttp looks no address
in figures up. Redirects are not followed, proxies of the environment are not used, and the
answer's body is not read: its status says all.
"""

import asyncio
import io
import logging
import socket
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.callbacks.guard import Rules, read_address
from bot.callbacks.outcome import Answer
from bot.errors import WrongInput
from bot.ideogram.complaints import read_retry_after
from bot.ports.base import Clock

log = logging.getLogger(__name__)

TIME_LIMIT = timedelta(seconds=10)
_USER_AGENT = "ideogram-bot/0.1 (+https://pypi.org/project/ideogram-bot/)"
_LOOKUPS = 32  # threads of their own: a name server that hangs must not hold up files

AddrInfo = tuple[int, int, int, str, tuple[Any, ...]]


class _Forbidden(OSError):
    """The guard said no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Sends callbacks; `open_post` gives it."""

    http: aiohttp.ClientSession
    rules: Rules
    clock: Clock
    time_limit: timedelta

    async def __call__(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> Answer:
        """Send *body* once; give what came back. Never raises."""
        try:
            self.rules.check(url)
            async with asyncio.timeout(self.time_limit.total_seconds()):
                return await self._send(URL(url, encoded=True), body, headers)
        except WrongInput as refused:
            return Answer(problem=refused.text)
        except TimeoutError:
            seconds = self.time_limit.total_seconds()
            return Answer(problem=f"No answer within {seconds:g} seconds")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(problem=_explain(error))

    async def _send(self, url: URL, body: bytes, headers: Mapping[str, str]) -> Answer:
        response = await self.http.post(
            url, data=io.BytesIO(body), headers=dict(headers), allow_redirects=False
        )
        try:
            lower = {k.lower(): v for k, v in response.headers.items()}
            wait = read_retry_after(lower, self.clock.now())
            return Answer(status=response.status, retry_after=wait)
        finally:
            response.close()


@asynccontextmanager
async def open_post(
    *,
    rules: Rules,
    clock: Clock,
    time_limit: timedelta = TIME_LIMIT,
    resolver: AbstractResolver | None = None,
) -> AsyncIterator[Post]:
    """Open the way to receivers; every try makes a connection of its own."""

    def make_socket(info: AddrInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        target = read_address(str(address[0]))
        if target is None or not rules.may_connect(target):
            raise _Forbidden
        return socket.socket(family, kind, protocol)

    connector = aiohttp.TCPConnector(
        resolver=resolver or _Resolver(),
        use_dns_cache=False,
        force_close=True,
        socket_factory=make_socket,
    )
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": _USER_AGENT, "Content-Type": "application/json"},
        auto_decompress=False,
        trust_env=False,
    ) as http:
        yield Post(http=http, rules=rules, clock=clock, time_limit=time_limit)


class _Resolver(AbstractResolver):
    """The system's name server, asked on threads of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="callback-dns")

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,
    ) -> list[ResolveResult]:
        """Give the addresses of *host*."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, _look_up, host, port, family
        )
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for kind, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Wait for nobody."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int, family: int) -> list[Any]:
    return list(socket.getaddrinfo(host, port, family, socket.SOCK_STREAM))


def _explain(error: BaseException) -> str:
    """Give what went wrong without the address, in which a key may stand."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, _Forbidden):
            return "Its name leads into a private network, or to this machine"
        if isinstance(seen, BaseExceptionGroup):
            seen = seen.exceptions[0]
        else:
            seen = getattr(seen, "os_error", None) or seen.__cause__
    match error:
        case aiohttp.ClientConnectorDNSError() | socket.gaierror():
            return "Its name is not known"
        case aiohttp.ClientSSLError():
            return "Its certificate is not to be trusted"
        case aiohttp.ClientConnectorError():
            return "It cannot be reached"
        case _:
            return f"The connection broke ({type(error).__name__})"
