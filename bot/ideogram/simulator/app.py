"""The simulator's paths: Ideogram's own, the bearer proxy's and Pixazo's, all at once.

Each takes the key in its own header and complains in its own words. Behind them is one
studio.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.ideogram.simulator.checks import (
    Asked,
    Invalid,
    read_legacy,
    read_v2,
    read_v3,
)
from bot.ideogram.simulator.faults import Fault, Received
from bot.ideogram.simulator.replies import CutOff, Silence, problem, reply, stream
from bot.ideogram.simulator.studio import Studio

Endpoint = Callable[[Request], Awaitable[Response]]
Read = Callable[[Any], Asked]

_KEY_HEADERS = ("api-key", "authorization", "ocp-apim-subscription-key")
_PROHIBITED = (
    "Prompt provided failed safety check due to the inclusion of prohibited content."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Door:
    """One way in: the key's header, and how complaints are worded."""

    header: str
    prefix: str = ""
    model: str | None = None  # the only one behind this door

    def refuse_key(self, request: Request, api_key: str) -> Response | None:
        given = request.headers.get(self.header)
        if given == f"{self.prefix}{api_key}":
            return None
        match self.header:
            case "authorization":
                body = {
                    "code": "invalid_token",
                    "message": "Invalid token",
                    "data": None,
                }
                return reply(body, 401)
            case "ocp-apim-subscription-key":
                return reply({"error": "Invalid or missing authentication"}, 401)
            case _ if given is None:
                return problem(401, "No authorization token provided")
            case _:
                said = "Access denied. Please verify your API Token is valid."
                return reply({"message": said}, 401)

    def check(self, asked: Asked) -> Asked:
        if self.model and asked.model.name != self.model:
            raise Invalid(f"Only {self.model} is served here.")
        return asked

    def refuse(self, complaint: Invalid) -> Response:
        if self.header == "ocp-apim-subscription-key":
            return reply({"error": "Invalid request parameters"}, 400)
        if complaint.is_schema:
            return problem(400, complaint.detail)
        return reply({"error": complaint.detail}, 400)


_OFFICIAL = _Door(header="api-key")
_BEARER = _Door(header="authorization", prefix="Bearer ")
_PIXAZO = _Door(header="ocp-apim-subscription-key", model="V_2")
_PIXAZO_TURBO = _Door(header="ocp-apim-subscription-key", model="V_2_TURBO")


def create_app(studio: Studio) -> Starlette:
    """Give the simulated service as an ASGI application."""
    ways: list[tuple[str, _Door, Read]] = [
        ("/generate", _OFFICIAL, read_legacy),
        ("/v1/ideogram-v3/generate", _OFFICIAL, read_v3),
        ("/v2/image/generate/ideogram-4-5", _OFFICIAL, read_v2),
        ("/ideogram/generate", _BEARER, read_legacy),
        ("/ideogram/v1/ideogram-v3/generate", _BEARER, read_v3),
        ("/ideogramV_2/v1/generate", _PIXAZO, read_legacy),
        ("/ideogramV_2_Turbo/v1/generate", _PIXAZO_TURBO, read_legacy),
    ]
    return Starlette(
        routes=[
            *(Route(p, _generate(studio, d, r), methods=["POST"]) for p, d, r in ways),
            Route(
                "/ai-model-api-polling/getGenerationResults",
                _poll(studio),
                methods=["POST"],
            ),
            Route("/v1/generations/{generation_id}", _generation(studio)),
            Route("/v2/generations/{generation_id}", _generation(studio)),
            Route("/v1/.well-known/jwks.json", _keys(studio)),
            Route("/api/images/ephemeral/{name}", _download(studio)),
        ]
    )


def _generate(studio: Studio, door: _Door, read: Read) -> Endpoint:
    async def generate(request: Request) -> Response:
        payload = await _receive(studio, request)
        refusal = door.refuse_key(request, studio.api_key) or _refuse_type(request)
        if refusal:
            return refusal
        try:
            asked = door.check(read(payload))
        except Invalid as complaint:
            return door.refuse(complaint)
        if studio.drawing >= studio.max_in_flight:
            return reply(_busy(studio), 429)
        studio.in_flight += 1
        studio.most_in_flight = max(studio.most_in_flight, studio.in_flight)
        try:
            return await _work(studio, door, asked, str(request.base_url))
        finally:
            studio.in_flight -= 1

    return generate


