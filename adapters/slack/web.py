"""Slack's Web API on one session; what goes wrong becomes an error of ours.

slack_sdk makes the calls. Files go out from disk in pieces, since its own upload holds
them whole in memory.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.identity import Identity
from adapters.slack.refusals import Refused, read_failure
from bot.errors import PlatformBusy, PlatformDown, StorageError, WrongInput

_CHUNK = 512 * 1024
_CALL_TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=10)
_UPLOAD_TIMEOUT = aiohttp.ClientTimeout(total=300, sock_connect=10, sock_read=60)
_SHORT = timedelta(seconds=5)  # a rate limit that is waited for in place, once
_OK = 200
_TOO_MANY = 429
_HOSTS = (".slack.com", ".slack-gov.com")
_NOT_HANDED_OVER = (
    "Slack did not hand the file over. Attach it once more in a channel that I am in; if "
    "that does not help, the app lacks the scope files:read."
)

log = logging.getLogger(__name__)


class SlackWeb:
    """The Web API with a bot token; open while entered."""

    def __init__(
        self,
        *,
        bot_token: str,
        base_url: str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot_token = bot_token
        self._base_url = base_url
        self._sleep = sleep
        self._stack = AsyncExitStack()
        self._identity: Identity | None = None

    @property
    def bot_token(self) -> str:
        """Give the token, for those who build on this client."""
        return self._bot_token

    @property
    def bot_name(self) -> str:
        """Give the name people invite the bot by."""
        return self._identity.bot_name if self._identity else "ideogram"

    async def __aenter__(self) -> Self:
        self._http = await self._stack.enter_async_context(
            aiohttp.ClientSession(timeout=_CALL_TIMEOUT)
        )
        self.client = self.make_client(token=self._bot_token)
        # Without its handlers slack_sdk sends nothing twice; what shares a file needs that.
        self._client_once = self.make_client(token=self._bot_token)
        self._client_once.retry_handlers = []
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    def make_client(self, *, token: str | None) -> AsyncWebClient:
        """Give a client of slack_sdk on this session."""
        return AsyncWebClient(
            token=token,
            base_url=self._base_url,
            session=self._http,
            logger=sdk_logger(),
        )

    async def sign_in(self) -> Identity:
        """Find out who the bot is. Raises: Refused, PlatformBusy, PlatformDown."""
        answer = await self.call("auth.test")
        self._identity = Identity(
            team_id=str(answer["team_id"]),
            bot_user_id=str(answer["user_id"]),
            bot_id=str(answer.get("bot_id") or ""),
            bot_name=str(answer.get("user") or "ideogram"),
            home=str(answer.get("url") or ""),
        )
        return self._identity

    async def call(
        self,
        method: str,
        *,
        is_sent_once: bool = False,
        token: str | None = None,
        **arguments: Any,
    ) -> dict[str, Any]:
        """Call a method; arguments that are None are left out, structures become JSON.

        Raises: Refused, PlatformBusy, PlatformDown (the outcome is not known).
        """
        form = {key: _as_text(value) for key, value in arguments.items()}
        try:
            return await self._call(method, form, is_sent_once, token)
        except PlatformBusy as busy:
            if busy.retry_after is None or busy.retry_after > _SHORT:
                raise
            await self._sleep(busy.retry_after.total_seconds())
            return await self._call(method, form, is_sent_once, token)

    async def _call(
        self,
        method: str,
        form: Mapping[str, str | None],
        is_sent_once: bool,
        token: str | None,
    ) -> dict[str, Any]:
        client = self._client_once if is_sent_once else self.client
        if token is not None:
            client = self.make_client(token=token)
        try:
            answer = await client.api_call(method, data=dict(form))
        except SlackApiError as error:
            raise _read_error(method, error) from error
        except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError) as error:
            raise PlatformDown(
                f"Slack cannot be reached ({type(error).__name__})."
            ) from error
        return cast("dict[str, Any]", answer.data)  # validated: ok is true

    async def upload(self, url: str, file: Path, *, length: int, kind: str) -> None:
        """Send a file's bytes to an upload URL, which is good for one use.

        Raises: PlatformBusy, PlatformDown, StorageError (the file cannot be read).
        """
        headers = {"Content-Type": kind, "Content-Length": str(length)}
        try:
            async with self._http.post(
                url,
                data=_chunks(file, length),
                headers=headers,
                timeout=_UPLOAD_TIMEOUT,
            ) as answer:
                # Read to its end, or the connection is not used again.
                await answer.read()
                if answer.status == _OK:
                    return
                failure = read_failure(
                    method="upload",
                    status=answer.status,
                    body={},
                    headers=answer.headers,
                )
        except (aiohttp.ClientError, TimeoutError) as error:
            raise PlatformDown(
                f"Slack did not take the picture's bytes ({type(error).__name__})."
            ) from error
        except OSError as error:
            raise StorageError("The kept picture cannot be read.") from error
        raise failure

    async def download(self, url: str, *, max_bytes: int) -> bytes:
        """Give a file of Slack's; the token goes to Slack's own hosts alone.

        Raises: WrongInput (too large, not to be had), PlatformDown, PlatformBusy.
        """
        if not is_own(url, self._base_url):
            raise WrongInput(_NOT_HANDED_OVER)
        headers = {"Authorization": f"Bearer {self._bot_token}"}
        try:
            async with self._http.get(
                url, headers=headers, allow_redirects=False, timeout=_CALL_TIMEOUT
            ) as answer:
                # Where the bot may not read, Slack shows the page to sign in at.
                if answer.status == _OK and answer.content_type != "text/html":
                    return await _read_within(answer, max_bytes)
                failure = read_failure(
                    method="download",
                    status=answer.status,
                    body={} if answer.status >= _TOO_MANY else {"error": "no_file"},
                    headers=answer.headers,
                )
        except (aiohttp.ClientError, TimeoutError) as error:
            raise PlatformDown(
                f"Slack did not hand the file over ({type(error).__name__})."
            ) from error
        if isinstance(failure, Refused):
            raise WrongInput(_NOT_HANDED_OVER)
        raise failure

    async def respond(self, url: str, message: Mapping[str, Any]) -> bool:
        """Post to a response URL; False when it takes nothing any more, or not this.

        Raises: PlatformDown.
        """
        try:
            async with self._http.post(url, json=message) as answer:
                said = await answer.text()  # or the connection is not used again
                return answer.status == _OK and not _is_no(said)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise PlatformDown(
                f"Slack cannot be reached ({type(error).__name__})."
            ) from error


def is_own(url: str, base_url: str) -> bool:
    """Say whether an address is one of Slack's, or of what stands in for it. Pure."""
    try:
        parts, base = urlsplit(url), urlsplit(base_url)
        if (parts.scheme, parts.netloc) == (base.scheme, base.netloc):
            return True
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_plain = parts.scheme == "https" and port in {None, 443}
    return is_plain and parts.username is None and host.endswith(_HOSTS)


