"""Calls in the format of `POST /generate`."""

import pytest

from bot.domain.request import ImageRequest, MagicPrompt
from bot.ideogram.catalog import MODELS
from bot.ideogram.wire_legacy import build_call


def sent(**changes):
    request = ImageRequest(**{"prompt": "a fox", "model": "V_2", **changes})
    call = build_call(request, MODELS[request.model])
    assert call.path == "/generate"
    return call.body["image_request"]


def test_only_what_is_set_is_sent():
    """Every further field is one more that a gateway may refuse."""
    assert sent() == {"prompt": "a fox", "model": "V_2", "magic_prompt_option": "AUTO"}


def test_everything_that_v2_takes_is_sent():
    """The names and spellings are the API's."""
    body = sent(
        seed=0,
        magic_prompt=MagicPrompt.OFF,
        aspect_ratio="ASPECT_16_9",
        negative_prompt="text",
        style_type="RENDER_3D",
        color_palette="EMBER",
        count=3,
    )

    assert body == {
        "prompt": "a fox",
        "model": "V_2",
        "magic_prompt_option": "OFF",
        "seed": 0,
        "aspect_ratio": "ASPECT_16_9",
        "negative_prompt": "text",
        "style_type": "RENDER_3D",
        "color_palette": {"name": "EMBER"},
        "num_images": 3,
    }


def test_a_resolution_replaces_the_ratio():
    """Ideogram refuses both together."""
    body = sent(resolution="1024x640", aspect_ratio="ASPECT_16_9")

    assert body["resolution"] == "RESOLUTION_1024_640"
    assert "aspect_ratio" not in body


@pytest.mark.parametrize(
    ("model", "kept"),
    [
        ("V_1", {"negative_prompt"}),
        ("V_1_TURBO", {"negative_prompt"}),
        ("V_2_TURBO", {"negative_prompt", "style_type", "color_palette", "resolution"}),
        ("V_2A", {"style_type"}),
        ("V_2A_TURBO", {"style_type"}),
    ],
)
def test_a_model_is_never_sent_what_it_does_not_take(model, kept):
    """A record of another model may hold more than this one takes."""
    body = sent(
        model=model,
        negative_prompt="text",
        style_type="DESIGN",
        color_palette="EMBER",
        resolution="1024x640",
        rendering_speed="TURBO",
    )

    optional = {"negative_prompt", "style_type", "color_palette", "resolution"}
    assert body.keys() & optional == kept
    assert "rendering_speed" not in body


def test_a_model_without_resolutions_keeps_the_ratio():
    """The resolution is dropped, not the size altogether."""
    body = sent(model="V_2A", resolution="1024x640", aspect_ratio="ASPECT_16_9")

    assert body["aspect_ratio"] == "ASPECT_16_9"
