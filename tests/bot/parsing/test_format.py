"""A request as a person would type it."""

# ruff: noqa: RUF001 - quotes as phones bend them

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.request import MAX_SEED, ImageRequest, MagicPrompt
from bot.domain.sizes import NAMED
from bot.ideogram.catalog import MODELS as REAL_MODELS
from bot.parsing.flags import FLAGS
from bot.parsing.format import format_flags, format_prompt, format_request
from bot.parsing.resolve import parse_request
from bot.parsing.values import read_tags
from tests.bot.parsing.models import CALM, MODELS


def formatted(request, models=MODELS):
    return format_request(request, models=models, default_model="V_2")


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        pytest.param("a fox", "a fox", id="plain"),
        pytest.param("don't — 10 - 5", "don't — 10 - 5", id="dashes and apostrophe"),
        pytest.param('a sign "OPEN"', 'a sign "OPEN"', id="quotes"),
        pytest.param("say --ar 1:1", '"say --ar 1:1"', id="flag"),
        pytest.param("-- a", '"-- a"', id="lone dashes first"),
        pytest.param('"a"', '""a""', id="all quoted"),
        pytest.param('"a" --ar "b"', r"\"a\" \--ar \"b\"", id="flag and quotes"),
        pytest.param('a "fox', r"a \"fox", id="unclosed quote"),
        pytest.param("a\n fox", "a fox", id="newline"),
    ],
)
def test_prompts_are_kept_from_being_flags(prompt, expected):
    """Quotes where needed, backslashes where quotes do not help."""
    assert format_prompt(prompt) == expected


def test_writes_every_flag():
    """The order is the table's."""
    request = ImageRequest(
        prompt="history of art",
        model="V_3",
        negative_prompt="hat -- coat",
        style_type="DESIGN",
        resolution="1536x512",
        seed=0,
        magic_prompt=MagicPrompt.OFF,
        color_palette="#FF0000:0.5,#00FF00",
        rendering_speed="TURBO",
        count=2,
        tags=("red fox", "mom's"),
        formats=("instagram", "og-image"),
        is_private=True,
    )

    assert formatted(request) == (
        "-- history of art --res 1536x512 --model v3 --style design --seed 0"
        " --no hat -- coat --magic off --palette #FF0000:0.5,#00FF00 --speed turbo --n 2"
        ' --tags "red fox,mom\'s" --format instagram,og-image --private'
    )


def test_leaves_out_what_the_bot_would_choose():
    """A form shows only what was asked for."""
    request = ImageRequest(prompt="a fox", model="V_2")

    assert format_flags(request, models=MODELS, default_model="v2") == ""


_WORDS = st.one_of(
    st.sampled_from(
        [f"--{flag.name}" for flag in FLAGS]
        + ["--", "—", "–5", "-m", "--sede", "—half", "\\--ar", "\\", '\\"', "don't"]
        + [
            '"',
            "'",
            "“a",
            "b”",
            "«x»",
            "‘a",
            "b’,",
            ',"a',
            'b"',
            "(“",
            "🦊",
            "#f00",
            ",",
        ]
    ),
    st.text(
        st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), max_size=6
    ),
)
_TEXTS = (
    st.lists(_WORDS, min_size=1, max_size=8)
    .map(lambda parts: " ".join(" ".join(parts).replace("\u200b", "").split()))
    .map(lambda text: text.replace("\ufeff", ""))
    .filter(lambda text: text and text == " ".join(text.split()))
)
_COLORS = st.lists(
    st.from_regex(r"#[0-9A-F]{6}(:(0\.[1-9]|0\.05|1))?", fullmatch=True),
    min_size=1,
    max_size=8,
).map(",".join)


def _optional(values):
    return st.none() | st.sampled_from(values) if values else st.none()


@st.composite
def requests(draw, models=MODELS):
    """Give a request that its model takes."""
    model = draw(st.sampled_from(list(models.values())))
    size = draw(st.booleans())
    palettes = st.none() | st.sampled_from(model.palettes or ("",)) | _COLORS
    tags = draw(st.lists(_TEXTS, max_size=3))
    return ImageRequest(
        prompt=draw(_TEXTS),
        model=model.name,
        negative_prompt=draw(st.none() | _TEXTS)
        if model.takes_negative_prompt
        else None,
        style_type=draw(_optional(model.styles)),
        aspect_ratio=draw(_optional(model.aspect_ratios)) if size else None,
        resolution=None if size else draw(_optional(model.resolutions)),
        seed=draw(st.none() | st.integers(0, MAX_SEED)),
        magic_prompt=draw(st.sampled_from(MagicPrompt)),
        color_palette=draw(palettes) if model.palettes else None,
        rendering_speed=draw(_optional(model.speeds)),
        count=draw(st.integers(1, model.max_count)),
        tags=read_tags(",".join(tag[:10] for tag in tags)),
        formats=tuple(draw(st.lists(st.sampled_from(list(NAMED)), unique=True))),
        is_private=draw(st.booleans()),
    )


@CALM
@given(requests())
def test_reading_gives_the_request_back(request):
    """Whatever a request holds, it may be typed."""
    text = formatted(request)

    assert parse_request(text, models=MODELS, default_model="V_2") == request


@CALM
@given(requests(REAL_MODELS))
def test_reading_gives_requests_of_real_models_back(request):
    """The catalogue has no value that cannot be typed."""
    text = formatted(request, REAL_MODELS)

    assert parse_request(text, models=REAL_MODELS, default_model="V_2") == request
