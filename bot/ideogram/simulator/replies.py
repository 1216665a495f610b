"""The simulator's HTTP answers: good ones, errors in the service's many shapes, broken ones."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

_CHUNK = 64 * 1024
_TITLES: Mapping[int, str] = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    415: "Unsupported Media Type",
}


def reply(
    payload: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Give a JSON answer, keys sorted; bytes go out as they are."""
    if isinstance(payload, bytes):
        return Response(payload, status, headers, media_type="text/html")
    body = json.dumps(payload, sort_keys=True, ensure_ascii=False).encode()
    return Response(body, status, headers, media_type="application/json")


def problem(status: int, detail: str) -> Response:
    """Give an RFC 7807 problem, as the service's framework words them."""
    body = {
        "type": "about:blank",
        "title": _TITLES[status],
        "detail": detail,
        "status": status,
    }
    return Response(json.dumps(body), status, media_type="application/problem+json")


def stream(body: bytes, content_type: str) -> Response:
    """Give bytes in pieces, with their length announced."""

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), _CHUNK):
            yield body[start : start + _CHUNK]

    headers = {"Content-Length": str(len(body))}
    return StreamingResponse(pieces(), headers=headers, media_type=content_type)


class CutOff(Response):
    """An answer whose connection ends after *share* (0 to 1) of its body."""

    def __init__(self, whole: Response, body: bytes, share: float) -> None:
        headers = {
            k: v for k, v in whole.headers.items() if k.lower() != "content-length"
        }
        super().__init__(b"", whole.status_code, headers)
        self.headers["Content-Length"] = str(len(body))
        self._part = body[: int(len(body) * share)]

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the beginning and return: the server then closes the connection."""
        start = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        await send(start)
        part = {"type": "http.response.body", "body": self._part, "more_body": True}
        await send(part)


class Silence(Response):
    """No answer at all, until whoever asked hangs up."""

    async def __call__(self, _scope: Scope, receive: Receive, _send: Send) -> None:
        """Wait for the end of the connection."""
        while (await receive())["type"] != "http.disconnect":
            pass
