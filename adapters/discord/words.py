"""Other people's words made harmless in Discord's markup. Pure."""

import discord

_ELLIPSIS = "…"


def cut(text: str, longest: int) -> str:
    """Give *text* in at most *longest* characters."""
    if len(text) <= longest:
        return text
    return text[: longest - 1].rstrip() + _ELLIPSIS


def plain(text: str, longest: int) -> str:
    """Give *text* so that it is shown as it is: no markup, no mention, no ping.

    What escaping adds counts into *longest*.
    """
    short = cut(text, longest)
    while (excess := len(_escape(short)) - longest) > 0:
        short = cut(short, len(short) - max(1, excess // 2))
    return _escape(short)


def _escape(text: str) -> str:
    escaped = discord.utils.escape_markdown(text, ignore_links=False)
    # <@1>, <#1>, <:name:1> and <t:1> are markup too.
    return discord.utils.escape_mentions(escaped.replace("<", "\\<"))
