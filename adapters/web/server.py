"""The HTTP server: uvicorn inside the loop that runs everything else.

Signals stay with the program; the port is bound before anything is served, so that a
busy one is a sentence and not a traceback.
"""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from bot.errors import ConfigError, Problem

_GRACE_S = 1  # for requests under way when the server stops
_BACKLOG = 1024
_MOST_AT_ONCE = (
    400  # connections; files and the platforms need some of the process's, too
)

logger = logging.getLogger(__name__)


class HttpServer:
    """Serves *app* while it is entered; *stopping* ends streams that never end."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        app: ASGIApp,
        stopping: Sequence[Callable[[], None]] = (),
    ) -> None:
        self._host = host
        self._wanted_port = port
        self._stopping = tuple(stopping)
        self._server = _Server(_config(app))
        self._tasks = asyncio.TaskGroup()
        self._stopped = asyncio.Event()
        self._port: int | None = None

    @property
    def port(self) -> int:
        """Give the port served, the system's choice when 0 was asked for."""
        if self._port is None:
            raise RuntimeError("The server is not running.")
        return self._port

    @property
    def address(self) -> str:
        """Give the address that opens in a browser on this machine."""
        here = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - named, not bound
        host = here.get(self._host, self._host)
        return (
            f"http://[{host}]:{self.port}"
            if ":" in host
            else f"http://{host}:{self.port}"
        )

    async def __aenter__(self) -> Self:
        listener = await asyncio.to_thread(_listen, self._host, self._wanted_port)
        self._port = listener.getsockname()[1]
        await self._tasks.__aenter__()
        self._tasks.create_task(self._serve(listener))
        await self._server.ready.wait()
        logger.info("HTTP is served at %s.", self.address)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        for stop in self._stopping:
            stop()
        await self._stopped.wait()
        if kind is not None and issubclass(kind, asyncio.CancelledError):
            await self._tasks.__aexit__(kind, error, traceback)
        else:  # an error of the body goes on as it is, not in a group of one
            await self._tasks.__aexit__(None, None, None)

    async def _serve(self, listener: socket.socket) -> None:
        try:
            await self._server.serve(sockets=[listener])
        finally:
            listener.close()
            self._server.ready.set()
            self._stopped.set()


class _Server(uvicorn.Server):
    """uvicorn's server that says when it is ready and leaves signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Do nothing: the program has one place for signals."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        self.ready.set()


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="off",
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_S,
        limit_concurrency=_MOST_AT_ONCE,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise ConfigError([_problem(host, port, error)]) from error


def _problem(host: str, port: int, error: OSError) -> Problem:
    """Say which setting is to be changed; the socket knows more errors than ports."""
    if error.errno in {errno.EADDRINUSE, errno.EACCES}:
        return Problem(
            "HTTP_PORT",
            f"port {port} on {host} is taken, or not for this user to take.",
            "Stop the program that has it, or set HTTP_PORT to another port.",
        )
    return Problem(
        "HTTP_HOST",
        f"{host} is no address of this machine.",
        "Set it to 127.0.0.1, or to 0.0.0.0 to be reached from other machines.",
    )
