"""Slack's errors as sentences."""

from datetime import timedelta

import pytest

from adapters.slack.refusals import Refused, read_failure
from bot.errors import PlatformBusy, PlatformDown


def read(**changes):
    given = {"method": "files.info", "status": 200, "body": {}, "headers": {}}
    return read_failure(**given | changes)


def test_rate_limits_know_their_time():
    """Slack's own figure is obeyed."""
    busy = read(status=429, headers={"Retry-After": "30"})

    assert isinstance(busy, PlatformBusy)
    assert busy.retry_after == timedelta(seconds=30)


@pytest.mark.parametrize("header", ["", "soon", "0"])
def test_odd_rate_limits_are_a_second(header):
    """An unreadable header is no reason to hurry."""
    busy = read(status=429, headers={"retry-after": header})

    assert busy.retry_after == timedelta(seconds=1)


@pytest.mark.parametrize(
    "answer",
    [{"status": 500}, {"status": 503}, {"body": {"error": "internal_error"}}],
)
def test_outages_are_tried_again(answer):
    """No answer is no refusal."""
    assert isinstance(read(**answer), PlatformDown)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("is_archived", "archived"),
        ("token_revoked", "reinstall"),
        ("missing_scope", "files:read"),
        ("what_ever", "what_ever"),
    ],
)
def test_refusals_say_what_to_do(code, words):
    """A code alone helps nobody."""
    refused = read(body={"error": code, "needed": "files:read"})

    assert isinstance(refused, Refused)
    assert words in refused.as_error().text
