"""Text in and out of Slack's markup."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.text import as_typed, cut, escape, escape_within, without_markup


@pytest.mark.parametrize(
    "typed", ["<!channel>", "<@U1>", "<!subteam^S1>", "<https://a.example|b>", "a & b"]
)
def test_nothing_typed_is_markup(typed):
    """Escaped text pings nobody and links nowhere."""
    assert "<" not in escape(typed)
    assert as_typed(escape(typed)) == typed


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_escaped_text_keeps_its_limit(text, limit):
    """A cut never leaves half an entity, nor more than fits."""
    escaped = escape_within(text, limit)

    assert len(escaped) <= limit
    for entity in escaped.split("&")[1:]:
        assert entity.startswith(("amp;", "lt;", "gt;"))


def test_short_text_is_not_cut():
    """What fits stays."""
    assert escape_within("a < b", 8) == "a &lt; b"
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "ab…"


@pytest.mark.parametrize(
    ("event", "typed"),
    [
        ("a fox &amp; a hen", "a fox & a hen"),
        ("hello <!channel>", "hello @channel"),
        ("see <https://a.example>", "see https://a.example"),
        ("see <https://a.example|a.example>", "see a.example"),
        ("in <#C1|general>", "in #general"),
        ("like <@U2>", "like @U2"),
        ("1 &lt; 2", "1 < 2"),
    ],
)
def test_events_are_read_as_typed(event, typed):
    """Slack marks up what people type; the prompt is what they typed."""
    assert as_typed(event) == typed


def test_text_without_escaping_cannot_be_markup():
    """Titles and alt texts show characters as they are."""
    assert "<" not in without_markup("<!here>")
