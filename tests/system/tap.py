"""A tap on the line between the bot and one of its doubles.

It passes every byte on, remembers every request, and stops at scripted points: before a
request is carried out, in the middle of it, after it, in the middle of the answer, after
the answer. What happens at a point is the test's affair; the line is cut afterwards.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import urlsplit

_PIECE = 256 * 1024
_HEAD_LIMIT = 1024 * 1024
FILES = " with files"  # behind the path of a request that is multipart


class Phase(StrEnum):
    """How far a request has come."""

    ASKED = "asked"  # it has left the bot and reached nobody
    HALF_ASKED = "half asked"  # the first half of its body was passed on
    DONE = "done"  # it was carried out, and the answer is held back
    HALF_TOLD = "half told"  # the first half of the answer's body was passed on
    TOLD = "told"  # the whole answer was passed on


@dataclass(kw_only=True)
class Point:
    """The *nth* request that matches, at one phase; *then* is awaited there.

    Afterwards the line is cut, unless *is_cut* is false: then the request goes on.
    """

    method: str
    path: str  # a pattern for the whole path, without the query; see FILES
    phase: Phase
    then: Callable[[], Awaitable[None]]
    nth: int = 1
    is_cut: bool = True
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    def is_for(self, method: str, path: str) -> bool:
        """Count a request; say whether this is the one."""
        if self.nth < 1 or method != self.method or not re.fullmatch(self.path, path):
            return False
        self.nth -= 1
        return self.nth == 0


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request on the line."""

    at: float  # of time.monotonic
    when: datetime
    method: str
    path: str


class Cut(Exception):
    """A point was reached."""


class Tap:
    """The line to the server at *address*."""

    def __init__(self, address: str) -> None:
        self.lead_to(address)
        self.points: list[Point] = []
        self.seen: list[Seen] = []
        self.open = asyncio.Event()  # while it is not set, requests are held here
        self.open.set()
        self.watch: Callable[[Phase], None] = lambda _phase: None
        self.url = ""
        self._writers: set[asyncio.StreamWriter] = set()

    def lead_to(self, address: str) -> None:
        """Connect to another address from now on."""
        parts = urlsplit(address)
        self._to = (parts.hostname or "", parts.port or 0)

    def stop_at(
        self,
        method: str,
        path: str,
        phase: Phase,
        then: Callable[[], Awaitable[None]],
        *,
        nth: int = 1,
        is_cut: bool = True,
    ) -> Point:
        """Script a point."""
        point = Point(
            method=method, path=path, phase=phase, then=then, nth=nth, is_cut=is_cut
        )
        self.points.append(point)
        return point

    def count(self, method: str, path: str) -> int:
        """Count the requests that came so far."""
        return sum(
            seen.method == method and re.fullmatch(path, seen.path) is not None
            for seen in self.seen
        )

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Carry one connection."""
        bot, server = _Side(reader, writer), None
        self._writers.add(writer)
        try:
            is_open = True
            while is_open:
                head = await _read_head(reader)
                self._note(head)
                await self.open.wait()
                server = server or await self._connect()
                is_open = await self._carry(head, bot, server)
        except (Cut, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for side in (bot, server):
                if side is not None:
                    self._writers.discard(side.writer)
                    side.writer.transport.abort()

    async def _connect(self) -> "_Side":
        server = _Side(*await asyncio.open_connection(*self._to, limit=_HEAD_LIMIT))
        self._writers.add(server.writer)
        return server

    def _note(self, head: "_Head") -> None:
        now = datetime.now(UTC)
        self.seen.append(
            Seen(at=time.monotonic(), when=now, method=head.first[0], path=head.path)
        )

    def hang_up(self) -> None:
        """Cut every connection."""
        for writer in self._writers:
            writer.transport.abort()

    async def _carry(self, head: "_Head", bot: "_Side", server: "_Side") -> bool:
        """Carry a request and its answer; false when the connection is done with."""
        method, path = head.first[0], head.path
        point = next((p for p in self.points if p.is_for(method, path)), None)
        await self._reach(point, Phase.ASKED)
        server.writer.write(head.raw)
        async for piece, is_half in head.body(bot.reader, is_request=True):
            await server.send(piece)
            if is_half:
                await self._reach(point, Phase.HALF_ASKED)
        answer = await _read_head(server.reader)
        if answer.first[1] == "101":
            bot.writer.write(answer.raw)
            await _pipe_both(bot, server)
            return False
        pieces = answer.body(server.reader, is_request=False, method=method)
        if point is not None and point.phase is Phase.DONE:
            pieces = _again([pair async for pair in pieces])
        await self._reach(point, Phase.DONE)
        bot.writer.write(answer.raw)
        async for piece, is_half in pieces:
            await bot.send(piece)
            if is_half:
                await self._reach(point, Phase.HALF_TOLD)
        await bot.writer.drain()
        await self._reach(point, Phase.TOLD)
        return not (head.is_last or answer.is_last)

    async def _reach(self, point: Point | None, phase: Phase) -> None:
        self.watch(phase)
        if point is None or point.phase is not phase:
            return
        await point.then()
        point.reached.set()
        if point.is_cut:
            raise Cut


@dataclass(frozen=True)
class _Side:
    """One end of the line."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, piece: bytes) -> None:
        self.writer.write(piece)
        await self.writer.drain()