def sdk_logger() -> logging.Logger:
    """Give the log of slack_sdk: its chatter holds what people typed."""
    logger = logging.getLogger("adapters.slack.sdk")
    logger.setLevel(logging.WARNING)
    return logger


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _is_no(said: str) -> bool:
    """Say whether a response URL's answer is `{"ok": false}`; a yes may be plain text."""
    try:
        answer = json.loads(said)
    except ValueError:
        return False
    return isinstance(answer, dict) and answer.get("ok") is False


def _read_error(
    method: str, error: SlackApiError
) -> Refused | PlatformBusy | PlatformDown:
    answer = error.response
    body = answer.data if hasattr(answer, "data") else {}
    status = (
        getattr(answer, "status_code", None) or getattr(answer, "status", None) or 0
    )
    failure = read_failure(
        method=method,
        status=int(status),
        body=body if isinstance(body, dict) else {},
        headers=dict(answer.headers),
    )
    return cast("Refused | PlatformBusy | PlatformDown", failure)  # its three outcomes


async def _read_within(answer: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    content = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        content += chunk
        if len(content) > max_bytes:
            raise WrongInput(
                f"The file is larger than {max_bytes // 1024**2} MiB. Split it."
            )
    return bytes(content)


async def _chunks(file: Path, length: int) -> AsyncIterator[bytes]:
    for at in range(0, length, _CHUNK):
        yield await asyncio.to_thread(_read, file, at)


def _read(file: Path, at: int) -> bytes:
    """Open, read and close in one trip to a thread: a trip costs more than all three."""
    with file.open("rb", buffering=0) as opened:
        opened.seek(at)
        return opened.read(_CHUNK)