async def _work(studio: Studio, door: _Door, asked: Asked, base_url: str) -> Response:
    """Give the answer to a valid request, spoilt by the next fault if there is one."""
    fault = _next(studio.faults.generate)
    if not asked.is_async:
        await asyncio.sleep(studio.delay.total_seconds())
    await fault.wait()
    if "prohibited" in asked.prompt.lower() and fault == Fault():
        return reply({"error": _PROHIBITED}, 422)
    answer = studio.answer(asked, base_url)
    if asked.is_async:
        ticket = studio.take_ticket(answer, takes=studio.delay)
        answer = {"generation_id": ticket, "seed": answer["data"][0]["seed"]}
    elif door.model and studio.polls is not None:
        answer = {"job_set_id": studio.take_ticket(answer)}
    return _spoil(fault, answer)


def _poll(studio: Studio) -> Endpoint:
    async def poll(request: Request) -> Response:
        payload = await _receive(studio, request)
        refusal = _PIXAZO.refuse_key(request, studio.api_key) or _refuse_type(request)
        if refusal:
            return refusal
        ticket = payload.get("job_set_id") if isinstance(payload, dict) else None
        if not isinstance(ticket, str):
            return reply({"error": "Invalid request parameters"}, 400)
        answer = studio.poll(ticket)
        if answer is None:
            return reply({"error": "Endpoint not found"}, 404)
        fault = _next(studio.faults.poll)
        await fault.wait()
        status = "completed" if answer else "processing"
        return _spoil(fault, {"job_set_id": ticket, "status": status, **answer})

    return poll


def _generation(studio: Studio) -> Endpoint:
    async def generation(request: Request) -> Response:
        await _receive(studio, request)
        if refusal := _OFFICIAL.refuse_key(request, studio.api_key):
            return refusal
        generation_id = request.path_params["generation_id"]
        answer = studio.poll(generation_id)
        if answer is None:
            return reply({"error": "Generation not found."}, 404)
        fault = _next(studio.faults.poll)
        await fault.wait()
        created = studio.clock.now().isoformat(timespec="microseconds")
        stands: dict[str, Any] = {"generation_id": generation_id, "created": created}
        if not answer:
            return _spoil(fault, {**stands, "status": "pending"})
        done = {"status": "completed", "response_type": "url", "data": answer["data"]}
        return _spoil(fault, stands | done)

    return generation


def _keys(studio: Studio) -> Endpoint:
    async def keys(_request: Request) -> Response:
        return reply({"keys": studio.keys})

    return keys


def _download(studio: Studio) -> Endpoint:
    async def download(request: Request) -> Response:
        await _receive(studio, request)
        if any(name in request.headers for name in _KEY_HEADERS):
            return reply({"error": "A picture's address takes no key."}, 400)
        picture_id = request.path_params["name"].removesuffix(".png")
        exp, sig = (request.query_params.get(name, "") for name in ("exp", "sig"))
        if not studio.is_signed(picture_id, exp, sig):
            return reply({"error": "The address has expired."}, 403)
        picture = studio.picture(picture_id)
        if picture is None:
            return reply({"error": "Not found."}, 404)
        fault = _next(studio.faults.download)
        await fault.wait()
        if fault.is_silent:
            return Silence()
        body = await asyncio.to_thread(studio.draw, picture)
        return _spoil_picture(fault, body)

    return download


async def _receive(studio: Studio, request: Request) -> Any:
    """Note the request; give its JSON, None when it is none."""
    try:
        payload = json.loads(await request.body())
    except ValueError:
        payload = None
    studio.received.append(
        Received(path=request.url.path, headers=dict(request.headers), body=payload)
    )
    return payload


def _refuse_type(request: Request) -> Response | None:
    given = request.headers.get("content-type", "")
    if given.split(";")[0].strip().lower() == "application/json":
        return None
    return problem(415, f"Invalid Content-type ({given}), expected JSON data")


def _busy(studio: Studio) -> dict[str, Any]:
    return {
        "error": "Too many requests in flight.",
        "reject_reason": "inflight_limit",
        "max_inflight_requests": studio.max_in_flight,
        "task_completion_speed": "fast",
    }


def _next(faults: deque[Fault]) -> Fault:
    return faults.popleft() if faults else Fault()


def _spoil(fault: Fault, answer: dict[str, Any]) -> Response:
    if fault.is_silent:
        return Silence()
    payload = fault.alter(answer) if fault.alter else answer
    if fault.body is not None:
        payload = fault.body
    whole = reply(payload, fault.status or 200, fault.headers)
    if fault.cut_after is None:
        return whole
    return CutOff(whole, bytes(whole.body), fault.cut_after)


def _spoil_picture(fault: Fault, picture: bytes) -> Response:
    if fault.status is not None:
        return reply(fault.body or {"error": "spoilt"}, fault.status, fault.headers)
    body = picture if fault.body is None else fault.body
    whole = stream(body, "image/png")
    whole.headers.update(fault.headers)
    if fault.cut_after is None:
        return whole
    return CutOff(whole, body, fault.cut_after)
