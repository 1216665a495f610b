"""What was typed in Slack, as commands. Pure.

Sub-commands are the first word; everything else is a prompt. What an event of Slack's
means, and where it took place, is found in origins.py and listen.py.
"""

import re

from bot.chat.actions import REPRODUCE_WORDS
from bot.chat.commands import (
    Command,
    Help,
    MessageRef,
    Origin,
    Reproduce,
)
from bot.chat.replies import Notice
from bot.chat.slash import read_lines, read_prompt, read_subcommand

_DRAW = ("imagine", "draw")
_BATCH = re.compile(
    r"(?:batch(?=[\s:]|$)|(?:imagine|draw)\s+batch(?=:?\s*$|:?\s*\n|:?\s+(?:--|—|–))):?"
    r"(?P<rest>.*)",
    re.DOTALL | re.IGNORECASE,
)


def read_spoken(text: str, origin: Origin) -> Command | Notice:
    """Read what was said to the bot: behind its mention, or in a direct message."""
    if not text.strip():
        return Help(origin=origin)
    word, *more = text.split(maxsplit=1)
    word, rest = word.strip(".,!:;").lower(), more[0].strip() if more else ""
    if (batch := read_batch_words(text)) is not None:
        return read_lines(batch, origin)
    if word in _DRAW and rest:
        return read_prompt(rest, origin)
    if word in REPRODUCE_WORDS:
        return _reproduce(rest, origin)
    return read_subcommand(text, origin) or Help(origin=origin)


def read_batch_words(text: str) -> str | None:
    """Give what follows `batch` or `imagine batch`; None for everything else.

    `imagine batch of cookies` is a prompt: behind `imagine` lines or flags must follow.
    """
    found = _BATCH.fullmatch(text.strip())
    return found["rest"].strip() if found else None


def _reproduce(text: str, origin: Origin) -> Command | Notice:
    place = origin.place
    if place.thread_id is None:
        return Notice(
            text="Say that in the thread below the picture you mean, or use the picture's "
            "buttons."
        )
    target = MessageRef(channel_id=place.channel_id, message_id=place.thread_id)
    return Reproduce(origin=origin, target=target, text=text)


def without_mention(text: str, bot_user_id: str) -> str:
    """Give the text of an event without the bot's mentions."""
    return re.sub(rf"<@{re.escape(bot_user_id)}(\|[^>]*)?>", " ", text).strip()


def mentions(text: str, user_id: str) -> bool:
    """Say whether the text of an event mentions a person."""
    return f"<@{user_id}>" in text or f"<@{user_id}|" in text
