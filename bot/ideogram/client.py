"""Ideogram over one route: the port `ImageService` on HTTP.

A paid call is sent exactly once; whether it is sent again is decided by the job. What went
out and what came back is decided in the pure modules beside this one.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx

from bot.domain.drawing import Drawn, Ticket
from bot.domain.models import Models
from bot.domain.request import ImageRequest
from bot.errors import (
    NothingDrawn,
    NotSent,
    ProviderBusy,
    ProviderDown,
    RequestRejected,
)
from bot.ideogram import routes, wire
from bot.ideogram.addresses import picture_hosts
from bot.ideogram.arrivals import Arrivals, sleep_until_news
from bot.ideogram.download import Downloader
from bot.ideogram.http import FAILURES, was_not_sent
from bot.ideogram.routes import Route
from bot.ports.base import Clock
from bot.ports.files import Incoming

log = logging.getLogger(__name__)

_CONNECT_S = 10.0
_FREE_CONNECTION_S = 30.0  # aiohttp counts connecting in, so it is the longer one
_LARGEST_ANSWER = 4 * 1024 * 1024  # eight expanded prompts are some 20 KB
_FIRST_POLL_S = 1.0
_LONGEST_POLL_S = 10.0
_DOWNLOAD_TIME = timedelta(minutes=2)


class IdeogramClient:
    """Draws, waits and downloads over *route*.

    *http* comes from `make_http`, belongs to the caller and carries no key of its own;
    *timeout* bounds one generation, polling included; news in *arrivals* shortens it, which
    *webhook_url* is to bring.
    """

    def __init__(
        self,
        *,
        route: Route,
        models: Models,
        http: httpx.AsyncClient,
        clock: Clock,
        timeout: timedelta = timedelta(minutes=3),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        arrivals: Arrivals | None = None,
        webhook_url: str | None = None,
    ) -> None:
        self._route = route
        self._models = models
        self._http = http
        self._clock = clock
        self._seconds = timeout.total_seconds()
        self._sleep = sleep
        self._arrivals = arrivals or Arrivals()
        self._webhook_url = webhook_url
        self._timeouts = _timeouts(self._seconds)
        self._downloader = Downloader(
            http=http,
            hosts=picture_hosts(route),
            clock=clock,
            time_limit=_DOWNLOAD_TIME,
        )

    async def draw(self, request: ImageRequest) -> Drawn | Ticket:
        """Make one paid call; it is sent once, whatever the answer.

        Raises: ProviderError; ProviderBusy and NotSent mean that nothing was drawn.
        """
        model = self._models.get(request.model)
        if model is None or not self._route.serves(request.model):
            raise RequestRejected(
                f"{self._route.provider} does not offer the model {request.model}. "
                "Nothing was charged; choose another one with --model."
            )
        call = routes.build_call(request, model, webhook_url=self._webhook_url)
        address = self._route.address(call, request.model)
        answer = await self._ask(wire.Question(address=address, body=call.body))
        return wire.read_answer(
            answer, request, provider=self._route.provider, now=self._clock.now()
        )

    async def collect(self, ticket: Ticket) -> Drawn:
        """Wait for a call that answered with a ticket; costs nothing more.

        Raises: ProviderError; ProviderDown when it is not drawn within the time limit.
        """
        try:
            async with asyncio.timeout(self._seconds):
                return await self._poll_until_drawn(ticket)
        except TimeoutError as error:
            raise ProviderDown(
                f"{self._route.provider} has not drawn the picture within "
                f"{self._seconds:.0f} seconds. It is asked for again without being paid again."
            ) from error

    async def download(self, url: str, into: Incoming) -> str:
        """Stream the picture at *url* into *into*; give its content type (`image/png`).

        Raises: DownloadFailed, PictureExpired, PictureUnwelcome.
        """
        return await self._downloader.download(url, into)

    async def _poll_until_drawn(self, ticket: Ticket) -> Drawn:
        """Ask again and again, less and less often, and at news. Raises: TimeoutError."""
        wait, left = _FIRST_POLL_S, self._seconds
        with self._arrivals.expecting(ticket.id) as news:
            while left > 0:
                drawn = await self._poll(ticket)
                if drawn is not None:
                    return drawn
                await sleep_until_news(news, wait, self._sleep)
                left -= wait
                wait = min(2 * wait, _LONGEST_POLL_S)
        raise TimeoutError

    async def _poll(self, ticket: Ticket) -> Drawn | None:
        """Ask once; None also after a failure that asking again may mend."""
        request = ticket.request or ImageRequest(prompt="", model="")
        try:
            answer = await self._ask(self._route.question(ticket))
            return wire.read_poll(
                answer, request, provider=self._route.provider, now=self._clock.now()
            )
        except (ProviderBusy, ProviderDown, NotSent) as error:
            log.warning(
                "Asking for a drawing failed, asking again: %s",
                type(error).__name__,
                extra={"action": "collect"},
            )
            return None
        except RequestRejected as error:
            raise NothingDrawn(
                f"{self._route.provider} took the request and then did not know it any "
                "more; it may have been charged. Try again in a moment."
            ) from error

    async def _ask(self, question: wire.Question) -> wire.Answer:
        """Send once, with the key. Raises: NotSent, ProviderDown."""
        provider = self._route.provider
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._http.stream(
                    "GET" if question.body is None else "POST",
                    question.address,
                    json=question.body,
                    headers=self._route.headers,
                    timeout=self._timeouts,
                ) as response,
            ):
                log.info(
                    "%s answered with HTTP %d",
                    provider,
                    response.status_code,
                    extra={"action": "call"},
                )
                return await self._read(response)
        except TimeoutError as error:
            raise ProviderDown(
                f"{provider} gave no answer within {self._seconds:.0f} seconds. "
                "Whether it was charged is not known; try again in a moment."
            ) from error
        except FAILURES as error:
            if was_not_sent(error):
                raise NotSent(
                    f"{provider} cannot be reached. "
                    "Nothing was sent and nothing charged; try again in a moment."
                ) from error
            raise ProviderDown(
                f"The connection to {provider} broke before the answer. "
                "Whether it was charged is not known; try again in a moment."
            ) from error

    async def _read(self, response: httpx.Response) -> wire.Answer:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _LARGEST_ANSWER:
                raise ProviderDown(
                    f"{self._route.provider} answered with far more than an answer. "
                    "Whether it was charged is not known; try again in a moment."
                )
        return wire.Answer(
            status=response.status_code,
            headers={k.lower(): v for k, v in response.headers.items()},
            body=bytes(body),
        )


def _timeouts(seconds: float) -> httpx.Timeout:
    """Give the limits of each phase; those before sending end well within the whole."""
    return httpx.Timeout(
        connect=min(_CONNECT_S, seconds / 2),
        read=seconds,
        write=_CONNECT_S,
        pool=min(_FREE_CONNECTION_S, seconds / 2),
    )
