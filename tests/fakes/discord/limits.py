"""What stands before every route: recording, the token, scripted faults, rate limits."""

import json
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.fakes import recording
from tests.fakes.discord.rules import Refused
from tests.fakes.discord.world import World

BASE = "/api/v10"


@dataclass(slots=True, kw_only=True)
class Fault:
    """What happens to the next requests that match, *times* times."""

    method: str
    pattern: str
    kind: str  # "drop before", "drop after", "429", or a status: "500"
    times: int = 1
    retry_after: float = 0.01
    hits: int = 0

    def strikes(self, request: web.Request) -> bool:
        path = request.path.removeprefix(BASE)
        if self.hits >= self.times or request.method != self.method:
            return False
        return re.fullmatch(self.pattern, path) is not None


@dataclass(slots=True)
class Bucket:
    limit: int
    seconds: float
    used: int = 0
    since: float = 0.0


class Limits:
    """One middleware for the whole server."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str]] = []
        self.message_limit = (1000, 1.0)  # posts a channel in seconds
        self.is_recorded = True  # False where no bot is asking
        self.refused = 0  # answered 429 because a bucket was empty
        self._buckets: dict[str, Bucket] = {}

    @web.middleware
    async def middleware(self, request: web.Request, handler) -> web.StreamResponse:
        path = request.path.removeprefix(BASE)
        if not request.path.startswith(BASE):
            return await handler(request)  # the gateway's socket
        self.requests.append((request.method, path))
        if self.is_recorded:
            recording.record(
                "discord",
                request.method,
                path,
                query=request.query,
                headers=request.headers,
                body=await request.read(),
            )
        try:
            response = await self._guarded(request, handler)
        except Refused as refused:
            response = web.Response(
                status=refused.status_code,
                text=refused.text,
                content_type="application/json",
            )
        if response.content_type == "application/json":
            response.charset = None  # Discord says "application/json" and no more
        response.headers["Via"] = "1.1 google"
        self._world.touch()
        return response

    async def _guarded(self, request: web.Request, handler) -> web.StreamResponse:
        self._authorize(request)
        fault = next((f for f in self.faults if f.strikes(request)), None)
        if fault is not None:
            fault.hits += 1
            return await self._strike(fault, request, handler)
        bucket = self._bucket(request)
        if bucket and bucket.used >= bucket.limit:
            self.refused += 1
            left = bucket.since + bucket.seconds - self._world.now()
            return _limited(max(left, 0.001))
        if bucket:
            bucket.used += 1
        response = await handler(request)
        if bucket:
            self._tell(response, bucket)
        return response

    def _authorize(self, request: web.Request) -> None:
        path = request.path.removeprefix(BASE)
        if path.startswith(("/webhooks/", "/interactions/")):
            return  # the token is in the path
        if request.headers.get("Authorization") != f"Bot {self._world.token}":
            raise Refused(401, 0)

    async def _strike(self, fault: Fault, request, handler) -> web.StreamResponse:
        if fault.kind == "429":
            return _limited(fault.retry_after)
        if fault.kind.startswith("drop"):
            if fault.kind == "drop after":
                await handler(request)
            request.transport.abort()
            return web.Response()
        if fault.kind == "500 after":
            await handler(request)
            return web.Response(status=500, text="upstream trouble")
        return web.Response(status=int(fault.kind), text="upstream trouble")

    def _bucket(self, request: web.Request) -> Bucket | None:
        path = request.path.removeprefix(BASE)
        if request.method != "POST" or not re.fullmatch(
            r"/channels/\d+/messages", path
        ):
            return None
        now = self._world.now()
        bucket = self._buckets.setdefault(path, Bucket(*self.message_limit, since=now))
        if now - bucket.since >= bucket.seconds:
            bucket.used, bucket.since = 0, now
        return bucket

    def _tell(self, response: web.StreamResponse, bucket: Bucket) -> None:
        left = max(bucket.since + bucket.seconds - self._world.now(), 0.001)
        response.headers.update(
            {
                "X-RateLimit-Limit": str(bucket.limit),
                "X-RateLimit-Remaining": str(bucket.limit - bucket.used),
                "X-RateLimit-Reset-After": f"{left:.3f}",
                "X-RateLimit-Reset": f"{self._world.now() + left:.3f}",
                "X-RateLimit-Bucket": "messages",
            }
        )


def _limited(seconds: float) -> web.Response:
    body: dict[str, Any] = {
        "message": "You are being rate limited.",
        "retry_after": seconds,
        "global": False,
    }
    return web.Response(
        status=429,
        text=json.dumps(body),
        content_type="application/json",
        headers={"Retry-After": str(seconds)},
    )