@dataclass(frozen=True)
class _Head:
    """The head of a request or an answer."""

    raw: bytes
    first: list[str]
    headers: dict[str, str]

    @property
    def path(self) -> str:
        is_multipart = self.headers.get("content-type", "").startswith("multipart/")
        return self.first[1].partition("?")[0] + (FILES if is_multipart else "")

    @property
    def is_last(self) -> bool:
        is_endless = self.first[0].startswith("HTTP/") and not (
            self._has_length or self.first[1] in {"204", "304"}
        )
        return self.headers.get("connection", "").lower() == "close" or is_endless

    @property
    def _has_length(self) -> bool:
        return "content-length" in self.headers or "transfer-encoding" in self.headers

    async def body(
        self, reader: asyncio.StreamReader, *, is_request: bool, method: str = ""
    ) -> AsyncIterator[tuple[bytes, bool]]:
        """Give the body in pieces; true with the piece that ends the first half."""
        if method == "HEAD" or self.first[1] in {"204", "304"}:
            return
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            async for pair in _chunks(reader):
                yield pair
        elif "content-length" in self.headers:
            async for pair in _counted(reader, int(self.headers["content-length"])):
                yield pair
        elif not is_request:
            while piece := await reader.read(_PIECE):
                yield piece, False


async def _read_head(reader: asyncio.StreamReader) -> _Head:
    raw = await reader.readuntil(b"\r\n\r\n")
    first, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return _Head(raw, first.split(" "), headers)


async def _counted(
    reader: asyncio.StreamReader, length: int
) -> AsyncIterator[tuple[bytes, bool]]:
    half = length // 2
    for size, is_first in ((half, True), (length - half, False)):
        left = size
        while left:
            piece = await reader.read(min(left, _PIECE))
            if not piece:
                raise Cut
            left -= len(piece)
            yield piece, is_first and not left


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[tuple[bytes, bool]]:
    is_first = True
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        yield line + await reader.readexactly(size + 2), is_first
        is_first = False
        if not size:
            return


async def _again(
    pairs: list[tuple[bytes, bool]],
) -> AsyncIterator[tuple[bytes, bool]]:
    for pair in pairs:
        yield pair


async def _pipe_both(bot: _Side, server: _Side) -> None:
    async with asyncio.TaskGroup() as tasks:
        ways = [
            tasks.create_task(_pipe(bot.reader, server)),
            tasks.create_task(_pipe(server.reader, bot)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()


async def _pipe(reader: asyncio.StreamReader, to: _Side) -> None:
    with suppress(OSError):
        while piece := await reader.read(_PIECE):
            await to.send(piece)


@asynccontextmanager
async def tap(address: str) -> AsyncIterator[Tap]:
    """Tap the line to the server at *address*; the bot uses `url` instead."""
    line = Tap(address)
    listening = await asyncio.start_server(
        line.serve, "127.0.0.1", 0, limit=_HEAD_LIMIT
    )
    line.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield line
    finally:
        listening.close()
        line.hang_up()
