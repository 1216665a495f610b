"""What was typed to what is asked."""

# ruff: noqa: RUF001 - quotes as phones bend them

import time
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.request import ImageRequest, MagicPrompt
from bot.errors import WrongInput
from bot.ideogram.catalog import MODELS as REAL_MODELS
from bot.parsing.flags import FLAGS
from bot.parsing.resolve import parse_request
from tests.bot.parsing.models import CALM, MODELS


def parse(text, models=MODELS, **options):
    return parse_request(text, options=options, models=models, default_model="V_2")


@pytest.mark.parametrize(
    "models", [pytest.param(MODELS, id="few"), pytest.param(REAL_MODELS, id="all")]
)
def test_reads_everything_at_once(models):
    """The example of the documentation."""
    request = parse(
        "a fox in a suit, studio light --ar 16:9 --seed 42 --no text, blur --style design"
        " --model v2 --n 2 --palette jungle --magic off --tags campaign,fox",
        models,
    )

    assert request == ImageRequest(
        prompt="a fox in a suit, studio light",
        model="V_2",
        negative_prompt="text, blur",
        style_type="DESIGN",
        aspect_ratio="ASPECT_16_9",
        seed=42,
        magic_prompt=MagicPrompt.OFF,
        color_palette="JUNGLE",
        count=2,
        tags=("campaign", "fox"),
    )


