"""The words of a search."""

import pytest

from storage.sqlite.words import fold, read_words, searchable


@pytest.mark.parametrize(
    ("text", "match", "short"),
    [
        pytest.param("", None, (), id="nothing"),
        pytest.param("Fox", '"fox"', (), id="folded"),
        pytest.param("a fox", '"fox"', ("a",), id="long and short"),
        pytest.param("fox FOX", '"fox"', (), id="each once"),
        pytest.param('"fox"', '"""fox"""', (), id="quotes"),
        pytest.param("fox -red", '"fox" "-red"', (), id="signs"),
    ],
)
def test_words_become_phrases(text, match, short):
    words = read_words(text)

    assert (words.match, words.short) == (match, short)


def test_all_words_may_be_looked_for_in_the_text():
    words = read_words("a fox").as_short()

    assert (words.match, words.short) == (None, ("a", "fox"))


def test_fold_knows_other_alphabets():
    assert fold("ÄÉ Я") == "äé я"
    assert fold("Straße") == fold("STRASSE")


def test_fold_does_not_mind_how_an_accent_is_written():
    """A Mac composes é of two characters."""
    assert fold("e\u0301") == fold("\u00e9")


def test_what_is_searched_is_both_prompts():
    assert searchable("A Fox", "Red\0") == "a fox\nred "
    assert searchable("A Fox", None) == "a fox\n"
