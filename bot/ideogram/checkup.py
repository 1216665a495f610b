"""What can be found out about Ideogram without a paid call.

Ideogram's own API is asked for a generation that nobody has: that costs nothing, and a
wrong key is refused. Gateways have no such question, so there only an answer counts.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

import httpx

from bot.domain.checkup import Finding, clock, fail, ok, warn
from bot.domain.models import RouteName
from bot.ideogram.http import FAILURES
from bot.ideogram.routes import Route

_NAME, _CLOCK = "Ideogram", "Ideogram clock"
_NOBODYS = "/v1/generations/00000000-0000-0000-0000-000000000000"
_REFUSALS = (401, 403)
_SERVER_ERROR = 500
_PAID_ONLY = "Whether the account has money shows with the first picture."


async def check_route(
    http: httpx.AsyncClient, route: Route, *, now: Callable[[], datetime]
) -> Sequence[Finding]:
    """Judge the way to Ideogram: there, and the key not refused."""
    is_own = route.name is RouteName.OFFICIAL
    try:
        if is_own:
            address = f"{route.base_url}{_NOBODYS}"
            answer = await http.get(address, headers=route.headers)
        else:
            answer = await http.get(route.base_url)  # without the key
    except FAILURES as error:
        return [
            fail(
                _NAME,
                f"{route.host} cannot be reached ({type(error).__name__}).",
                "Check the network, the proxy and IDEOGRAM_BASE_URL.",
            )
        ]
    found = judge(route, answer.status_code)
    return [found, clock(_CLOCK, answer.headers.get("date"), now())]


def judge(route: Route, status: int) -> Finding:
    """Judge an answer's status. Pure."""
    if status >= _SERVER_ERROR:
        told = f"{route.host} answers with status {status}."
        return warn(_NAME, told, "Try again in a moment; it has trouble of its own.")
    if route.name is not RouteName.OFFICIAL:
        return ok(
            _NAME,
            f"{route.host} answers. This route has no free call that would tell whether "
            "the key is right.",
        )
    if status in _REFUSALS:
        return fail(
            _NAME,
            f"{route.host} refuses the key (status {status}); so it does when the account "
            "has no money.",
            "Look at https://ideogram.ai/manage-api, then set IDEOGRAM_API_KEY anew.",
        )
    return ok(_NAME, f"{route.host} answers and does not refuse the key. {_PAID_ONLY}")
