"""Prompt and flags, with positions."""

import pytest

from bot.errors import WrongInput
from bot.parsing import grammar
from bot.parsing.flags import FLAGS


def read(text):
    typed = grammar.read(text, FLAGS)
    return typed.prompt, {one.name: one.value for one in typed.given}


@pytest.mark.parametrize(
    ("text", "prompt", "flags"),
    [
        pytest.param("a fox", "a fox", {}, id="no flag"),
        pytest.param("a fox --ar 16:9", "a fox", {"ar": "16:9"}, id="at the end"),
        pytest.param("--ar 16:9 a fox", "a fox", {"ar": "16:9"}, id="in front"),
        pytest.param("a --ar 16:9 fox", "a fox", {"ar": "16:9"}, id="in the middle"),
        pytest.param("a\n--ar\n16:9\nfox", "a fox", {"ar": "16:9"}, id="newlines"),
        pytest.param("a fox --ar=16:9", "a fox", {"ar": "16:9"}, id="equals sign"),
        pytest.param("a fox --ar= 16:9", "a fox", {"ar": "16:9"}, id="equals, space"),
        pytest.param("a fox —ar 16:9", "a fox", {"ar": "16:9"}, id="em dash"),
        pytest.param("a fox –ar 16:9", "a fox", {"ar": "16:9"}, id="en dash"),
        pytest.param("a fox ——ar 16:9", "a fox", {"ar": "16:9"}, id="two em dashes"),
        pytest.param("a fox −−ar 16:9", "a fox", {"ar": "16:9"}, id="minus signs"),  # noqa: RUF001 - as typed
        pytest.param("a fox -m v2", "a fox", {"model": "v2"}, id="single hyphen"),
        pytest.param("a fox -ar 16:9", "a fox", {"ar": "16:9"}, id="hyphen, long name"),
        pytest.param("a fox --AR 16:9", "a fox", {"ar": "16:9"}, id="upper case"),
        pytest.param("a fox --aspect 16:9", "a fox", {"ar": "16:9"}, id="alias"),
        pytest.param(
            "a --seed 42, b --ar 16:9.",
            "a b",
            {"seed": "42", "ar": "16:9"},
            id="punctuation of a sentence",
        ),
        pytest.param("fox --seed -5", "fox", {"seed": "-5"}, id="negative number"),
        pytest.param(
            "fox --no text, blur --seed 4",
            "fox",
            {"no": "text, blur", "seed": "4"},
            id="words up to the next flag",
        ),
        pytest.param(
            "fox --no=text — or blur",
            "fox",
            {"no": "text — or blur"},
            id="words behind =",
        ),
        pytest.param(
            'fox --no "--ar 1:1"', "fox", {"no": "--ar 1:1"}, id="quoted words"
        ),
        pytest.param(
            "fox --no=“big hat”", "fox", {"no": "big hat"}, id="quoted behind ="
        ),
        pytest.param(
            "fox --tags a,b in a suit", "fox in a suit", {"tags": "a,b"}, id="list"
        ),
        pytest.param(
            "fox --tags a, b , c in a suit",
            "fox in a suit",
            {"tags": "a, b , c"},
            id="list with spaces",
        ),
        pytest.param(
            'fox --tags "red fox", blue in',
            "fox in",
            {"tags": '"red fox", blue'},
            id="list with quotes",
        ),
        pytest.param(
            "fox --palette jungle, studio light",
            "fox studio light",
            {"palette": "jungle,"},
            id="palette and a comma of the prompt",
        ),
        pytest.param(
            "fox --palette #f00, #0f0 light",
            "fox light",
            {"palette": "#f00, #0f0"},
            id="colours with spaces",
        ),
        pytest.param("a --private fox", "a fox", {"private": ""}, id="takes no value"),
        pytest.param("--private, a fox", "a fox", {"private": ""}, id="then a comma"),
        pytest.param(
            "a --private=false fox", "a fox", {"private": "false"}, id="switched off"
        ),
        pytest.param("-- history of art", "history of art", {}, id="lone dashes first"),
        pytest.param("— history of art", "history of art", {}, id="lone em dash first"),
        pytest.param("-- -- a", "-- a", {}, id="only the first goes"),
        pytest.param("a fox -- light", "a fox -- light", {}, id="lone dashes later"),
        pytest.param("a fox — light", "a fox — light", {}, id="em dash in prose"),
        pytest.param("10 - 5", "10 - 5", {}, id="minus"),
        pytest.param("a well-known fox—red", "a well-known fox—red", {}, id="hyphens"),
        pytest.param("at -5 or –5 degrees", "at -5 or –5 degrees", {}, id="below zero"),
        pytest.param("plug -in, -ish, -and", "plug -in, -ish, -and", {}, id="suffixes"),
        pytest.param("—Привет fox", "—Привет fox", {}, id="direct speech"),
        pytest.param("a --- b ---", "a --- b ---", {}, id="rules"),
        pytest.param("fox,--ar (--ar)", "fox,--ar (--ar)", {}, id="inside a word"),
        pytest.param("don't --seed 4", "don't", {"seed": "4"}, id="apostrophe"),
        pytest.param(
            "'tis a --seed 4 rock 'n' roll",
            "'tis a rock 'n' roll",
            {"seed": "4"},
            id="elisions hide no flag",
        ),
        pytest.param('a "fox --seed 4', 'a "fox', {"seed": "4"}, id="unclosed quote"),
        pytest.param('a "x --ar" b', 'a "x --ar" b', {}, id="quoted flag is text"),
        pytest.param(r"a \--ar b", "a --ar b", {}, id="escaped flag is text"),
    ],
)
def test_reads(text, prompt, flags):
    """What stands where in a text."""
    assert read(text) == (prompt, flags)


