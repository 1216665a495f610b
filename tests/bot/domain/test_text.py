"""Text that every database, page and platform takes."""

import pytest

from bot.domain.text import encodable, without


def test_half_a_character_is_replaced():
    """It would stop the whole write, post or page."""
    assert encodable("fox \ud83e") == "fox ?"
    assert encodable("fox 🦊") == "fox 🦊"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('Refused: "a fox  in a red suit".', 'Refused: "a fox  in a red suit".'),
        ('Refused: "a fox in a red suit".', 'Refused: "…".'),
        ('Refused: "a fox in a re...".', 'Refused: "…...".'),
        ("There is a fox in here.", "There is a fox in here."),
    ],
    ids=["spaced otherwise", "whole", "cut off", "too little to tell"],
)
def test_what_is_quoted_is_left_out(text, left):
    assert without(text, "a fox  in a\nred suit") == left


def test_nothing_is_in_every_text():
    assert without("Refused.", " ") == "Refused."
