"""`/imagine …` as one line of text."""

import pytest

from bot.chat.commands import (
    AskBatch,
    Cancel,
    Find,
    Generate,
    Help,
    History,
    Origin,
    Show,
    ShowSettings,
    Stats,
    SubmitBatch,
)
from bot.chat.slash import read_slash
from bot.domain.people import Person, Place, Platform

ORIGIN = Origin(
    event_id="1.trigger",
    person=Person(platform=Platform.SLACK, workspace_id="T1", user_id="U1"),
    place=Place(platform=Platform.SLACK, workspace_id="T1", channel_id="C1"),
)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("", Help(origin=ORIGIN)),
        ("  help ", Help(origin=ORIGIN)),
        ("Help", Help(origin=ORIGIN)),
        ("history", History(origin=ORIGIN)),
        ("settings", ShowSettings(origin=ORIGIN)),
        ("stats", Stats(origin=ORIGIN)),
        ("search  fox --seed 7", Find(origin=ORIGIN, text="fox --seed 7")),
        ("show 0job-1", Show(origin=ORIGIN, target="0job-1")),
        ("batch", AskBatch(origin=ORIGIN)),
        ("batch a fox\na hare", SubmitBatch(origin=ORIGIN, content=b"a fox\na hare")),
        (
            "batch --ar 16:9 --delay 5s\na fox",
            SubmitBatch(origin=ORIGIN, content=b"a fox", flags="--ar 16:9 --delay 5s"),
        ),
        ("cancel", Cancel(origin=ORIGIN, target=None)),
        ("cancel 0job", Cancel(origin=ORIGIN, target="0job")),
        ("a fox --ar 16:9", Generate(origin=ORIGIN, text="a fox --ar 16:9")),
        ("--ar 16:9 a fox", Generate(origin=ORIGIN, text="--ar 16:9 a fox")),
        ("-- history of art", Generate(origin=ORIGIN, text="history of art")),
        ("— help, a cry", Generate(origin=ORIGIN, text="help, a cry")),
        ("helpful fox", Generate(origin=ORIGIN, text="helpful fox")),
        ("imagine a fox", Generate(origin=ORIGIN, text="imagine a fox")),
    ],
)
def test_slash_command(text, command):
    """Sub-commands are first words; all else is a prompt."""
    assert read_slash(text, ORIGIN) == command
