"""Everything that is served over HTTP, put together.

`/healthz` is always there; the chat page in the sandbox only; other adapters hand in
their routes. Those come first and are no part of the page: its guard is not theirs.
"""

from collections.abc import Awaitable, Callable, Sequence
from inspect import isawaitable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from adapters.web.guard import Guard
from adapters.web.health import Health
from adapters.web.limit import LimitedBody
from adapters.web.page import MAX_BODY, SEND, ChatPage

LookAtHealth = Callable[[], Health | Awaitable[Health]]


def create_app(
    *,
    health: LookAtHealth,
    chat: ChatPage | None = None,
    host: str = "127.0.0.1",
    extra_routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """Give the application; *host* is HTTP_HOST, a name the page may be opened under."""
    routes = [Route("/healthz", _healthz(health)), *extra_routes]
    if chat:
        page = Guard(chat.app(), host=host)
        routes.append(Mount("/", app=page))
    larger = {SEND: MAX_BODY} if chat else {}
    return Starlette(routes=routes, middleware=[Middleware(LimitedBody, larger=larger)])


def _healthz(health: LookAtHealth) -> Callable[[Request], Awaitable[Response]]:
    async def healthz(_request: Request) -> Response:
        found = health()
        now = await found if isawaitable(found) else found
        return JSONResponse(
            now.as_json(),
            status_code=now.http_status,
            headers={"Cache-Control": "no-store"},
        )

    return healthz
