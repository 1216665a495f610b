"""What is set for the whole of discord.py."""

import logging

import pytest
from discord.http import Route

from adapters.discord.library import prepare


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        pytest.param(logging.DEBUG, logging.INFO, id="debug holds what people wrote"),
        pytest.param(logging.WARNING, logging.WARNING, id="quieter stays quieter"),
    ],
)
def test_library_is_never_at_debug_level(caplog, asked, given):
    """At that level it writes prompts and tokens into the log."""
    caplog.set_level(asked, "discord")

    prepare(Route.BASE)

    assert logging.getLogger("discord").level == given


def test_address_may_end_in_a_slash():
    """Both spellings are what operators type."""
    before = Route.BASE
    try:
        prepare("http://127.0.0.1:9/api/v10/")

        assert Route("GET", "/users/@me").url == "http://127.0.0.1:9/api/v10/users/@me"
    finally:
        prepare(before)
