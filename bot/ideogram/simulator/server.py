"""The simulator as a server of its own on this machine, inside the running event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta

import uvicorn
from starlette.types import ASGIApp

from bot.clock import SystemClock
from bot.ideogram.simulator.app import create_app
from bot.ideogram.simulator.studio import Studio

# Long enough to see the progress in a chat, short enough to play with.
_SANDBOX_DELAY = timedelta(seconds=2)
_GRACE_S = 1


class _Server(uvicorn.Server):
    """uvicorn that leaves the process's signals alone: they are the bot's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def serve(app: ASGIApp | None = None) -> AsyncIterator[str]:
    """Serve *app* (a sandbox by default) on a free loopback port; give its address.

    The sandbox takes the key `sandbox` and two seconds a call.
    """
    if app is None:
        app = create_app(Studio(clock=SystemClock(), delay=_SANDBOX_DELAY))
    # Bound before the server starts: calls wait in the backlog, nobody has to.
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=_GRACE_S,
        )
    )
    failure: Exception | None = None
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        except Exception as raised:  # noqa: BLE001 - raised again, outside of the group
            failure = raised
        finally:
            server.should_exit = True
    if failure is not None:
        raise failure