def test_nothing_is_assumed_that_was_not_asked():
    """Seed and ratio stay open: others choose them."""
    assert parse("a fox") == ImageRequest(prompt="a fox", model="V_2")


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        pytest.param("--ar 16x9", "aspect_ratio", "ASPECT_16_9", id="ratio with x"),
        pytest.param("--ar 16×9", "aspect_ratio", "ASPECT_16_9", id="ratio with ×"),
        pytest.param("--ar ASPECT_16_9", "aspect_ratio", "ASPECT_16_9", id="API ratio"),
        pytest.param("--ar aspect_3_1", "aspect_ratio", "ASPECT_3_1", id="lower case"),
        pytest.param("-m v3 --ar 4:5", "aspect_ratio", "ASPECT_4_5", id="newer ratio"),
        pytest.param("--res 1024x1024", "resolution", "1024x1024", id="size"),
        pytest.param("--res 1024×1024", "resolution", "1024x1024", id="size with ×"),
        pytest.param("--resolution 1024X640", "resolution", "1024x640", id="size X"),
        pytest.param(
            "--res RESOLUTION_1024_1024", "resolution", "1024x1024", id="API size"
        ),
        pytest.param("--model v1", "model", "V_1", id="model"),
        pytest.param(
            "--model V2A-Turbo", "model", "V_2A_TURBO", id="model in any case"
        ),
        pytest.param(
            "--model v2aturbo", "model", "V_2A_TURBO", id="model without dash"
        ),
        pytest.param("--model V_2A_TURBO", "model", "V_2A_TURBO", id="API model"),
        pytest.param("--style 3d", "style_type", "RENDER_3D", id="3d"),
        pytest.param("--style render_3d", "style_type", "RENDER_3D", id="API style"),
        pytest.param("--style Anime", "style_type", "ANIME", id="style in any case"),
        pytest.param("--seed 0", "seed", 0, id="least seed"),
        pytest.param("--seed 2147483647", "seed", 2147483647, id="greatest seed"),
        pytest.param("--negative hat", "negative_prompt", "hat", id="negative"),
        pytest.param("--magic ON", "magic_prompt", MagicPrompt.ON, id="magic"),
        pytest.param("--palette Jungle", "color_palette", "JUNGLE", id="preset"),
        pytest.param(
            "--palette #f00:0.50,#00ff7f:1.0,#123456",
            "color_palette",
            "#FF0000:0.5,#00FF7F:1,#123456",
            id="colours",
        ),
        pytest.param(
            "-m v3 --speed turbo", "rendering_speed", "TURBO", id="rendering speed"
        ),
        pytest.param("--count 8", "count", 8, id="most pictures"),
        pytest.param(
            '--tags Campaign, #fox, "Red  Fox", fox',
            "tags",
            ("campaign", "fox", "red fox"),
            id="tags",
        ),
        pytest.param(
            "--format instagram, 1500x500",
            "formats",
            ("instagram", "twitter-header"),
            id="formats",
        ),
        pytest.param("--private", "is_private", True, id="private"),
        pytest.param("--private=false", "is_private", False, id="not private"),
    ],
)
def test_reads_values(text, field, value):
    """Every spelling people use ends in the one that records use."""
    request = parse(f"a fox {text}")

    assert getattr(request, field) == value
    assert request.prompt == "a fox"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "a fox --stile design",
            "Character 7: --stile is not a flag. Did you mean --style?"
            " Nothing was drawn.",
            id="flag",
        ),
        pytest.param(
            "a --ar 17:9",
            "Character 8: 17:9 is not an aspect ratio. Did you mean 16:9? v2 takes 1:1,"
            " 16:9, 9:16, 16:10, 10:16, 3:2, 2:3, 4:3, 3:4, 1:3, 3:1. Nothing was drawn.",
            id="ratio nobody has",
        ),
        pytest.param(
            "a --ar 1:2",
            "Character 8: 1:2 is not an aspect ratio of v2; it is one of v3. v2 takes 1:1,"
            " 16:9, 9:16, 16:10, 10:16, 3:2, 2:3, 4:3, 3:4, 1:3, 3:1. Nothing was drawn.",
            id="ratio of another model",
        ),
        pytest.param(
            "a -m v3 --ar 0:0",
            "Character 14: 0:0 is not an aspect ratio. v3 takes 1:1, 16:9, 9:16, 16:10,"
            " 10:16, 3:2, 2:3, 4:3, 3:4, 1:3, 3:1, 1:2, 2:1, 4:5. Nothing was drawn.",
            id="no ratio at all",
        ),
        pytest.param(
            "a --res 1000x1000",
            "Character 9: 1000x1000 is not a resolution. Did you mean 1024x1024?"
            " v2 takes 30, among them 1024x1024, 768x1024, 1024x768. Nothing was drawn.",
            id="size",
        ),
        pytest.param(
            "a --res 1024x1024 --ar 1:1",
            "Character 19: --res and --ar do not go together. Keep one of them."
            " Nothing was drawn.",
            id="size and ratio",
        ),
        pytest.param(
            "a --model v4.5",
            "Character 11: v4.5 is not a model here. The models are v1, v2, v2a-turbo, v3."
            " Nothing was drawn.",
            id="model",
        ),
        pytest.param(
            "a --model v2a-trubo",
            "Character 11: v2a-trubo is not a model here. Did you mean v2a-turbo?"
            " The models are v1, v2, v2a-turbo, v3. Nothing was drawn.",
            id="misspelled model",
        ),
        pytest.param(
            "a --style desing",
            "Character 11: desing is not a style. Did you mean design? v2 takes auto,"
            " general, realistic, design, 3d, anime. Nothing was drawn.",
            id="style",
        ),
        pytest.param(
            "a -m v1 --style design",
            "Character 9: v1 does not take --style; v2, v2a-turbo and v3 take it."
            " Nothing was drawn.",
            id="flag the model does not take",
        ),
        pytest.param(
            "a --speed turbo",
            "Character 3: v2 does not take --speed; v3 takes it. Nothing was drawn.",
            id="flag one model takes",
        ),
        pytest.param(
            "a --no hat -m v2a-turbo",
            "Character 3: v2a-turbo does not take --no; v1, v2 and v3 take it."
            " Nothing was drawn.",
            id="negative prompt",
        ),
        pytest.param(
            "a --seed 2147483648",
            "Character 10: 2147483648 is not a seed: it is a whole number from 0 to"
            " 2147483647. Nothing was drawn.",
            id="seed too large",
        ),
        pytest.param(
            "a --seed ٤٢",
            "Character 10: ٤٢ is not a seed: it is a whole number from 0 to 2147483647."
            " Nothing was drawn.",
            id="foreign digits",
        ),
        pytest.param(
            "a -m v1 --n 5",
            "Character 13: 5 is not a number of pictures: it is a whole number from 1 to 4."
            " Nothing was drawn.",
            id="more than the model draws",
        ),
        pytest.param(
            "a --magic of",
            "Character 11: of is not a setting of --magic. Did you mean off?"
            " Possible: auto, on, off. Nothing was drawn.",
            id="magic",
        ),
        pytest.param(
            "a --palette ff0000",
            "Character 13: ff0000 is not a palette. v2 takes ember, jungle, pastel."
            " Did you mean #FF0000? Colours are written #RRGGBB or #RRGGBB:weight."
            " Nothing was drawn.",
            id="colour without #",
        ),
        pytest.param(
            "a --palette #ff00",
            "Character 13: #ff00 is not a colour. Colours are written #RRGGBB or"
            " #RRGGBB:weight. Nothing was drawn.",
            id="colour",
        ),
        pytest.param(
            "a --palette #f00:1.01",
            "Character 13: 1.01 is not a weight: it is a number from 0.05 to 1."
            " Nothing was drawn.",
            id="weight",
        ),
        pytest.param(
            "a --palette #f00,#f00,#f00,#f00,#f00,#f00,#f00,#f00,#f00",
            "Character 13: 9 colours are too many; 8 are possible. Nothing was drawn.",
            id="too many colours",
        ),
        pytest.param(
            "a --format twitter",
            "Character 12: twitter is not a format. Did you mean twitter-header?"
            " Possible: og-image, instagram, twitter-header, or a size such as"
            " 800x600. Nothing was drawn.",
            id="format",
        ),
        pytest.param(
            f"a --tags {'t' * 51}",
            f"Character 10: The tag {'t' * 39}… is too long; 50 characters are possible."
            " Nothing was drawn.",
            id="long tag",
        ),
        pytest.param(
            "a --tags " + ",".join(map(str, range(21))),
            "Character 10: 21 tags are too many; 20 are possible. Nothing was drawn.",
            id="too many tags",
        ),
        pytest.param(
            "a --private=perhaps",
            "Character 13: perhaps is neither true nor false. Nothing was drawn.",
            id="switch",
        ),
        pytest.param(
            "--ar 1:1",
            "Say what to draw, for example: a fox in a suit, studio light --ar 16:9."
            " Nothing was drawn.",
            id="no prompt",
        ),
        pytest.param(
            "a" * 10_001,
            "The prompt has 10,001 characters; 10,000 are possible. Nothing was drawn.",
            id="long prompt",
        ),
        pytest.param(
            f"a --no {'b' * 10_001}",
            "Character 8: The text of --no has 10,001 characters; 10,000 are possible."
            " Nothing was drawn.",
            id="long negative prompt",
        ),
    ],
)
def test_refuses(text, expected):
    """A refusal says where, what, what would be right, and that nothing was drawn."""
    with pytest.raises(WrongInput) as caught:
        parse(text)

    assert caught.value.text == expected


