"""The words of a search."""

import pytest

from storage.sqlite.words import Words, fold, read_words, searchable


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", Words(match=None, short=()), id="nothing"),
        pytest.param("Fox", Words(match='"fox"', short=()), id="folded"),
        pytest.param("a fox", Words(match='"fox"', short=("a",)), id="long and short"),
        pytest.param("fox FOX", Words(match='"fox"', short=()), id="each once"),
        pytest.param('"fox"', Words(match='"""fox"""', short=()), id="quotes"),
        pytest.param("fox -red", Words(match='"fox" "-red"', short=()), id="signs"),
    ],
)
def test_words_become_phrases(text, words):
    assert read_words(text) == words


def test_fold_knows_other_alphabets():
    assert fold("ÄÉ Я") == "äé я"
    assert fold("Straße") == fold("STRASSE")


def test_fold_does_not_mind_how_an_accent_is_written():
    """A Mac composes é of two characters."""
    assert fold("e\u0301") == fold("\u00e9")


def test_what_is_searched_is_both_prompts():
    assert searchable("A Fox", "Red\0") == "a fox\nred "
    assert searchable("A Fox", None) == "a fox\n"
