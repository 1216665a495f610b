"""What may not stand in a prompt."""

# ruff: noqa: RUF001 - letters that look alike are what this is about

import re
import time

import pytest

from bot.domain.request import ImageRequest
from bot.policy.moderation import Content, fold

CONTENT = Content(
    blocked_words=("bikini", "Pay Pal", "ácme"),
    blocked_patterns=(re.compile(r"brand\s*x"),),
)


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param("a BIKINI on a beach", id="case"),
        pytest.param("a bіkіnі", id="Cyrillic letters"),
        pytest.param("a ｂｉｋｉｎｉ", id="full width"),
        pytest.param("a 𝐛𝐢𝐤𝐢𝐧𝐢", id="mathematical letters"),
        pytest.param("a bikíní", id="accents"),
        pytest.param("a b1k1n1", id="digits"),
        pytest.param("a b.i.k.i.n.i", id="dots between"),
        pytest.param("a b i k i n i", id="spaces between"),
        pytest.param("a bi\u200bki\u00adni", id="invisible characters"),
        pytest.param("a b_i-k*i n/i!", id="anything between"),
        pytest.param("my_bikini_", id="underscores around"),
        pytest.param("bi\u3164kini", id="a letter that shows nothing"),
        pytest.param("рaypаl", id="two words written as one"),
        pytest.param("acme", id="an accent in the rule"),
        pytest.param("AСMЕ", id="Cyrillic capitals"),
        pytest.param("Brand  x".lower(), id="pattern"),
        pytest.param("brаnd x", id="pattern with a Cyrillic letter"),
    ],
)
def test_a_blocked_word_is_found(prompt):
    assert CONTENT.blocked_by(prompt)
    assert CONTENT.blocked_by("a fox", prompt)


@pytest.mark.parametrize(
    "prompt",
    ["a fox", "bikinis are not the word", "macmehome", "a brand", "", None, "кино"],
)
def test_other_words_are_let_through(prompt):
    """A word within a word is another word."""
    assert CONTENT.blocked_by(prompt) is None


def test_the_rule_is_named():
    """For the audit."""
    assert CONTENT.blocked_by("a bikini") == "blocked word bikini"
    assert CONTENT.blocked_by("brandx") == r"blocked pattern brand\s*x"


def test_nothing_is_blocked_without_rules():
    assert Content().blocked_by("anything") is None


@pytest.mark.parametrize(
    ("prompt", "sent"),
    [
        ("a fox", "a fox, in our style"),
        ("a fox, ", "a fox, in our style"),
        ("a fox, In our Style", "a fox, In our Style"),
    ],
)
def test_a_required_suffix_stands_there_once(prompt, sent):
    suffix = Content(suffix="in our style").suffix_for(prompt)

    request = ImageRequest(prompt=prompt, model="V_2", suffix=suffix)

    assert request.sent_prompt == sent


def test_nothing_is_behind_a_prompt_without_a_suffix():
    assert Content().suffix_for("a fox") == ""


def test_folding_is_the_same_twice():
    for text in ("рау", "Straße", "İI1l|", "ﬁ", "x\u0301\u200d"):
        assert fold(fold(text)) == fold(text)


def test_the_word_that_is_found_is_the_one_that_is_named():
    """All words are looked for at once."""
    content = Content(blocked_words=("acme", "bikini", "globex"))

    assert content.blocked_by(None, "a glo-bex fox") == "blocked word globex"
    assert content.blocked_by("a fox", "acme, globex") == "blocked word acme"
    assert content.blocked_by("acmed globexes") is None


def test_a_long_list_takes_no_time():
    """Every command waits for it before it is acknowledged."""
    content = Content(blocked_words=tuple(f"word{n}" for n in range(2000)))
    content.blocked_by("warm")
    began = time.perf_counter()

    assert content.blocked_by("a fox in a suit, " * 20) is None

    assert time.perf_counter() - began < 0.5


def test_a_word_with_punctuation_is_looked_for_by_its_letters():
    """`f**k` finds itself, and a long prompt is not looked through in every way there is."""
    content = Content(blocked_words=("f**k",))

    assert content.blocked_by("what the f**k")
    assert content.blocked_by("f" + "*" * 2000 + "x") is None
