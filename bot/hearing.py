"""Ideogram's webhooks, put together: where the route is Ideogram's own, they are heard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.routing import BaseRoute

from adapters.web.webhooks import webhook_route
from bot.callbacks.incoming import KeyRing, Webhooks
from bot.clock import SystemClock
from bot.domain.models import RouteName
from bot.errors import ProviderError
from bot.ideogram.arrivals import Arrivals
from bot.ideogram.http import FAILURES, make_http
from bot.ideogram.routes import Route, make_route
from bot.settings import Settings

_KEYS_PATH = "/v1/.well-known/jwks.json"
_LARGEST_KEYS = 64 * 1024
_TIME_LIMIT_S = 10.0
_OK = 200


@asynccontextmanager
async def open_webhooks(
    settings: Settings, arrivals: Arrivals
) -> AsyncIterator[list[BaseRoute]]:
    """Give the routes to serve; gateways and the sandbox send no webhooks."""
    if settings.ideogram_route is not RouteName.OFFICIAL:
        yield []
        return
    key = settings.ideogram_api_key
    route = make_route(
        settings.ideogram_route,
        key=key.get_secret_value() if key else "",
        base_url=settings.ideogram_base_url,
    )
    clock = SystemClock()
    async with make_http() as http:
        keys = KeyRing(
            fetch=lambda: fetch_keys(http, route),
            clock=clock,
        )
        hooks = Webhooks(keys=keys, announce=arrivals.announce, clock=clock)
        yield [webhook_route(hooks.take)]


async def fetch_keys(http: httpx.AsyncClient, route: Route) -> bytes:
    """Give the keys that webhooks are signed with. Raises: ProviderError."""
    body, url = bytearray(), f"{route.base_url}{_KEYS_PATH}"
    getting = http.stream("GET", url, headers=route.headers)
    try:
        async with asyncio.timeout(_TIME_LIMIT_S), getting as response:
            if response.status_code != _OK:
                raise ProviderError("Ideogram's keys are not to be had.")
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _LARGEST_KEYS:
                    raise ProviderError("Ideogram's keys are far too long.")
    except (TimeoutError, *FAILURES) as error:
        raise ProviderError("Ideogram's keys are not to be had.") from error
    return bytes(body)
