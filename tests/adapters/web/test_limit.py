"""No body is read beyond a limit, in size or in time."""

import asyncio
from datetime import timedelta

import pytest
from starlette.exceptions import HTTPException

from adapters.web.limit import MOST_BYTES, LimitedBody


async def read_all(scope, receive, send):
    """An app that wants the whole body, and then the end of the connection."""
    while (await receive()).get("more_body"):
        pass


def asked(app, pieces, path="/", **options):
    """Give the request to a limited *app*; a piece that is None never comes."""
    rest = iter(pieces)

    async def receive():
        piece = next(rest)
        if piece is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": piece, "more_body": True}

    return LimitedBody(app, **options)({"path": path}, receive, None)


async def test_a_long_body_is_not_read_to_its_end():
    with pytest.raises(HTTPException) as refused:
        await asked(read_all, [b"x" * MOST_BYTES, b"x"])

    assert refused.value.status_code == 413


async def test_some_paths_take_more():
    pieces = iter([b"x" * MOST_BYTES, b"x", b"x", b"never read"])

    with pytest.raises(HTTPException) as refused:
        await asked(read_all, pieces, "/large", larger={"/large": MOST_BYTES + 1})

    assert refused.value.status_code == 413
    assert list(pieces) == [b"never read"]


async def test_half_a_body_is_not_waited_for():
    """A stranger could hold every connection there is."""
    with pytest.raises(HTTPException) as refused:
        await asked(read_all, [b"x", None], within=timedelta(milliseconds=20))

    assert refused.value.status_code == 408


async def test_what_comes_after_the_body_may_take_its_time():
    """A stream ends when whoever listens leaves."""
    left = asyncio.Event()

    async def stream(_scope, receive, _send):
        await receive()
        await receive()

    async def receive():
        if not left.is_set():
            left.set()
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.sleep(0.05)
        return {"type": "http.disconnect"}

    limited = LimitedBody(stream, within=timedelta(milliseconds=1))
    await limited({"path": "/events"}, receive, None)
