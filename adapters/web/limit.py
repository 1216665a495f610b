"""No request's body is read beyond a limit, whoever reads it.

`/slack/events` is open to the world, and its signature is known to be right or wrong only
once the body has been read: without a limit a stranger could fill the memory.
"""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 1024 * 1024  # Slack's largest payloads are a tenth of it


class LimitedBody:
    """Wraps *app*; a longer body is answered with 413 where it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is received of one request."""
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MOST_BYTES:
                raise HTTPException(413, "That is too long.")
            return message

        await self._app(scope, receive_counted, send)
