"""Files of many requests."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import WrongInput
from bot.parsing.batch import MAX_LINES, Form, form_of, read_batch
from tests.bot.parsing.models import CALM, MODELS


def read(content, form=Form.TEXT, **options):
    content = content if isinstance(content, bytes) else content.encode()
    return read_batch(content, form, models=MODELS, default_model="V_2", **options)


def asked(content, form=Form.TEXT, **options):
    """Give the requests of a file without a wrong line."""
    lines = read(content, form, **options)
    assert lines.wrong == ()
    return [line.request for line in lines.right]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("prompts.txt", Form.TEXT),
        ("Prompts.CSV", Form.CSV),
        ("a.b.jsonl", Form.JSONL),
        ("a.ndjson", Form.JSONL),
        ("prompts", Form.TEXT),
    ],
)
def test_the_name_tells_the_form(name, form):
    assert form_of(name) is form


def test_a_text_is_a_prompt_a_line():
    """Empty lines are passed by and counted; flags are those of chat."""
    lines = read("a fox --seed 1\r\n\n  \na hare --ar 16:9\n")

    assert [(line.number, line.request.prompt) for line in lines.right] == [
        (1, "a fox"),
        (4, "a hare"),
    ]
    assert lines.right[0].request.seed == 1
    assert lines.right[1].request.aspect_ratio == "ASPECT_16_9"


def test_a_table_names_its_columns_like_flags():
    """By their short or long names, in any case; empty cells say nothing."""
    [fox, hare] = asked(
        'Prompt,ar,SEED,negative,tags\n"a fox, red",16:9,7,,"a,b"\na hare,,,text,\n',
        Form.CSV,
    )

    assert (fox.prompt, fox.seed, fox.tags) == ("a fox, red", 7, ("a", "b"))
    assert (hare.aspect_ratio, hare.negative_prompt) == (None, "text")


@pytest.mark.parametrize("delimiter", [";", "\t"], ids=["semicolon", "tab"])
def test_spreadsheets_write_other_tables(delimiter):
    content = f"\ufeffprompt{delimiter}seed\r\na fox, red{delimiter}7\r\n"

    [fox] = asked(content, Form.CSV)

    assert (fox.prompt, fox.seed) == ("a fox, red", 7)


def test_a_cell_may_have_several_lines():
    """A wrong row is named by the line it begins on."""
    lines = read('prompt,seed\n"a\nfox",1\n\na hare,x\n', Form.CSV)

    assert [(line.number, line.request.prompt) for line in lines.right] == [
        (2, "a fox")
    ]
    assert [line.number for line in lines.wrong] == [5]


def test_json_lines_are_objects():
    """Numbers, switches and lists are what they are; null says nothing."""
    content = "\n".join(
        [
            json.dumps({"prompt": "a fox", "seed": 0, "count": 2, "tags": ["a", "b"]}),
            "",
            json.dumps({"prompt": "a\u2028hare", "ar": None, "magic": "off"}),
        ]
    )

    lines = read(content, Form.JSONL)

    assert [line.number for line in lines.right] == [1, 3]
    assert (lines.right[0].request.seed, lines.right[0].request.count) == (0, 2)
    assert lines.right[0].request.tags == ("a", "b")
    assert lines.right[1].request.magic_prompt == "OFF"


@pytest.mark.parametrize(
    ("form", "content", "says"),
    [
        (Form.TEXT, "a fox --sed 1", "Did you mean --seed?"),
        (Form.CSV, "prompt,seed\na fox,1,2", "It has 3 cells"),
        (Form.CSV, "prompt,seed\n,1", "Say what to draw"),
        (Form.JSONL, "{", "It is no JSON."),
        (Form.JSONL, "[1]", "It is no JSON object."),
        (Form.JSONL, '{"prompt": "a", "sed": 1}', "Did you mean seed?"),
        (Form.JSONL, '{"prompt": "a", "tags": {"a": 1}}', "a list of texts"),
        (Form.JSONL, '{"prompt": "a", "seed": 1.5}', "neither a text"),
        (Form.JSONL, '{"prompt": "a", "prompt": "b"}', "It says prompt twice."),
        (Form.JSONL, '{"prompt": "a", "ar": "1:1", "aspect": "2:1"}', "twice"),
        (Form.JSONL, "[" * 100_000, "It is no JSON."),
    ],
)
def test_every_wrong_line_is_named(form, content, says):
    """With what is wrong about it; the others are read all the same."""
    lines = read(content, form)

    [wrong] = lines.wrong
    assert says in wrong.text


@pytest.mark.parametrize(
    ("form", "content", "says"),
    [
        (Form.TEXT, b"", "no line"),
        (Form.TEXT, b"\xff\xfe", "UTF-8"),
        (Form.TEXT, b"a\n" * (MAX_LINES + 1), "5,000 are possible"),
        (Form.TEXT, b"a" * 6_000_000, "larger than 5 MiB"),
        (Form.CSV, b"seed\n1", "one of them is prompt"),
        (Form.CSV, b"prompt,sead\na,1", "Did you mean seed?"),
        (Form.CSV, b"prompt,ar,aspect\na,1,1", "twice"),
        (Form.CSV, b'prompt\n"a', "no CSV"),
        (Form.CSV, b"prompt\n", "no line"),
    ],
)
def test_what_is_no_batch_is_refused_whole(form, content, says):
    with pytest.raises(WrongInput, match=says.replace("?", r"\?")):
        read(content, form)


def test_flags_for_all_hold_where_a_line_says_nothing():
    """A line's resolution beats the ratio for all: they are two ways to say one thing."""
    first, second, third = asked(
        "a\nb --ar 1:1\nc --res 1024x1024\n", flags="--ar 16:9 --seed 5"
    )

    assert (first.aspect_ratio, first.seed) == ("ASPECT_16_9", 5)
    assert (second.aspect_ratio, second.seed) == ("ASPECT_1_1", 5)
    assert (third.aspect_ratio, third.resolution) == (None, "1024x1024")


def test_words_among_the_flags_for_all_are_refused():
    """Said once, not for each of five thousand lines."""
    with pytest.raises(WrongInput, match="for all lines are wrong: fox is no flag"):
        read("a\nb", flags="fox")


def test_a_campaign_is_a_tag_of_every_line():
    first, second = asked("a --tags x\nb\n", tags=("spring",))

    assert (first.tags, second.tags) == (("x", "spring"), ("spring",))


@CALM
@given(st.binary(max_size=300), st.sampled_from(Form))
def test_nothing_read_is_a_fault(content, form):
    """Whatever the bytes: lines, wrong lines, or a refusal."""
    with suppress(WrongInput):
        lines = read(content, form)
        assert lines.right or lines.wrong
