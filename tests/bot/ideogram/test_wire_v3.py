"""Calls in the format of `POST /v1/ideogram-v3/generate`."""

from bot.domain.request import ImageRequest, MagicPrompt
from bot.ideogram.catalog import MODELS
from bot.ideogram.wire_v3 import build_call


def sent(**changes):
    request = ImageRequest(prompt="a fox", model="V_3", **changes)
    call = build_call(request, MODELS["V_3"])
    assert call.path == "/v1/ideogram-v3/generate"
    return call.body


def test_only_what_is_set_is_sent():
    """The model is in the path, not in the body."""
    assert sent() == {"prompt": "a fox", "magic_prompt": "AUTO"}


def test_everything_is_sent_flat_and_in_v3s_spelling():
    """`16x9` and `magic_prompt`, where the legacy format has other names."""
    body = sent(
        seed=2_147_483_647,
        magic_prompt=MagicPrompt.ON,
        aspect_ratio="ASPECT_16_9",
        negative_prompt="text",
        style_type="FICTION",
        color_palette="#112233:0.5",
        rendering_speed="QUALITY",
        count=8,
    )

    assert body == {
        "prompt": "a fox",
        "magic_prompt": "ON",
        "seed": 2_147_483_647,
        "aspect_ratio": "16x9",
        "negative_prompt": "text",
        "style_type": "FICTION",
        "color_palette": {"members": [{"color_hex": "#112233", "color_weight": 0.5}]},
        "rendering_speed": "QUALITY",
        "num_images": 8,
    }


def test_a_resolution_replaces_the_ratio():
    """Ideogram refuses both together."""
    body = sent(resolution="1536x640", aspect_ratio="ASPECT_16_9")

    assert body["resolution"] == "1536x640"
    assert "aspect_ratio" not in body
