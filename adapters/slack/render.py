"""Replies as private messages of Slack. Pure.

Everything typed is escaped; texts are short, since a private note is read in passing.
"""

import json
from typing import Any, assert_never

from adapters.slack.blocks import (
    MAX_TEXT,
    Block,
    actions,
    batch_actions,
    button,
    picture_actions,
    section,
)
from adapters.slack.offers import offer
from adapters.slack.text import escape, escape_within
from bot.chat.actions import batch_buttons, buttons
from bot.chat.commands import Command, Find
from bot.chat.replies import (
    Accepted,
    AlreadyDrawn,
    BatchForm,
    BatchOffer,
    EditForm,
    MoreForm,
    Nothing,
    Notice,
    RecordDetail,
    RecordList,
    Refusal,
    Reply,
)
from bot.domain.batch import BatchState
from bot.domain.record import Record

Message = dict[str, Any]
SHOW = "show"
HISTORY_NEXT = "history_next"
SEARCH_NEXT = "search_next"
_MOST_RECORDS = 45  # of 50 blocks
_LISTED_PROMPT = 160
_LINE = 500


def message(
    reply: Reply, command: Command | None = None, *, home: str = ""
) -> Message | None:
    """Give the private message that tells *reply*; None when nothing is to be said.

    Forms are no messages (forms.py). *command* is what a list answers, *home* the
    workspace's address.
    """
    match reply:
        case Accepted():
            return {"text": escape(reply.text)} if reply.is_new else None
        case BatchOffer() | AlreadyDrawn():
            return _offer(reply, home)
        case Notice() | Refusal():
            return {"text": escape(reply.text)}
        case RecordList():
            return {"text": escape(reply.title), "blocks": _list(reply, command)}
        case RecordDetail():
            return {
                "text": escape_within(reply.record.prompt, MAX_TEXT),
                "blocks": _detail(reply),
            }
        case EditForm() | MoreForm() | BatchForm() | Nothing():
            return None
        case _:
            assert_never(reply)


def _offer(reply: AlreadyDrawn | BatchOffer, home: str) -> Message | None:
    if isinstance(reply, AlreadyDrawn):
        return offer(reply, home)
    if not reply.is_new:
        return None
    row = batch_actions(batch_buttons(reply.batch_id, BatchState.HELD))
    blocks = [section(escape_within(reply.text, MAX_TEXT)), row]
    return {"text": escape(reply.text), "blocks": blocks}


def _list(reply: RecordList, command: Command | None) -> list[Block]:
    blocks = [section(f"*{escape_within(reply.title, _LINE)}*")]
    blocks += [_row(record) for record in reply.records[:_MOST_RECORDS]]
    if reply.cursor is not None:
        words = command.text if isinstance(command, Find) else None
        action = SEARCH_NEXT if words is not None else HISTORY_NEXT
        value = json.dumps({"cursor": reply.cursor, "words": (words or "")[:1000]})
        blocks.append(actions([button(action, "Older pictures", value)]))
    return blocks


def _row(record: Record) -> Block:
    figures = f"seed {record.seed} · {record.model} · {record.resolution}"
    markup = (
        f"{escape_within(record.prompt, _LISTED_PROMPT)}\n"
        f"`{escape(record.id)}` · {escape(figures)} · {record.created_at:%d %b %Y}"
    )
    return section(markup, accessory=button(SHOW, "Show", record.id))


def _detail(reply: RecordDetail) -> list[Block]:
    lines = [
        f"*{escape_within(name, _LINE)}:* {escape_within(value, _LINE)}"
        for name, value in reply.lines
        if value
    ]
    blocks = [section(text) for text in _paragraphs(lines)]
    return [*blocks, picture_actions(buttons(reply.record.id))]


def _paragraphs(lines: list[str]) -> list[str]:
    """Give the lines in as few texts as Slack's limit allows."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + 1 + len(line) <= MAX_TEXT:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return texts
