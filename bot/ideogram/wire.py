"""What all of Ideogram's wire formats share: a call's parts going out, an answer coming in.

Pure. Answers are read leniently, for gateways leave out and add what they like; what is no
picture becomes an error in `complaints.py`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.drawing import Drawn, DrawnImage, Ticket
from bot.domain.request import MAX_COUNT, MAX_SEED, ImageRequest
from bot.domain.text import encodable
from bot.errors import NothingDrawn, ProviderDown
from bot.ideogram import complaints, resolutions

_FAILED = frozenset({"failed", "error", "cancelled", "canceled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call to make: the path below the route's own, and the JSON body."""

    path: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """How a ticket is asked for: a whole address, and a JSON body where it is a POST."""

    address: str
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer as it arrived; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def palette_body(palette: str) -> dict[str, Any]:
    """Give the `color_palette` object for a preset's name or `#RRGGBB:weight,…`."""
    if not palette.startswith("#"):
        return {"name": palette}
    return {"members": [_member(part) for part in palette.split(",")]}


def _member(part: str) -> dict[str, Any]:
    color, _, weight = part.strip().partition(":")
    member: dict[str, Any] = {"color_hex": color}
    if weight:
        member["color_weight"] = float(weight)
    return member


def read_answer(
    answer: Answer, request: ImageRequest, *, provider: str, now: datetime
) -> Drawn | Ticket:
    """Give the pictures, or the ticket to ask for them with.

    Raises: ProviderError, by what the answer complains of.
    """
    payload = _read_json(answer.body)
    if not _is_success(answer):
        raise complaints.read_failure(
            answer.status, answer.headers, payload, provider=provider, now=now
        )
    if not isinstance(payload, dict):
        raise ProviderDown(
            f"{provider} answered with something that is no JSON. "
            "Whether it was charged is not known; try again in a moment."
        )
    items = payload.get("data")
    if isinstance(items, list):
        return _read_items(items, request, provider)
    if ticket := payload.get("job_set_id") or payload.get("generation_id"):
        return Ticket(id=str(ticket), request=request)
    raise complaints.read_false_success(payload, provider=provider)


def read_poll(
    answer: Answer, request: ImageRequest, *, provider: str, now: datetime
) -> Drawn | None:
    """Give the pictures of a ticket; None while they are being drawn.

    Raises: ProviderError.
    """
    payload = _read_json(answer.body)
    status = ""
    if isinstance(payload, dict):
        status = str(payload.get("status", "")).lower()
    if _is_success(answer) and status in _FAILED:
        raise complaints.read_failed_ticket(payload, provider=provider)
    if status != "completed" and _is_success(answer) and _is_pending(payload):
        return None
    read = read_answer(answer, request, provider=provider, now=now)
    if isinstance(read, Ticket):
        raise NothingDrawn(
            f"{provider} reports a finished drawing and delivered no picture."
        )
    return read


def _is_success(answer: Answer) -> bool:
    return answer.status // 100 == 2  # noqa: PLR2004 - the HTTP class of successes


def _is_pending(payload: Any) -> bool:
    """Say whether a poll's answer names its ticket and brings no pictures yet."""
    return (
        isinstance(payload, dict)
        and not payload.get("data")
        and not {"status", "job_set_id", "generation_id"}.isdisjoint(payload)
    )


def _read_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # the latter: nested a thousand deep
        return None


def _read_items(items: list[Any], request: ImageRequest, provider: str) -> Drawn:
    pictures = [item for item in items if isinstance(item, dict)][:MAX_COUNT]
    images = tuple(_read_item(item, request) for item in pictures)
    if not images:
        raise NothingDrawn(
            f"{provider} reports success and delivered no picture. "
            "Change the prompt a little and try again."
        )
    return Drawn(images=images)


def _read_item(item: Mapping[str, Any], request: ImageRequest) -> DrawnImage:
    is_safe = item.get("is_image_safe") is not False
    return DrawnImage(
        url=_text(item.get("url")),
        prompt=_text(item.get("prompt")) or request.sent_prompt,
        seed=_read_seed(item.get("seed"), request),
        resolution=_text(item.get("resolution")) or _expected_size(request),
        is_safe=is_safe,
        style_type=_text(item.get("style_type")),
    )


def _text(value: Any) -> str | None:
    if not isinstance(value, str) or not value:
        return None
    return encodable(value)


def _read_seed(value: Any, request: ImageRequest) -> int:
    """Give the seed drawn; what Ideogram would not take back is none."""
    if isinstance(value, str) and re.fullmatch("[0-9]{1,10}", value):
        value = int(value)
    if type(value) is int and 0 <= value <= MAX_SEED:
        return value
    return request.seed or 0


def _expected_size(request: ImageRequest) -> str:
    return request.resolution or resolutions.size_of(
        request.aspect_ratio, request.model
    )
