"""What quotes and backslashes keep together."""

# ruff: noqa: RUF001 - quotes as phones bend them

import pytest

from bot.parsing import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a red  fox", ["a", "red", "fox"], id="spaces"),
        pytest.param("a\n\tred\r\nfox", ["a", "red", "fox"], id="newlines"),
        pytest.param('a "red fox" b', ["a", '"red fox"', "b"], id="straight"),
        pytest.param("a “red fox” b", ["a", "“red fox”", "b"], id="bent"),
        pytest.param("a „red fox“ b", ["a", "„red fox“", "b"], id="German"),
        pytest.param('a “red fox" b', ["a", '“red fox"', "b"], id="half bent"),
        pytest.param("a ‘red fox’ b", ["a", "‘red fox’", "b"], id="bent single"),
        pytest.param("a 'red fox' b", ["a", "'red fox'", "b"], id="single"),
        pytest.param("a «red fox» b", ["a", "«red fox»", "b"], id="angled"),
        pytest.param('"red fox",blue x', ['"red fox",blue', "x"], id="then a comma"),
        pytest.param('blue,"red fox"', ['blue,"red fox"'], id="behind a comma"),
        pytest.param('a "red fox', ["a", '"red', "fox"], id="unclosed"),
        pytest.param('a "red "big fox"', ["a", '"red', '"big fox"'], id="one unclosed"),
        pytest.param("don't  a fox's", ["don't", "a", "fox's"], id="apostrophes"),
        pytest.param("don’t  a fox’s", ["don’t", "a", "fox’s"], id="bent apostrophes"),
        pytest.param(
            "'tis rock 'n' roll", ["'tis", "rock", "'n'", "roll"], id="elisions"
        ),
        pytest.param(
            'a 5" fox and 6" hat', ["a", '5"', "fox", "and", '6"', "hat"], id="inches"
        ),
        pytest.param(r"\"red fox\"", ['"red', 'fox"'], id="escaped quotes"),
        pytest.param(r"\--ar \\o/ \n", ["--ar", r"\o/", r"\n"], id="escapes"),
        pytest.param("a\x00b\u200bc", ["a", "b", "c"], id="control characters"),
        pytest.param("a \ud800 b", ["a", "b"], id="half a surrogate pair"),
        pytest.param(
            "👩\u200d🎨 🦊", ["👩\u200d🎨", "🦊"], id="joined emoji stay whole"
        ),
    ],
)
def test_splits(text, expected):
    """Quotes hold words together; what only looks like one is text."""
    found = words.split(words.clean(text))

    assert [word.text for word in found] == expected


def test_words_know_their_position():
    """People count characters from 1."""
    found = words.split('a  "b c" \\-d')

    assert [word.position for word in found] == [1, 4, 10]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('"a  fox"', "a fox", id="all quoted"),
        pytest.param("“a fox ”", "a fox", id="all in bent quotes"),
        pytest.param('"a" "fox"', '"a" "fox"', id="two quoted"),
        pytest.param('a sign "OPEN  NOW"', 'a sign "OPEN NOW"', id="part quoted"),
        pytest.param('""a""', '"a"', id="quoted twice"),
    ],
)
def test_quotes_go_when_they_hold_everything(text, expected):
    """Ideogram draws quoted text, so quotes inside of a prompt are part of it."""
    assert words.joined(words.split(text)) == expected
