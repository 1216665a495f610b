"""The websocket of Socket Mode, kept alive.

slack_sdk answers pings, and connects anew when the socket is closed, stale or told to go.
Three things it does not survive: a connection address that has expired while the network
was down (it tries the same one for ever), a reader task that ended, and a wrong token
(it tries for ever, too). The watch here replaces the whole client then.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from adapters.slack.intake import Intake
from adapters.slack.listen import AfterAck
from adapters.slack.refusals import Refused, wrong_token
from adapters.slack.web import SlackWeb, sdk_logger
from bot.errors import ConfigError, PlatformDown, PlatformError

_PING_S = 10.0
_CONNECT_S = 20.0
_LOOK_S = 5.0
_PATIENCE = 6  # looks that found the socket dead before it is replaced

log = logging.getLogger(__name__)


class Socket:
    """One connection to Slack, whatever happens to it."""

    def __init__(
        self,
        *,
        web: SlackWeb,
        app_token: str,
        bolt: AsyncApp,
        intake: Intake,
        after: Callable[[AfterAck], None],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._web = web
        self._app_token = app_token
        self._bolt = bolt
        self._intake = intake
        self._after = after
        self._sleep = sleep
        self._handler: _Handler | None = None

    @property
    def is_open(self) -> bool:
        """Say whether Slack can reach the bot here."""
        client = self._handler.client if self._handler else None
        return (
            client is not None
            and not client.closed
            and not client.stale
            and client.current_session is not None
            and not client.current_session.closed
            and not client.message_processor.done()
        )

    async def open(self) -> None:
        """Connect. Raises: ConfigError, PlatformDown, PlatformBusy."""
        try:
            opened = await self._web.call(
                "apps.connections.open", token=self._app_token
            )
        except Refused as refused:
            raise wrong_token("SLACK_APP_TOKEN", refused) from refused
        handler = _Handler(
            app=self._bolt,
            app_token=self._app_token,
            logger=sdk_logger(),
            web_client=self._web.client,
            ping_interval=_PING_S,
        )
        handler.take_in(self._intake, self._after)
        handler.client.wss_uri = str(opened["url"])
        try:
            async with asyncio.timeout(_CONNECT_S):
                await handler.connect_async()  # type: ignore[no-untyped-call]  # slack-bolt's
        except BaseException as error:
            await _close(handler)
            if isinstance(error, TimeoutError):
                raise PlatformDown("Slack's websocket cannot be reached.") from None
            raise
        self._handler = handler
        log.info("Connected to Slack in Socket Mode")

    async def watch(self) -> None:
        """Replace the connection when it stays dead; runs until it is cancelled."""
        dead = 0
        while True:
            await self._sleep(_LOOK_S)
            dead = 0 if self.is_open else dead + 1
            if dead >= _PATIENCE:
                log.warning("Slack's websocket is dead; connecting anew")
                await self.replace()
                dead = 0

    async def replace(self) -> None:
        """Throw the connection away and make another; logs what hinders it."""
        await self.close()
        try:
            await self.open()
        except (PlatformError, ConfigError) as error:
            log.warning("Slack's websocket could not be opened: %s", error.text)

    async def close(self) -> None:
        """End the connection and every task of it."""
        handler, self._handler = self._handler, None
        if handler is not None:
            await _close(handler)


class _Handler(AsyncSocketModeHandler):
    """slack-bolt's handler; what needs the network runs after the acknowledgement."""

    client: SocketModeClient

    def take_in(self, intake: Intake, after: Callable[[AfterAck], None]) -> None:
        self._intake = intake
        self._after = after

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # as slack-bolt itself narrows it
        if not self._intake.is_open:
            return  # not acknowledged: Slack sends it to the next who connects
        with self._intake.one():
            after: AfterAck = []
            began = time.time()
            request = AsyncBoltRequest(
                mode="socket_mode", body=req.payload, context={"after_ack": after}
            )
            response = await self.app.async_dispatch(request)
            await send_async_response(client, req, response, began)
        self._after(after)


async def _close(handler: _Handler) -> None:
    client = handler.client
    tasks = [
        task
        for task in (
            client.message_processor,
            client.current_session_monitor,
            client.message_receiver,
        )
        if task is not None
    ]
    with contextlib.suppress(SlackClientError, OSError):
        await handler.close_async()  # type: ignore[no-untyped-call]  # slack-bolt's
    await asyncio.gather(*tasks, return_exceptions=True)