def test_knows_positions():
    """Flags and values are found again, whatever stands before them."""
    typed = grammar.read("🦊\x00a\n--ar 16:9 --seed=4 b", FLAGS)

    places = [(one.position, one.value_position) for one in typed.given]
    assert places == [(5, 10), (15, 22)]
    assert typed.prompt_position == 1


@pytest.mark.parametrize(
    ("text", "position", "sentence"),
    [
        pytest.param(
            "a fox --stile x",
            7,
            "--stile is not a flag. Did you mean --style?",
            id="misspelled",
        ),
        pytest.param(
            "a fox —sede 4",
            7,
            "—sede is not a flag. Did you mean --seed?",
            id="em dash",
        ),
        pytest.param(
            "a fox -sede 4", 7, "-sede is not a flag. Did you mean --seed?", id="hyphen"
        ),
        pytest.param(
            "a --ar16:9", 3, "--ar16:9 is not a flag. Did you mean --ar?", id="glued"
        ),
        pytest.param(
            "a --NEGATIV b",
            3,
            "--NEGATIV is not a flag. Did you mean --negative?",
            id="case",
        ),
        pytest.param(
            "a --5",
            3,
            "--5 is not a flag. The flags are --ar, --res, --model, --style, --seed, --no,"
            " --magic, --palette, --speed, --n, --tags, --format, --private.",
            id="nothing near",
        ),
        pytest.param(
            "fox --no hat --sede 4",
            14,
            "--sede is not a flag. Did you mean --seed?",
            id="behind words",
        ),
        pytest.param(
            'fox --no"a b"',
            5,
            '--no"a is not a flag. Did you mean --no?',
            id="glued quote",
        ),
        pytest.param(
            "a fox --seed",
            7,
            "--seed needs a value, as in --seed 42.",
            id="value missing at the end",
        ),
        pytest.param(
            "a fox --seed --ar 1:1",
            7,
            "--seed needs a value, as in --seed 42.",
            id="value missing before a flag",
        ),
        pytest.param(
            'a --no "" --ar 1:1',
            3,
            "--no needs a value, as in --no text, blur.",
            id="empty value",
        ),
        pytest.param(
            "a --ar 1:1 --aspect 16:9",
            12,
            "--ar is given twice, first at character 3. Keep one of them.",
            id="twice",
        ),
    ],
)
def test_refuses(text, position, sentence):
    """A mistyped flag is told, with its place, and never drawn as part of the prompt."""
    with pytest.raises(WrongInput) as caught:
        grammar.read(text, FLAGS)

    assert (caught.value.position, caught.value.text) == (position, sentence)


def test_tells_what_to_do_about_a_dash_of_the_prompt():
    """Who meant a dash and no flag learns how to write it."""
    with pytest.raises(WrongInput, match="needs a space behind it"):
        grammar.read("a fox —half asleep", FLAGS)
