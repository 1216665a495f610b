"""The words of a search."""

import sqlite3

import pytest

from storage.sqlite.migrations.apply import migrate
from storage.sqlite.words import fold, read_words, searchable
from storage.sqlite.writing import write_record
from tests.contracts.values import make_record


@pytest.fixture
def db():
    """A database whose prompts have a few words."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.row_factory = sqlite3.Row
    migrate(db)
    write_record(db, make_record(prompt="Fox foxes", expanded_prompt="sci-fi"))
    yield db
    db.close()


@pytest.mark.parametrize(
    ("text", "terms", "unsure"),
    [
        pytest.param("", (), (), id="nothing"),
        pytest.param("FOX", (["w1", "w2"],), (), id="inside others, too"),
        pytest.param("foxes fox FOX", (["w2"], ["w1", "w2"]), (), id="each once"),
        pytest.param("a fox", (["w1", "w2"],), ("a",), id="too short"),
        pytest.param("(fox-", (["w1", "w2"],), ("(fox-",), id="signs"),
        pytest.param("sci-fi", (["w3"],), ("sci-fi",), id="two runs of letters"),
    ],
)
def test_a_word_stands_for_all_that_hold_it(db, text, terms, unsure):
    words = read_words(text, db)

    assert (words.terms, words.unsure, words.match) == (terms, unsure, None)


def test_a_word_that_no_prompt_has_ends_the_search(db):
    assert read_words("fox bear", db).is_in_vain


@pytest.mark.parametrize(
    ("text", "match"),
    [
        pytest.param("fox", '"fox"', id="a common part"),
        pytest.param('a!"!', '"a!""!"', id="quotes"),
        pytest.param("fox ***", '"fox" "***"', id="all of them"),
    ],
)
def test_what_has_no_terms_is_looked_for_by_its_letters(db, text, match):
    words = read_words(text, db, many=1)

    assert (words.terms, words.match) == ((), match)


def test_fold_knows_other_alphabets():
    assert fold("ÄÉ Я") == "äé я"
    assert fold("Straße") == fold("STRASSE")


def test_fold_does_not_mind_how_an_accent_is_written():
    """A Mac composes é of two characters."""
    assert fold("e\u0301") == fold("\u00e9")


def test_what_is_searched_is_both_prompts():
    assert searchable("A Fox", "Red\0") == "a fox\nred "
    assert searchable("A Fox", None) == "a fox\n"
