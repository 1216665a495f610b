"""Who is who on the page."""

import pytest

from adapters.web.people import display_name, is_token, user_id

TOKEN = "a-secret-of-32-characters-or-so"


def test_the_same_token_is_the_same_person_for_ever():
    """Ids stand in records: another way to derive them would orphan these."""
    assert user_id(TOKEN) == "scarlet-gecko-ef7a18"
    assert display_name(user_id(TOKEN)) == "Scarlet Gecko"


def test_the_id_does_not_give_the_token_away():
    """Ids are public; who could turn one into a cookie would be that person."""
    assert TOKEN not in user_id(TOKEN)
    assert not is_token(user_id(TOKEN)[:15])


@pytest.mark.parametrize("text", [None, "", "short", "x" * 65])
def test_what_was_not_given_out_is_no_token(text):
    assert not is_token(text)
