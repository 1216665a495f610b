"""What was typed in Slack, as commands. Pure.

Sub-commands are the first word; everything else is a prompt. What an event of Slack's
means, and where it took place, is found in origins.py and listen.py.
"""

import re
from collections.abc import Mapping

from bot.chat.actions import REPRODUCE_WORDS
from bot.chat.catalogue import COMMANDS
from bot.chat.commands import (
    Cancel,
    Command,
    Find,
    Generate,
    Help,
    History,
    MessageRef,
    Origin,
    Reproduce,
    Show,
    Stats,
)
from bot.chat.replies import Notice

_LATER = (
    "batch",
    "settings",
)  # words of the outward contract this version does not have
_WITHOUT_ARGUMENTS: Mapping[str, type[Help | History | Stats]] = {
    "help": Help,
    "history": History,
    "stats": Stats,
}
_DRAW = ("imagine", "draw")
_NOT_A_COMMAND = re.compile(r"(?:--|—|–)\s+(?P<prompt>.*)", re.DOTALL)


def read_slash(text: str, origin: Origin) -> Command | Notice:
    """Read what follows `/imagine`."""
    text = text.strip()
    if escaped := _NOT_A_COMMAND.fullmatch(text):
        return Generate(origin=origin, text=escaped["prompt"])
    if not text:
        return Help(origin=origin)
    return read_subcommand(text, origin) or Generate(origin=origin, text=text)


def read_subcommand(text: str, origin: Origin) -> Command | Notice | None:
    """Read `search WORDS` and its like; None when the first word is none of them."""
    word, _, rest = text.partition(" ")
    word, rest = word.lower(), rest.strip()
    if make := _WITHOUT_ARGUMENTS.get(word):
        return make(origin=origin)
    match word:
        case "search":
            return Find(origin=origin, text=rest)
        case "show":
            return Show(origin=origin, target=rest) if rest else _which("show")
        case "cancel":
            return Cancel(origin=origin, target=rest or None)
        case _ if word in _LATER:
            return _not_here(word)
        case _:
            return None


def read_spoken(text: str, origin: Origin) -> Command | Notice:
    """Read what was said to the bot: behind its mention, or in a direct message."""
    text = text.strip()
    word, _, rest = text.partition(" ")
    word = word.strip(".,!:;").lower()
    if word in _DRAW and rest.strip():
        escaped = _NOT_A_COMMAND.fullmatch(rest.strip())
        prompt = escaped["prompt"] if escaped else rest.strip()
        return Generate(origin=origin, text=prompt)
    if word in REPRODUCE_WORDS:
        return _reproduce(rest.strip(), origin)
    return read_subcommand(text, origin) or Help(origin=origin)


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


def _which(word: str) -> Notice:
    return Notice(
        text=f"Which picture? /imagine {word} and the id, as /imagine history tells it."
    )


def _not_here(word: str) -> Notice:
    names = ", ".join(command.name for command in COMMANDS)
    return Notice(
        text=f"This version has no sub-command {word}; there are {names}. For a prompt "
        f"that begins with this word: /imagine -- {word} …"
    )
