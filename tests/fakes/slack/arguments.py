"""Arguments of the Web API methods the double knows, and the checks Slack makes.

Names and kinds follow the method pages of docs.slack.dev.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import web


class SlackError(Exception):
    """An `ok: false` answer."""

    def __init__(self, error: str, **fields: Any) -> None:
        super().__init__(error)
        self.error = error
        self.fields = fields


@dataclass(frozen=True)
class Method:
    """What a method takes; `json` tells whether it reads JSON bodies."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    json: bool = True
    scope: str | None = None


METHODS = {
    "auth.test": Method(),
    "apps.connections.open": Method(),
    "files.getUploadURLExternal": Method(
        required=("filename", "length"),
        optional=("alt_txt", "snippet_type"),
        json=False,
        scope="files:write",
    ),
    "files.completeUploadExternal": Method(
        required=("files",),
        optional=("blocks", "channel_id", "channels", "initial_comment", "thread_ts"),
        scope="files:write",
    ),
    "files.info": Method(
        required=("file",),
        optional=("count", "cursor", "limit", "page"),
        json=False,
        scope="files:read",
    ),
    "files.delete": Method(required=("file",), scope="files:write"),
    "conversations.join": Method(required=("channel",), scope="channels:join"),
    "conversations.open": Method(
        optional=("channel", "prevent_creation", "return_im", "users"), scope="im:write"
    ),
    "conversations.info": Method(
        required=("channel",),
        optional=("include_locale", "include_num_members"),
        json=False,
        scope="channels:read",
    ),
    "users.conversations": Method(
        optional=("cursor", "exclude_archived", "limit", "types", "user"),
        json=False,
        scope="channels:read",
    ),
    "usergroups.users.list": Method(
        required=("usergroup",),
        optional=("include_disabled", "team_id"),
        json=False,
        scope="usergroups:read",
    ),
    "chat.postMessage": Method(
        required=("channel",),
        optional=(
            *(
                "text",
                "blocks",
                "thread_ts",
                "unfurl_links",
                "unfurl_media",
                "metadata",
            ),
            *("mrkdwn", "reply_broadcast", "link_names", "parse"),
        ),
        scope="chat:write",
    ),
    "chat.update": Method(
        required=("channel", "ts"),
        optional=("text", "blocks", "link_names", "parse", "metadata"),
        scope="chat:write",
    ),
    "conversations.history": Method(
        required=("channel",),
        optional=("cursor", "inclusive", "latest", "limit", "oldest"),
        json=False,
        scope="channels:history",
    ),
    "conversations.replies": Method(
        required=("channel", "ts"),
        optional=("cursor", "inclusive", "latest", "limit", "oldest"),
        json=False,
        scope="channels:history",
    ),
    "chat.delete": Method(
        required=("channel", "ts"), optional=("as_user",), scope="chat:write"
    ),
    "chat.postEphemeral": Method(
        required=("channel", "user"),
        optional=("text", "blocks", "thread_ts", "link_names", "parse"),
        scope="chat:write",
    ),
    "views.open": Method(
        required=("view",), optional=("trigger_id", "interactivity_pointer")
    ),
}
_STRUCTURES = {"blocks": list, "files": list, "view": dict, "metadata": dict}
_NUMBERS = ("length", "limit", "count", "page")


async def read(name: str, request: web.Request) -> dict[str, Any]:
    """Give a call's arguments, checked. Raises: SlackError."""
    method = METHODS.get(name)
    if method is None:
        raise SlackError("unknown_method", req_method=name)
    arguments: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        if method.json and (body := await request.read()):
            arguments |= json.loads(body)
    else:
        arguments |= dict(await request.post())
    arguments.pop("token", None)
    arguments.pop("team_id", None)
    _check_names(method, arguments)
    return {key: _read_value(key, value) for key, value in arguments.items()}


def _check_names(method: Method, arguments: dict[str, Any]) -> None:
    for key in method.required:
        if arguments.get(key) in (None, ""):
            raise SlackError("missing_argument", response_metadata={"messages": [key]})
    for key in arguments:
        if key not in (*method.required, *method.optional):
            raise SlackError("invalid_arguments", response_metadata={"messages": [key]})


def _read_value(key: str, value: Any) -> Any:
    if key in _STRUCTURES:
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise SlackError("invalid_arguments", argument=key) from None
        if not isinstance(value, _STRUCTURES[key]):
            raise SlackError("invalid_arguments", argument=key)
    if key in _NUMBERS and not re.fullmatch(r"\d+", str(value)):
        raise SlackError("invalid_arguments", argument=key)
    if key == "thread_ts" and not re.fullmatch(r"\d+\.\d{6}", str(value)):
        raise SlackError("invalid_arguments", argument=key)
    if key == "blocks":
        check_blocks(value)
    return value


def check_blocks(blocks: list[dict[str, Any]]) -> None:
    """Refuse what Slack calls invalid_blocks. Raises: SlackError."""
    texts = 0
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(blocks) > 50 or len(ids) != len(set(ids)):
        raise SlackError("invalid_blocks")
    for block in blocks:
        if block.get("type") not in {
            "section",
            "context",
            "actions",
            "divider",
            "header",
            "image",
        }:
            raise SlackError("invalid_blocks", block=block)
        if block["type"] == "image":
            _check_image(block)
        text = block.get("text", {}).get("text", "")
        if "text" in block and not 0 < len(text) <= 3000:
            raise SlackError("invalid_blocks", block=block)
        for element in block.get("elements", []):
            label = element["text"]
            label = label["text"] if isinstance(label, dict) else label
            limit = 75 if element["type"] == "button" else 3000
            if not 0 < len(label) <= limit or len(element.get("value", "")) > 2000:
                raise SlackError("invalid_blocks", block=block)
            texts += len(label)
        texts += len(text) + sum(len(f["text"]) for f in block.get("fields", []))
    if texts > 13000:
        raise SlackError("msg_blocks_too_long")


def _check_image(block: dict[str, Any]) -> None:
    """One source, and words for those who do not see it. Raises: SlackError."""
    sources = [block[key] for key in ("image_url", "slack_file") if key in block]
    file = block.get("slack_file", {"id": ""})
    if (
        len(sources) != 1
        or len(file) != 1
        or not set(file) <= {"id", "url"}
        or not 0 < len(block.get("alt_text", "")) <= 2000
        or len(block.get("title", {}).get("text", "")) > 2000
    ):
        raise SlackError("invalid_blocks", block=block)


def shown_files(blocks: list[dict[str, Any]]) -> list[str]:
    """Give the ids of the files that image blocks show."""
    return [block["slack_file"]["id"] for block in blocks if "slack_file" in block]