def test_the_longest_prompt_is_taken():
    """The limit itself is within it."""
    assert len(parse("a" * 10_000).prompt) == 10_000


class TestOptions:
    """Menus name flags by their short name."""

    def test_win_over_typed_flags(self):
        """Even over a typed value that is wrong."""
        request = parse("a fox --seed x --ar 1:1", seed="7", ar="16:9", n="3")

        assert request == ImageRequest(
            prompt="a fox", model="V_2", seed=7, aspect_ratio="ASPECT_16_9", count=3
        )

    def test_a_resolution_wins_over_a_typed_ratio(self):
        """Both say how large: the menu has the last word."""
        request = parse("a fox --ar 1:1", res="1024x1024")

        assert (request.aspect_ratio, request.resolution) == (None, "1024x1024")

    def test_choose_the_model_that_limits_typed_flags(self):
        """The menu's model counts for the flags in the text."""
        assert parse("a fox --speed turbo", model="v3").rendering_speed == "TURBO"

    @pytest.mark.parametrize("value", ["true", "True"])
    def test_read_switches(self, value):
        """Platforms spell truth in their own ways."""
        assert parse("a fox", private=value).is_private

    def test_are_plain_text(self):
        """A menu's field holds one value: what looks like a flag in it is none."""
        assert parse("a fox", no="a\n--ar ").negative_prompt == "a --ar"

    def test_left_empty_do_not_count(self):
        """Forms send fields nobody filled in."""
        assert parse("a fox", seed=" ") == parse("a fox")

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            pytest.param(
                {"seed": "x"},
                "x is not a seed: it is a whole number from 0 to 2147483647."
                " Nothing was drawn.",
                id="value",
            ),
            pytest.param(
                {"ar": "1:1", "res": "1024x1024"},
                "--res and --ar do not go together. Keep one of them. Nothing was drawn.",
                id="ratio and size",
            ),
            pytest.param(
                {"mood": "x"}, "mood is not an option. Nothing was drawn.", id="unknown"
            ),
        ],
    )
    def test_are_refused_without_a_position(self, options, expected):
        """There is no character to point at."""
        with pytest.raises(WrongInput) as caught:
            parse("a fox", **options)

        assert (caught.value.text, caught.value.position) == (expected, None)


