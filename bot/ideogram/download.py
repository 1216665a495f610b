"""One picture from its address into a file: streamed, bounded, checked.

Nothing is trusted: the host, the redirects, the size, the length and the content are checked,
and the API key is never sent. One call is one try; whoever calls decides about the next.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urljoin

import httpx

from bot.errors import DownloadFailed, PictureExpired, PictureUnwelcome
from bot.ideogram.addresses import PictureHosts, expires_at
from bot.ideogram.http import FAILURES
from bot.ports.base import Clock
from bot.ports.files import Incoming

MAX_BYTES = 50 * 1024 * 1024

_TELLING = 12  # bytes: the longest of the signatures, WebP's
_MAX_REDIRECTS = 3
_TIMEOUTS = httpx.Timeout(connect=10.0, read=30.0, write=10.0, pool=60.0)
_OK = 200
# Which of them an expired address answers with is nowhere written; all say "not here".
_GONE = frozenset({403, 404, 410})
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloader:
    """Downloads pictures from allowed hosts."""

    http: httpx.AsyncClient
    hosts: PictureHosts
    clock: Clock
    time_limit: timedelta
    max_bytes: int = MAX_BYTES

    async def download(self, url: str, into: Incoming) -> str:
        """Stream the picture at *url* into *into*; give its content type.

        Raises: DownloadFailed, PictureExpired, PictureUnwelcome; *into* is unusable then.
        """
        try:
            async with (
                asyncio.timeout(self.time_limit.total_seconds()),
                self._open(url) as response,
            ):
                self._check_status(response, url)
                return await self._receive(response, into)
        except TimeoutError as error:
            raise DownloadFailed(
                "The picture took too long to download; it is tried again."
            ) from error
        except httpx.InvalidURL as error:
            raise PictureUnwelcome(
                "The picture's address is no web address."
            ) from error
        except FAILURES as error:
            raise DownloadFailed(
                "The picture's download was cut off; it is tried again."
            ) from error

    @asynccontextmanager
    async def _open(self, url: str) -> AsyncIterator[httpx.Response]:
        """Open *url*, following a few redirects to allowed hosts."""
        for _ in range(_MAX_REDIRECTS + 1):
            self._check_address(url)
            request = self.http.build_request(
                "GET", url, headers={"Accept-Encoding": "identity"}, timeout=_TIMEOUTS
            )
            response = await self.http.send(request, stream=True)
            try:
                if not response.has_redirect_location:
                    yield response
                    return
            finally:
                await response.aclose()
            url = _follow(url, response.headers["location"])
        raise DownloadFailed("The picture's address leads round and round.")

    def _check_address(self, url: str) -> None:
        complaint = self.hosts.complaint(url)
        if complaint:
            raise PictureUnwelcome(
                f"The picture's address {complaint}, so the bot does not download it. "
                "If it is right, whoever runs this bot adds the host to IDEOGRAM_IMAGE_HOSTS."
            )

    def _check_status(self, response: httpx.Response, url: str) -> None:
        """Refuse anything but 200; an `exp` in the past explains every other status."""
        status = response.status_code
        if status == _OK:
            return
        ends_at = expires_at(url)
        is_past = ends_at is not None and ends_at <= self.clock.now()
        if status in _GONE or is_past:
            raise PictureExpired(
                "The picture's address has expired; only drawing it again helps."
            )
        raise DownloadFailed(
            f"The picture's host answered with HTTP {status}; it is tried again."
        )

    async def _receive(self, response: httpx.Response, into: Incoming) -> str:
        expected = _length(response)
        if expected is not None and expected > self.max_bytes:
            raise self._too_large()
        beginning, content_type, received = b"", None, 0
        async for chunk in response.aiter_raw():
            received += len(chunk)
            if received > self.max_bytes:
                raise self._too_large()
            if content_type is None:
                beginning += chunk[:_TELLING]
                content_type = _recognise(beginning)
            await into.write(chunk)
        if content_type is None:
            raise DownloadFailed(
                "The picture's host sent nothing, or next to it; it is tried again."
            )
        if expected is not None and received != expected:
            raise DownloadFailed("The picture arrived cut short; it is tried again.")
        return content_type

    def _too_large(self) -> PictureUnwelcome:
        return PictureUnwelcome(
            f"The picture is larger than {self.max_bytes // 1024**2} MiB, "
            "so the bot does not keep it."
        )


def _follow(url: str, location: str) -> str:
    """Give where a redirect leads; what is no address is refused when it is checked."""
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def _length(response: httpx.Response) -> int | None:
    value = response.headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() else None


def _recognise(beginning: bytes) -> str | None:
    """Give the content type by the first bytes, whatever the headers claim.

    None while there are too few of them to tell.
    """
    if len(beginning) < _TELLING:
        return None
    for signature, content_type in _SIGNATURES:
        if beginning.startswith(signature):
            return content_type
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image/webp"
    raise DownloadFailed(
        "The picture's host sent something that is no picture; it is tried again."
    )
