"""Other people's words made harmless in Discord's markup. Pure."""

import re

import discord

from bot.chat.catalogue import COMMANDS

_ELLIPSIS = "…"
# `<` begins mentions, emoji and times, `[` links. The library's own escape_markdown takes
# any line that begins with a dash for a list, flags among them.
_MARKUP = re.compile(r"[\\*_~|`<>\[]")
_AT_LINE_START = re.compile(r"^([ \t]*)(#{1,3}|-#|[-+])(?=[ \t])", re.MULTILINE)
_SUB_COMMAND = re.compile(rf"/imagine ({'|'.join(c.name for c in COMMANDS)})\b")


def cut(text: str, longest: int) -> str:
    """Give *text* in at most *longest* characters."""
    if len(text) <= longest:
        return text
    return text[: longest - 1].rstrip() + _ELLIPSIS


def sentence(text: str) -> str:
    """Give a sentence of the core's: sub-commands elsewhere are commands here."""
    return _SUB_COMMAND.sub(r"/\1", text)


def plain(text: str, longest: int) -> str:
    """Give *text* so that it is shown as it is: no markup, no mention, no ping.

    What escaping adds counts into *longest*.
    """
    short = cut(text, longest)
    while (excess := len(_escape(short)) - longest) > 0:
        short = cut(short, len(short) - max(1, excess // 2))
    return _escape(short)


def _escape(text: str) -> str:
    escaped = _AT_LINE_START.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", text))
    return discord.utils.escape_mentions(escaped)
