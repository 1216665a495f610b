"""What is typed after `/imagine`, and said to the bot."""

from dataclasses import replace

import pytest

from adapters.slack.parse import mentions, read_spoken, without_mention
from bot.chat.commands import (
    Cancel,
    Find,
    Generate,
    Help,
    MessageRef,
    Origin,
    Reproduce,
)
from bot.chat.replies import Notice
from tests.adapters.slack.making import ALICE, PUBLIC

ORIGIN = Origin(event_id="1.trigger", person=ALICE, place=PUBLIC)
IN_THREAD = replace(ORIGIN, place=replace(PUBLIC, thread_id="1760000001.000001"))


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("imagine a fox", Generate(origin=ORIGIN, text="a fox")),
        ("Imagine: a fox", Generate(origin=ORIGIN, text="a fox")),
        ("imagine -- history of art", Generate(origin=ORIGIN, text="history of art")),
        ("imagine history of art", Generate(origin=ORIGIN, text="history of art")),
        ("imagine", Help(origin=ORIGIN)),
        ("a fox", Help(origin=ORIGIN)),
        ("", Help(origin=ORIGIN)),
        ("search fox", Find(origin=ORIGIN, text="fox")),
        ("cancel", Cancel(origin=ORIGIN)),
    ],
)
def test_said_to_the_bot(text, command):
    """Only what begins with a known word does something."""
    assert read_spoken(text, ORIGIN) == command


@pytest.mark.parametrize("word", ["reproduce", "again", "Same,"])
def test_reproduce_means_the_threads_first_message(word):
    """Below a picture one need not name it."""
    command = read_spoken(f"{word} --seed 7", IN_THREAD)

    target = MessageRef(channel_id="C0PUBLIC", message_id="1760000001.000001")
    assert command == Reproduce(origin=IN_THREAD, target=target, text="--seed 7")


def test_reproduce_outside_a_thread_is_explained():
    """There is no picture it could mean."""
    assert isinstance(read_spoken("reproduce", ORIGIN), Notice)


@pytest.mark.parametrize("text", ["<@U0BOT> hi", "hi <@U0BOT|ideogram>"])
def test_mentions_are_found_and_removed(text):
    """Slack writes a mention with or without the name."""
    assert mentions(text, "U0BOT")
    assert without_mention(text, "U0BOT") == "hi"


def test_others_mentions_stay():
    """Only the bot's own name is not part of what was said."""
    assert not mentions("<@U0BOTTOM> hi", "U0BOT")
    assert without_mention("<@U2> hi", "U0BOT") == "<@U2> hi"
