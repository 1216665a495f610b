"""Ideogram on loopback for the tests: the product's simulator, recorded, with faults to script.

async with ideogram_double() as double:
    double.faults.generate.append(busy(retry_after=2))
    ...  # a client or a bot of its own process speaks to double.url
    assert len(double.calls) == 1
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.clock import SystemClock
from bot.ideogram.simulator.app import create_app
from bot.ideogram.simulator.faults import Fault, Faults, Received
from bot.ideogram.simulator.server import serve
from bot.ideogram.simulator.studio import Studio
from tests.fakes.recording import record

KEY = "test-key-4711"


@dataclass(frozen=True, kw_only=True)
class IdeogramDouble:
    """One running double; `url` is what IDEOGRAM_BASE_URL takes, `key` the right key."""

    url: str
    studio: Studio
    key: str = KEY

    @property
    def faults(self) -> Faults:
        """What goes wrong next: append to `generate`, `poll` or `download`."""
        return self.studio.faults

    @property
    def received(self) -> list[Received]:
        """Every request so far, in order."""
        return list(self.studio.received)

    @property
    def calls(self) -> list[Received]:
        """The paid calls so far."""
        return [r for r in self.studio.received if r.is_generate]

    @property
    def polls(self) -> list[Received]:
        return [r for r in self.studio.received if r.is_poll]

    @property
    def downloads(self) -> list[Received]:
        return [r for r in self.studio.received if r.is_download]


@asynccontextmanager
async def ideogram_double(
    *, is_recorded: bool = True, **options: Any
) -> AsyncIterator[IdeogramDouble]:
    """Run a double; *options* are those of `Studio` (`delay`, `polls`, `draw`, …)."""
    studio = Studio(**{"clock": SystemClock(), "api_key": KEY, **options})
    app = create_app(studio)
    async with serve(recorded(app) if is_recorded else app) as url:
        yield IdeogramDouble(url=url, studio=studio)


def recorded(app: ASGIApp) -> ASGIApp:
    """Write every request down for the conformance checker before *app* answers it."""

    async def recording(scope: Scope, receive: Receive, send: Send) -> None:
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        record(
            "ideogram",
            scope["method"],
            scope["path"],
            query=_query(scope),
            headers={k.decode(): v.decode() for k, v in scope["headers"]},
            body=b"".join(message.get("body", b"") for message in messages),
        )

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await app(scope, replay, send)

    return recording


def _query(scope: Scope) -> dict[str, str]:
    """Give the query's fields; a signature is a secret, so it is blotted out."""
    pairs = (p.partition("=") for p in scope["query_string"].decode().split("&") if p)
    return {name: "***" if name == "sig" else value for name, _, value in pairs}


# --- faults that tests ask for by name --------------------------------------


def server_error(status: int = 500) -> Fault:
    return Fault(status=status, body={"error": "An unexpected error occurred"})


def busy(retry_after: int | str | None = None) -> Fault:
    """429 with the provider's own body."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    body = {"error": "Too many requests in flight.", "reject_reason": "inflight_limit"}
    return Fault(status=429, body=body, headers=headers)


def no_json() -> Fault:
    """A web page with status 200, as some front servers give."""
    return Fault(body=b"<html><body>Just a moment...</body></html>")


def cut_off(share: float = 0.5) -> Fault:
    """The connection ends in the middle of the answer or picture."""
    return Fault(cut_after=share)


def silence() -> Fault:
    return Fault(is_silent=True)


def empty_data() -> Fault:
    return Fault(alter=lambda answer: {**answer, "data": []})


def unsafe_items(*indices: int) -> Fault:
    """Some items of the answer withheld by the safety check."""
    return _items(indices, is_image_safe=False, url=None)


def changed_items(**changes: Any) -> Fault:
    """Every item with *changes*; a value of ... leaves the field out."""
    return _items(None, **changes)


def gone(status: int = 403) -> Fault:
    """A picture whose address has expired."""
    return Fault(status=status, body={"error": "expired"})


def wrong_content(body: bytes = b"<html>not a picture</html>") -> Fault:
    return Fault(body=body)


def _items(indices: tuple[int, ...] | None, **changes: Any) -> Fault:
    def alter(answer: dict[str, Any]) -> dict[str, Any]:
        data = [
            _changed(item, changes) if indices is None or i in indices else item
            for i, item in enumerate(answer["data"])
        ]
        return {**answer, "data": data}

    return Fault(alter=alter)


def _changed(item: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = {**item, **changes}
    return {name: value for name, value in merged.items() if value is not ...}
