"""Text as Slack wants it: escaped, so that nothing typed pings, and cut to its limits. Pure."""

import html
import re

_MARKUP = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
# Angle quotes instead of angle brackets.
_HARMLESS = {ord("<"): "\u2039", ord(">"): "\u203a"}
_WORDS = {"channel": "@channel", "here": "@here", "everyone": "@everyone"}


def escape(text: str) -> str:
    """Escape the three characters that Slack's markup is made of.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, limit: int) -> str:
    """Give at most *limit* characters; the end becomes an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def escape_within(text: str, limit: int) -> str:
    """Escape as much of *text* as fits into *limit* characters, and cut no entity."""
    if len(escaped := escape(text)) <= limit:
        return escaped
    length, kept = 0, []
    for character in text:
        length += len(escape(character))
        if length > limit - 1:
            break
        kept.append(character)
    return escape("".join(kept).rstrip()) + "…"


def without_markup(text: str) -> str:
    """Give text for fields that know no escaping (titles, alt texts): it cannot be markup."""
    return text.translate(_HARMLESS)


def as_typed(text: str) -> str:
    """Give what a person typed, from the text of an event: markup undone, entities too."""
    return html.unescape(_MARKUP.sub(_undo, text)).strip()


def _undo(found: re.Match[str]) -> str:
    sigil, inner, label = found.groups()
    match sigil:
        case "!":
            return _WORDS.get(inner) or label or inner
        case "@" | "#":
            return f"{sigil}{label or inner}"
        case _:
            return str(label or inner)
