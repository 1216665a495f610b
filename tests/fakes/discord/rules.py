"""What Discord refuses: its error codes and the limits of a message. Pure but for `Refused`."""

import json
from typing import Any

from aiohttp import web

from tests.fakes.discord.bodies import Body
from tests.fakes.discord.world import MIB

REQUEST_LIMIT = 25 * MIB

_TEXTS = {
    0: "401: Unauthorized",
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10013: "Unknown User",
    10015: "Unknown Webhook",
    10062: "Unknown interaction",
    40005: "Request entity too large",
    40060: "Interaction has already been acknowledged.",
    40094: "This interaction has reached the maximum number of follow up messages.",
    50001: "Missing Access",
    50006: "Cannot send an empty message",
    50007: "Cannot send messages to this user",
    50013: "Missing Permissions",
    50024: "Cannot execute action on this channel type",
    50027: "Invalid Webhook Token",
    50035: "Invalid Form Body",
    160004: "A thread has already been created for this message",
}


class Refused(web.HTTPException):
    """An answer of Discord's that is no success."""

    def __init__(self, status: int, code: int, detail: str = "") -> None:
        self.status_code = status
        self.code = code
        body: dict[str, Any] = {"message": _TEXTS[code], "code": code}
        if detail:
            body["errors"] = {"_errors": [{"code": "INVALID", "message": detail}]}
        super().__init__(text=json.dumps(body), content_type="application/json")
        self.set_status(status)


def invalid(detail: str) -> Refused:
    return Refused(400, 50035, detail)


def check_message(body: Body, *, limit: int, creates: bool) -> None:
    """Raise Refused for a body that Discord would not take."""
    data = body.json or {}
    sizes = [len(f.content) for f in body.files.values()]
    if sum(sizes) > REQUEST_LIMIT or any(size > limit for size in sizes):
        raise Refused(413, 40005)
    if len(sizes) > 10:
        raise invalid("at most 10 files")
    if len(data.get("content") or "") > 2000:
        raise invalid("content: at most 2000 characters")
    _check_embeds(data.get("embeds") or [])
    _check_components(data.get("components") or [])
    for described in data.get("attachments") or []:
        if len(described.get("description") or "") > 1024:
            raise invalid("attachments: description of at most 1024 characters")
    if len(str(data.get("nonce") or "")) > 25:
        raise invalid("nonce: at most 25 characters")
    if creates and not (
        data.get("content") or data.get("embeds") or data.get("components") or sizes
    ):
        raise Refused(400, 50006)


def _check_embeds(embeds: list[dict[str, Any]]) -> None:
    total = 0
    for embed in embeds:
        fields = embed.get("fields") or []
        texts = [
            embed.get("title") or "",
            embed.get("description") or "",
            (embed.get("footer") or {}).get("text") or "",
            (embed.get("author") or {}).get("name") or "",
            *[f["name"] for f in fields],
            *[f["value"] for f in fields],
        ]
        total += sum(map(len, texts))
        if len(texts[0]) > 256 or len(texts[1]) > 4096 or len(texts[2]) > 2048:
            raise invalid("embeds: a text is too long")
        if len(fields) > 25 or any(
            not 1 <= len(f["name"]) <= 256 or not 1 <= len(f["value"]) <= 1024
            for f in fields
        ):
            raise invalid("embeds: a field is too long, empty or one too many")
    if total > 6000 or len(embeds) > 10:
        raise invalid("embeds: at most 6000 characters in all")


def _check_components(rows: list[dict[str, Any]]) -> None:
    parts = [part for row in rows for part in row.get("components", [])]
    ids = [part["custom_id"] for part in parts if "custom_id" in part]
    if len(rows) > 5 or any(len(row.get("components", [])) > 5 for row in rows):
        raise invalid("components: at most 5 rows of 5")
    if len(set(ids)) != len(ids):
        raise invalid("components: a custom_id is used twice")
    if any(not 1 <= len(custom_id) <= 100 for custom_id in ids):
        raise invalid("components: custom_id of 1 to 100 characters")
    if any(len(part.get("label") or "") > 80 for part in parts):
        raise invalid("components: label of at most 80 characters")
