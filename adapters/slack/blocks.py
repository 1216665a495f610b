"""Slack's blocks, as small functions. Pure.

Limits: https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Sequence
from typing import Any

from adapters.slack.text import cut
from bot.chat.actions import BatchButton, Button, HeldButton

Block = dict[str, Any]
MAX_TEXT = 3000  # of a section's or a context element's text
MAX_BUTTON = 75


def section(markup: str, *, accessory: Block | None = None) -> Block:
    """Give a paragraph; *markup* is escaped already and never turned into links."""
    block: Block = {"type": "section", "text": _markup(markup)}
    return block | ({"accessory": accessory} if accessory else {})


def context(markup: str) -> Block:
    """Give a line of small print."""
    return {"type": "context", "elements": [_markup(markup)]}


def button(action_id: str, label: str, value: str) -> Block:
    """Give a button that says *value* when it is pressed."""
    return {
        "type": "button",
        "action_id": action_id,
        "text": plain(cut(label, MAX_BUTTON)),
        "value": value,
    }


def actions(buttons: Sequence[Block], *, block_id: str | None = None) -> Block:
    """Give a row of buttons."""
    block: Block = {"type": "actions", "elements": list(buttons)}
    return block | ({"block_id": block_id} if block_id else {})


def picture_actions(buttons: Sequence[Button]) -> Block:
    """Give the row below a picture."""
    return actions(
        [button(b.action.value, b.label, b.record_id) for b in buttons],
        block_id=f"picture:{buttons[0].record_id}",
    )


def held_actions(buttons: Sequence[HeldButton]) -> Block:
    """Give the row below the offer of an earlier picture."""
    return actions([button(b.action.value, b.label, b.job_id) for b in buttons])


def batch_actions(buttons: Sequence[BatchButton]) -> Block:
    """Give the row below a batch or the offer of one."""
    return actions([button(b.action.value, b.label, b.batch_id) for b in buttons])


def image(file_id: str, alt: str) -> Block:
    """Give a picture that is a file of Slack's, for those who may see the file."""
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": alt}


def plain(text: str) -> Block:
    """Give text that is shown as it is."""
    return {"type": "plain_text", "text": text, "emoji": False}


def _markup(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
