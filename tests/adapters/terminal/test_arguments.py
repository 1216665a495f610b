"""What was typed in a shell, as the core reads it."""

from datetime import UTC, datetime

import pytest

from adapters.terminal.arguments import read_since, read_until, to_text
from bot.errors import WrongInput


@pytest.mark.parametrize(
    ("words", "text"),
    [
        pytest.param(["a", "fox", "--n", "2"], "a fox --n 2", id="unquoted"),
        pytest.param(["a fox --ar 16:9"], "a fox --ar 16:9", id="all in one"),
        pytest.param(["a", "--tags", "x y,z"], 'a --tags "x y,z"', id="a quoted value"),
        pytest.param(
            ["a", "--no", 'the "x" y'], "a --no 'the \"x\" y'", id="quotes in it"
        ),
        pytest.param(["--no", "it's \"x y"], "--no it's \"x y", id="both quotes"),
        pytest.param(["a", "—no", "b c"], 'a —no "b c"', id="em dash"),
        pytest.param(["--", "history", "of", "art"], "-- history of art", id="lone --"),
        pytest.param([], "", id="nothing"),
    ],
)
def test_words_become_a_line(words, text):
    """A shell takes quotes off; where they mattered they are put back."""
    assert to_text(words) == text


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        pytest.param("2026-01-31", (2026, 1, 31), (2026, 2, 1), id="a day, to its end"),
        pytest.param(
            "2026-01-31T18:30", (2026, 1, 31, 18, 30), (2026, 1, 31, 18, 30), id="UTC"
        ),
        pytest.param(
            "2026-01-31T18:30+02:00",
            (2026, 1, 31, 16, 30),
            (2026, 1, 31, 16, 30),
            id="another zone",
        ),
        pytest.param(
            "2026-01-31T18:30:00Z", (2026, 1, 31, 18, 30), (2026, 1, 31, 18, 30), id="Z"
        ),
    ],
)
def test_dates(text, since, until):
    """A day means all of it, at both ends."""
    assert read_since(text) == datetime(*since, tzinfo=UTC)
    assert read_until(text) == datetime(*until, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "", "9999-12-31"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(WrongInput, match="2026-01-31"):
        read_until(text)


def test_no_date_is_no_limit():
    assert read_since(None) is None
    assert read_until(None) is None
