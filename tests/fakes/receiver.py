"""A receiver of callbacks on loopback: checks signatures, remembers, and fails on demand."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.callbacks.signing import is_genuine
from tests.fakes.serving import serving

SECRET = "callback-secret-4711"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One request; `is_refused` when the answer was no 2xx."""

    path: str
    delivery: str
    body: dict[str, Any]
    is_genuine: bool
    is_refused: bool


class Receiver:
    """Answers with the statuses in `script`, one a request, then with 200.

    `is_up` may refuse by the number of the request, the first being 0; `silence` holds
    every answer back until it is set.
    """

    def __init__(self) -> None:
        self.url = ""
        self.script: list[int] = []
        self.headers: dict[str, str] = {}
        self.is_up = lambda _number: True
        self.silence: asyncio.Event | None = None
        self.taken: list[Taken] = []

    @property
    def accepted(self) -> list[Taken]:
        """What was answered with a 2xx, in order."""
        return [one for one in self.taken if not one.is_refused]

    def events(self, subject: str) -> list[str]:
        """Give the accepted events of a job, in order, the last words of them."""
        return [
            one.body["event"].removeprefix("ideogram.")
            for one in self.accepted
            if one.body["jobId"] == subject
        ]

    async def take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        assert request.content_type == "application/json"
        status = self._status()
        self.taken.append(
            Taken(
                path=request.path_qs,
                delivery=request.headers["X-Ideogram-Bot-Delivery"],
                body=json.loads(raw),
                is_genuine=is_genuine(
                    SECRET, request.headers, raw, now=datetime.now(UTC)
                ),
                is_refused=status // 100 != 2,
            )
        )
        if self.silence:
            await self.silence.wait()
        return web.Response(status=status, headers=self.headers)

    def _status(self) -> int:
        if not self.is_up(len(self.taken)):
            return 503
        return self.script.pop(0) if self.script else 200


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """Run a receiver; its `url` is what `--callback-url` takes."""
    made = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", made.take)
    async with serving(app) as address:
        made.url = f"{address}/hook?key=receivers-secret"
        yield made
