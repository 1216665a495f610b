"""Text that every database, page and platform takes."""

from bot.domain.text import encodable


def test_half_a_character_is_replaced():
    """It would stop the whole write, post or page."""
    assert encodable("fox \ud83e") == "fox ?"
    assert encodable("fox 🦊") == "fox 🦊"
