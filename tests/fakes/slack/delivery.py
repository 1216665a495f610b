"""How payloads reach the app: over Socket Mode, or as signed HTTP requests.

Both wait three seconds for the acknowledgement. Events that were not acknowledged are sent
again, marked as retries; commands and interactions are not, as with Slack.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

SIGNING_SECRET = "loopback-signing-secret"
DEADLINE_S = 3.0
RETRIES = 3


@dataclass(frozen=True)
class Ack:
    """How one delivery was answered."""

    is_acked: bool
    body: dict[str, Any] | None = None
    seconds: float = 0.0
    reason: str = ""  # why it was not acknowledged: timeout, http_error, no_connection
    retries: int = 0

    @property
    def text(self) -> str:
        """Give the private note the acknowledgement carried."""
        return str((self.body or {}).get("text", ""))

    @property
    def errors(self) -> dict[str, str]:
        """Give the field errors a modal's acknowledgement carried."""
        return dict((self.body or {}).get("errors", {}))


class Delivery(Protocol):
    """One way to the app. `kind` is Socket Mode's: slash_commands, events_api, interactive."""

    @property
    def is_ready(self) -> bool: ...

    async def deliver(self, kind: str, payload: dict[str, Any]) -> Ack: ...


class SocketMode:
    """The websocket side: hello, envelopes, acknowledgements, disconnects."""

    def __init__(self, *, is_ticket: Callable[[str], bool]) -> None:
        self.complaints: list[str] = []
        self.timed_out: list[dict[str, Any]] = []
        self.is_silent = False  # hello is withheld, pings stay unanswered
        self.connected = asyncio.Event()
        self._is_ticket = is_ticket
        self._sockets: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[dict[str, Any] | None]] = {}
        self._envelopes = 0

    def routes(self) -> list[web.RouteDef]:
        """Give the routes of this part."""
        return [web.get("/link", self._link)]

    @property
    def is_ready(self) -> bool:
        """Say whether an app is connected."""
        return bool(self._sockets)

    @property
    def connections(self) -> int:
        """Count the open websockets."""
        return len(self._sockets)

    async def deliver(self, kind: str, payload: dict[str, Any]) -> Ack:
        """Send a payload; events again, until somebody acknowledges them."""
        ack = Ack(is_acked=False)
        for retry in range(RETRIES + 1 if kind == "events_api" else 1):
            extra = {"retry_attempt": retry, "retry_reason": ack.reason}
            ack = await self._once(kind, payload, extra if retry else {})
            if ack.is_acked:
                return Ack(True, ack.body, ack.seconds, retries=retry)
        return ack

    async def _once(
        self, kind: str, payload: dict[str, Any], extra: dict[str, Any]
    ) -> Ack:
        if kind == "events_api":
            await asyncio.wait_for(self.connected.wait(), 20)
        if not self._sockets:
            return Ack(is_acked=False, reason="no_connection")
        self._envelopes += 1
        envelope = f"envelope-{self._envelopes}"
        answer = self._waiting[envelope] = asyncio.get_running_loop().create_future()
        began = time.monotonic()
        accepts = kind != "events_api"
        await self._sockets[-1].send_json(
            {
                "envelope_id": envelope,
                "type": kind,
                "payload": payload,
                "accepts_response_payload": accepts,
                **extra,
            }
        )
        try:
            body = await asyncio.wait_for(answer, DEADLINE_S)
        except TimeoutError:
            self.timed_out.append(payload)
            return Ack(is_acked=False, reason="timeout")
        except ConnectionError:
            return Ack(is_acked=False, reason="connection_failed")
        if body and not accepts:
            self.complaints.append(f"an event was acknowledged with a payload: {body}")
        return Ack(is_acked=True, body=body, seconds=time.monotonic() - began)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to connect anew, as Slack does every few hours."""
        for socket in list(self._sockets):
            await socket.send_json({"type": "disconnect", "reason": reason})

    async def drop(self) -> None:
        """Close every websocket without a word."""
        for socket in list(self._sockets):
            await socket.close()

    async def _link(self, request: web.Request) -> web.StreamResponse:
        if not self._is_ticket(request.query.get("ticket", "")):
            return web.Response(status=401)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        hello = {
            "type": "hello",
            "num_connections": len(self._sockets) + 1,
            "debug_info": {"host": "loopback", "approximate_connection_time": 18060},
            "connection_info": {"app_id": "A0APP"},
        }
        await socket.send_json(hello)
        self._sockets.append(socket)
        self.connected.set()
        try:
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    self._take(json.loads(frame.data))
        finally:
            self._sockets.remove(socket)
            if not self._sockets:
                self.connected.clear()
                self._break_off()
        return socket

    def _take(self, frame: dict[str, Any]) -> None:
        waiting = self._waiting.pop(frame.get("envelope_id", ""), None)
        if waiting is None:
            self.complaints.append(f"an unknown envelope was acknowledged: {frame}")
        elif not waiting.done():
            payload = frame.get("payload")
            waiting.set_result(
                {"text": payload} if isinstance(payload, str) else payload
            )

    def _break_off(self) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("the app went away"))
        self._waiting.clear()


class SignedHttp:
    """The HTTP side: signs as Slack does and posts to one address."""

    def __init__(self) -> None:
        self.url: str | None = None
        self.timed_out: list[dict[str, Any]] = []
        self.later = asyncio.Event()  # Slack's next tries come within minutes
        self.later.set()

    @property
    def is_ready(self) -> bool:
        """Say whether the app's address is known."""
        return self.url is not None

    async def deliver(self, kind: str, payload: dict[str, Any]) -> Ack:
        """Post a payload; events again, until they are answered with 200."""
        ack = Ack(is_acked=False)
        for retry in range(RETRIES + 1 if kind == "events_api" else 1):
            if retry:
                await self.later.wait()
            extra = {
                "X-Slack-Retry-Num": str(retry),
                "X-Slack-Retry-Reason": ack.reason,
            }
            ack = await self._once(kind, payload, extra if retry else {})
            if ack.is_acked:
                return Ack(True, ack.body, ack.seconds, retries=retry)
        return ack

    async def _once(
        self, kind: str, payload: dict[str, Any], extra: dict[str, str]
    ) -> Ack:
        assert self.url is not None
        body, content_type = encode(kind, payload)
        headers = {"Content-Type": content_type, **extra, **sign(body)}
        began = time.monotonic()
        try:
            async with (
                aiohttp.ClientSession(
                    timeout=aiohttp.ClientTimeout(total=DEADLINE_S)
                ) as http,
                http.post(self.url, data=body, headers=headers) as answer,
            ):
                text = await answer.text()
                status, is_json = (
                    answer.status,
                    answer.content_type == "application/json",
                )
        except TimeoutError:
            self.timed_out.append(payload)
            return Ack(is_acked=False, reason="http_timeout")
        except aiohttp.ClientError:
            return Ack(is_acked=False, reason="connection_failed")
        if status != 200:
            return Ack(is_acked=False, reason="http_error")
        read = (
            json.loads(text) if is_json and text else {"text": text} if text else None
        )
        return Ack(is_acked=True, body=read, seconds=time.monotonic() - began)


def encode(kind: str, payload: dict[str, Any]) -> tuple[bytes, str]:
    """Give the body and content type of a request of Slack's."""
    form = "application/x-www-form-urlencoded"
    match kind:
        case "slash_commands":
            return urlencode(payload).encode(), form
        case "interactive":
            return urlencode({"payload": json.dumps(payload)}).encode(), form
        case _:
            return json.dumps(payload).encode(), "application/json"


def sign(
    body: bytes, *, secret: str = SIGNING_SECRET, at: int | None = None
) -> dict[str, str]:
    """Give the headers that prove a request comes from Slack."""
    stamp = str(int(time.time()) if at is None else at)
    digest = hmac.new(
        secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256
    ).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
