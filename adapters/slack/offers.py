"""An earlier picture, offered to one person in private: words, link, buttons, picture. Pure.

The picture is Slack's own file, shown to those who may see it. Slack shows pictures of few
kinds so and refuses the whole message when a file is gone, so there is a message without.
https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object
"""

from pathlib import PurePath
from typing import Any

from adapters.slack.blocks import Block, held_actions, image, section
from adapters.slack.picture import alt_text
from adapters.slack.text import escape, escape_within
from bot.chat.actions import held_buttons
from bot.chat.commands import MessageRef
from bot.chat.replies import AlreadyDrawn

_PROMPT = 160
_SHOWN_KINDS = (".png", ".jpg", ".jpeg", ".gif")


def offer(reply: AlreadyDrawn, home: str) -> dict[str, Any]:
    """Give the message without the picture; *home* is the workspace's address."""
    return _message(reply, home, [])


def pictured(reply: AlreadyDrawn, home: str) -> dict[str, Any] | None:
    """Give the message with the picture; None when Slack cannot show it."""
    file_id = _file_id(reply)
    if file_id is None:
        return None
    return _message(reply, home, [image(file_id, alt_text(reply.record))])


def _message(reply: AlreadyDrawn, home: str, shown: list[Block]) -> dict[str, Any]:
    lines = [escape(reply.text), f">{escape_within(reply.record.prompt, _PROMPT)}"]
    if reply.message is not None and home:
        lines.append(f"<{_permalink(reply.message, home)}|The message that shows it>")
    buttons = held_actions(held_buttons(reply.job_id))
    return {
        "text": escape(reply.text),
        "blocks": [section("\n".join(lines)), *shown, buttons],
    }


def _permalink(message: MessageRef, home: str) -> str:
    """Give the address that `chat.getPermalink` would, without asking for it."""
    number = message.message_id.replace(".", "")
    return f"{home.rstrip('/')}/archives/{message.channel_id}/p{number}"


def _file_id(reply: AlreadyDrawn) -> str | None:
    """Give Slack's id of the picture, as the post that showed it first has noted."""
    path = reply.record.stored_path
    if path is None or PurePath(path).suffix not in _SHOWN_KINDS:
        return None
    files = [str(file_id) for file_id in reply.notes.get("files", ())]
    records = reply.notes.get("records", [reply.record.id] if len(files) == 1 else [])
    return dict(zip(records, files, strict=False)).get(reply.record.id)
