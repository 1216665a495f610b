"""Flags behind `same`: what they change, and how that is told."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.request import ImageRequest, MagicPrompt
from bot.errors import WrongInput
from bot.parsing.change import apply_changes, split_number
from bot.parsing.flags import FLAGS
from tests.bot.parsing.models import CALM, MODELS
from tests.bot.parsing.test_format import requests

KEPT = ImageRequest(
    prompt="a red fox, expanded",
    model="V_2",
    negative_prompt="blur",
    style_type="DESIGN",
    aspect_ratio="ASPECT_1_1",
    seed=42,
    magic_prompt=MagicPrompt.OFF,
    color_palette="JUNGLE",
    count=8,
)


def change(text, base=KEPT):
    return apply_changes(base, text, models=MODELS)


@pytest.mark.parametrize(
    "text", ["", " ", "--seed 42 --ar 1x1 --magic off -m v2 --n 8"]
)
def test_nothing_changes(text):
    """The same value again is no change."""
    assert change(text) == (KEPT, ())


@pytest.mark.parametrize(
    ("text", "fields", "told"),
    [
        pytest.param(
            "--ar 9:16",
            {"aspect_ratio": "ASPECT_9_16"},
            ("aspect ratio 1:1 → 9:16",),
            id="ratio",
        ),
        pytest.param("—seed 7", {"seed": 7}, ("seed 42 → 7",), id="seed"),
        pytest.param("--seed 0", {"seed": 0}, ("seed 42 → 0",), id="seed zero"),
        pytest.param(
            "--no hat", {"negative_prompt": "hat"}, ("avoiding blur → hat",), id="no"
        ),
        pytest.param(
            "--res 512x1536",
            {"resolution": "512x1536", "aspect_ratio": None},
            ("aspect ratio 1:1 → resolution 512x1536",),
            id="resolution for a ratio",
        ),
        pytest.param(
            "--tags a,b --private",
            {"tags": ("a", "b"), "is_private": True},
            ("tags a,b", "private"),
            id="tags and private",
        ),
        pytest.param(
            "--model v1",
            {"model": "V_1", "style_type": None, "color_palette": None, "count": 1},
            (
                "model v2 → v1",
                "style design left out",
                "palette jungle left out",
                "count 8 → 1",
            ),
            id="model that takes less",
        ),
        pytest.param(
            "-m v2a-turbo --style auto",
            {
                "model": "V_2A_TURBO",
                "style_type": "AUTO",
                "negative_prompt": None,
                "color_palette": None,
            },
            (
                "model v2 → v2a-turbo",
                "style design → auto",
                "avoiding blur left out",
                "palette jungle left out",
            ),
            id="model and style",
        ),
        pytest.param(
            "-m v3 --speed turbo",
            {"model": "V_3", "rendering_speed": "TURBO"},
            ("model v2 → v3", "speed turbo"),
            id="what only the new model takes",
        ),
    ],
)
def test_changes_just_that(text, fields, told):
    """All else stays as it was kept."""
    assert change(text) == (replace(KEPT, **fields), told)


def test_a_ratio_replaces_a_resolution():
    """A picture has one size."""
    base = replace(KEPT, aspect_ratio=None, resolution="512x1536")

    changed, told = change("--ar 9:16", base)

    assert (changed.aspect_ratio, changed.resolution) == ("ASPECT_9_16", None)
    assert told == ("resolution 512x1536 → aspect ratio 9:16",)


def test_a_new_model_drops_values_it_does_not_have():
    """A flag may be taken where the value is not."""
    base = replace(KEPT, model="V_3", aspect_ratio="ASPECT_4_5", style_type="FICTION")

    assert change("-m v2", base)[1] == (
        "aspect ratio 4:5 left out",
        "model v3 → v2",
        "style fiction left out",
    )


def test_privacy_is_taken_back():
    """A private picture may be drawn again in the open."""
    base = replace(KEPT, is_private=True)

    assert change("--private=no", base) == (KEPT, ("not private",))


def test_tags_are_taken_away():
    """An empty list is a list."""
    assert change("--tags ,", replace(KEPT, tags=("a",))) == (
        KEPT,
        ("tags a left out",),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "--seed 4 but at night",
            "Character 10: but at night is no flag. Only flags may follow here, as in"
            " --ar 9:16. To change the prompt use the button Edit or /imagine."
            " Nothing was drawn.",
            id="free text",
        ),
        pytest.param(
            "--sede 4",
            "Character 1: --sede is not a flag. Did you mean --seed? Nothing was drawn.",
            id="misspelled",
        ),
        pytest.param(
            "--ar 1:1 --res 512x1536",
            "Character 10: --res and --ar do not go together. Keep one of them."
            " Nothing was drawn.",
            id="two sizes",
        ),
        pytest.param(
            "-m v1 --style anime",
            "Character 7: v1 does not take --style; v2, v2a-turbo and v3 take it."
            " Nothing was drawn.",
            id="asked for in spite of the model",
        ),
    ],
)
def test_refuses(text, expected):
    """Refusals read as those of a new request do."""
    with pytest.raises(WrongInput) as caught:
        change(text)

    assert caught.value.text == expected


def test_a_model_that_is_gone_is_told():
    """Records outlive models; with a model named the rest may stay."""
    base = replace(KEPT, model="V_0", count=1)

    with pytest.raises(WrongInput, match=r"^V_0 is not a model here"):
        change("--seed 7", base)
    assert change("-m v2", base)[1] == ("model V_0 → v2",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2 --ar 9:16", (2, "  --ar 9:16"), id="number and flags"),
        pytest.param(" 12", (12, "   "), id="number"),
        pytest.param("--ar 9:16", (None, "--ar 9:16"), id="flags"),
        pytest.param("2nd --ar 9:16", (None, "2nd --ar 9:16"), id="word"),
        pytest.param("", (None, ""), id="nothing"),
    ],
)
def test_splits_off_the_number_of_a_picture(text, expected):
    """Blanks keep the positions of what follows."""
    assert split_number(text) == expected


_CHANGES = st.lists(
    st.sampled_from(
        [flag.example for flag in FLAGS] + ["-m v1", "-m v3", "-m v2a-turbo"]
    ),
    max_size=4,
).map(" ".join)


@CALM
@given(requests(), _CHANGES)
def test_changing_twice_is_changing_once(base, text):
    """The second time nothing is left to change."""
    try:
        once, _ = change(text, base)
    except WrongInput:
        assume(False)

    assert change(text, once) == (once, ())
