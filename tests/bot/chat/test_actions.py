"""The buttons, and replies that ask for the same picture."""

import pytest

from bot.chat.actions import read_reply


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("same", ""),
        (" Same! ", ""),
        ("again --seed 7", "--seed 7"),
        ("same, --ar 9:16", "--ar 9:16"),
        ("same\n--ar 9:16", "--ar 9:16"),
        ("reproduce —no hat", "—no hat"),
        ("same 2 --ar 1:1", "2 --ar 1:1"),
        ("same here!", None),
        ("again and again", None),
        ("the same", None),
        ("", None),
    ],
)
def test_only_a_request_is_one(text, flags):
    """Talk that begins with one of the words draws nothing."""
    assert read_reply(text) == flags