def test_a_default_model_may_be_named_as_people_do():
    """Settings hold either spelling."""
    request = parse_request("a fox", models=MODELS, default_model="v2a-turbo")

    assert request.model == "V_2A_TURBO"


_PIECES = st.sampled_from(
    [f"--{name}" for flag in FLAGS for name in (flag.name, *flag.aliases)]
    + [
        "—ar",
        "–seed",
        "-m",
        "--",
        "—",
        "-5",
        "--no=",
        "\\--ar",
        '"',
        "'",
        "“",
        "”",
        "’",
    ]
    + [
        "16:9",
        "v3",
        "42",
        "#f00:0.5,",
        "design",
        "a fox",
        "off",
        "turbo",
        ",",
        "\n",
        "\x00",
    ]
)
_TEXTS = st.one_of(
    st.text(st.characters()),
    st.lists(st.one_of(_PIECES, st.text(st.characters(), max_size=8))).map(" ".join),
    st.lists(_PIECES).map("".join),
)


@CALM
@given(_TEXTS)
@example("--ar=\ud800")
@example("a --palette #f00:.")
@example(f"a --ar {'1' * 5000}:1")  # more digits than Python reads
@example(f"a --res {'1' * 500}x1")  # more than a fraction holds
def test_any_text_is_read_or_refused_with_a_sentence(text):
    """No text makes anything else happen."""
    request, wrong = outcome(text)

    if request is not None:
        assert request.prompt == " ".join(request.prompt.split())
        assert b"\x00" not in request.prompt.encode()
    if wrong is not None:
        assert wrong.text.endswith(".")
        assert len(wrong.text) < 500
        assert wrong.position is None or 1 <= wrong.position <= len(text)


def outcome(text):
    """Give the request, or the refusal."""
    try:
        return parse(text), None
    except WrongInput as wrong:
        return None, wrong


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("-abcde " * 6_000, id="hyphens"),
        pytest.param('"a ' * 13_000, id="unclosed quotes"),
        pytest.param("'a' \"b\" " * 5_000, id="quotes"),
        pytest.param("\\" * 40_000, id="backslashes"),
        pytest.param("—" * 40_000, id="dashes"),
        pytest.param("a --no " + "b " * 20_000, id="words"),
        pytest.param("a --tags " + "b, " * 13_000, id="list"),
        pytest.param("a --palette " + "#f00," * 8_000, id="colours"),
        pytest.param("a --ar " + "9" * 40_000, id="digits"),
        pytest.param("a --" + "s" * 40_000, id="long flag"),
        pytest.param("a " + "--seed 1 " * 4_000, id="flags"),
        pytest.param('a --no="' + 'b" =' * 10_000, id="equals signs"),
    ],
)
def test_long_texts_take_no_time(text):
    """CPU time grows with the length, not with its square (that would be minutes)."""
    started = time.process_time()

    with suppress(WrongInput):
        parse(text)

    assert time.process_time() - started < 10
