"""What the double does wrong on demand, one scripted fault for each call."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Fault:
    """One misbehaviour of one call.

    `drop`: "before" (the connection breaks and nothing was done) or "after" (it was done, but
    the answer is lost). With `hold` the call stands still before anything is done, or before
    its answer when `is_done_first`; `arrived` is set when it stands.
    """

    error: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    retry_after: int | None = None
    drop: str | None = None
    hold: asyncio.Event | None = None
    is_done_first: bool = False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def stand_still(self) -> None:
        """Wait until the test lets the call go on."""
        self.arrived.set()
        if self.hold is not None:
            await self.hold.wait()


class Faults:
    """The scripts, by method: `files.info`, `upload`, `response_url`."""

    def __init__(self) -> None:
        self._scripts: dict[str, list[Fault | None]] = defaultdict(list)

    def add(self, method: str, *faults: Fault | None) -> None:
        """Let the next calls of *method* go wrong in this order (None: goes well)."""
        self._scripts[method].extend(faults)

    def take(self, method: str) -> Fault | None:
        """Give what the call at hand has to suffer."""
        return self._scripts[method].pop(0) if self._scripts[method] else None


async def suffer(
    fault: Fault | None, request: web.Request
) -> web.StreamResponse | None:
    """Carry out what happens instead of the call; None lets it go on."""
    if fault is None:
        return None
    if not fault.is_done_first:
        await fault.stand_still()
    if fault.drop == "before":
        return cut(request)
    if fault.retry_after is not None:
        return web.json_response(
            {"ok": False, "error": "ratelimited"},
            status=429,
            headers={"Retry-After": str(fault.retry_after)},
        )
    if fault.error is not None:
        return web.json_response({"ok": False, "error": fault.error, **fault.fields})
    if fault.status != 200:
        return web.Response(status=fault.status, text="<html>oops</html>")
    return None


async def suffer_after(
    fault: Fault | None, request: web.Request, answer: web.StreamResponse
) -> web.StreamResponse:
    """Give what becomes of the answer to a call that was done."""
    if fault is not None and fault.is_done_first:
        await fault.stand_still()
    return cut(request) if fault is not None and fault.drop == "after" else answer


def cut(request: web.Request) -> web.StreamResponse:
    """Break the connection, so that the caller gets no answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
