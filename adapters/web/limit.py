"""No request's body is read beyond a limit, in size or in time, whoever reads it.

`/slack/events` is open to the world, and its signature is known to be right or wrong only
once the body has been read: without limits a stranger could fill the memory, or hold every
connection there is with half a request.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 1024 * 1024  # Slack's largest payloads are a tenth of it
WITHIN = timedelta(seconds=10)


class LimitedBody:
    """Wraps *app*; a longer body is answered with 413 where it is read, a slow one with 408.

    *larger* are paths that take more bytes.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        larger: Mapping[str, int] = MappingProxyType({}),
        within: timedelta = WITHIN,
    ) -> None:
        self._app = app
        self._larger = larger
        self._within = within

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is received of one request."""
        received, is_whole = 0, False
        most = self._larger.get(scope.get("path", ""), MOST_BYTES)
        ends_at = asyncio.get_running_loop().time() + self._within.total_seconds()

        async def receive_counted() -> Message:
            nonlocal received, is_whole
            if is_whole:  # what is waited for now is the end of the connection
                return await receive()
            try:
                async with asyncio.timeout_at(ends_at):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, "That took too long.") from None
            is_whole = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413, "That is too long.")
            return message

        await self._app(scope, receive_counted, send)
