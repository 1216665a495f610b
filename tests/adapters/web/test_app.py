"""What is served over HTTP, with and without the page."""

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from adapters.web.app import create_app
from adapters.web.health import Connection, Health
from tests.adapters.web.doubles import Site

OK = Health(is_worker_running=True, queued=2)


async def get(app, path, *, method="GET", **headers):
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://bot.example"
    ) as client:
        return await client.request(method, path, headers=headers)


async def _events(_request):
    return PlainTextResponse("taken")


EVENTS = Route("/slack/events", _events, methods=["POST"])


async def test_without_the_page_there_is_health_and_nothing_else():
    app = create_app(health=lambda: OK)

    assert (await get(app, "/healthz")).json()["jobs"] == {"queued": 2, "running": 0}
    assert (await get(app, "/")).status_code == 404


async def test_health_may_be_asked_of_the_database():
    async def look() -> Health:
        return Health(is_worker_running=True, slack=Connection.CONNECTING)

    answer = await get(create_app(health=look), "/healthz")

    assert answer.status_code == 503
    assert answer.json()["status"] == "starting"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/healthz", "/slack/events"])
async def test_what_others_call_is_not_guarded_as_the_page_is(tmp_path, path):
    """Slack and load balancers come by public names."""
    site = Site(tmp_path)
    app = create_app(health=lambda: OK, chat=site.page, extra_routes=[EVENTS])
    method = "POST" if path == "/slack/events" else "GET"

    answer = await get(app, path, method=method, origin="https://slack.example")

    assert answer.status_code == 200
    assert (await get(app, "/")).status_code == 403


@pytest.mark.parametrize(("size", "status"), [(1024 * 1024, 200), (1_100_000, 413)])
async def test_a_body_without_end_is_not_read(size, status):
    """A stranger's body must be read before its signature proves false."""

    async def take(request):
        return PlainTextResponse(str(len(await request.body())))

    async def body():
        for start in range(0, size, 65536):
            yield b"x" * min(65536, size - start)

    route = Route("/slack/events", take, methods=["POST"])
    transport = httpx.ASGITransport(
        app=create_app(health=lambda: OK, extra_routes=[route])
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
        answer = await client.post("/slack/events", content=body())

    assert answer.status_code == status
