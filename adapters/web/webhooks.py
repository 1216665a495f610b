"""`POST /webhooks/ideogram`: Ideogram says that a generation is finished."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.errors import NotAllowed, ProviderError

log = logging.getLogger(__name__)

PATH = "/webhooks/ideogram"

TakeWebhook = Callable[[Mapping[str, str], bytes], Awaitable[None]]


def webhook_route(take: TakeWebhook) -> Route:
    """Give the route; *take* raises NotAllowed for what is not Ideogram's."""

    async def receive(request: Request) -> Response:
        try:
            body = await request.body()
        except ClientDisconnect:
            return Response(status_code=400)
        try:
            await take(request.headers, body)
        except NotAllowed as refused:
            log.warning("A webhook was refused", extra={"action": "webhook"})
            return PlainTextResponse(refused.text, status_code=401)
        except ProviderError as error:
            log.warning("A webhook waits: %s", error.text, extra={"action": "webhook"})
            return PlainTextResponse("Try again later.", status_code=503)
        return Response(status_code=200)

    return Route(PATH, receive, methods=["POST"])
