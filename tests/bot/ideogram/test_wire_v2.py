"""Calls in the format of `POST /v2/image/generate/ideogram-4-5`."""

from bot.domain.request import ImageRequest, MagicPrompt
from bot.ideogram.catalog import MODELS
from bot.ideogram.wire_v2 import build_call


def sent(*, webhook_url=None, **changes):
    request = ImageRequest(prompt="a fox", model="V_4_5", **changes)
    call = build_call(request, MODELS["V_4_5"], webhook_url=webhook_url)
    assert call.path == "/v2/image/generate/ideogram-4-5"
    return call.body


def test_without_wishes_it_is_square():
    """Left out, Ideogram would choose a size by the prompt, and records say 1:1."""
    assert sent() == {
        "prompt": "a fox",
        "magic_prompt": "auto",
        "size": "2048x2048",
        "async": True,
    }


def test_everything_is_sent_flat_and_in_lower_case():
    """Where older formats have capitals; a ratio is sent as the size it stands for."""
    body = sent(
        seed=0,
        magic_prompt=MagicPrompt.OFF,
        aspect_ratio="ASPECT_16_9",
        count=8,
        webhook_url="https://bot.example.com/webhooks/ideogram",
    )

    assert body == {
        "prompt": "a fox",
        "magic_prompt": "off",
        "size": "2560x1440",
        "async": True,
        "seed": 0,
        "num_images": 8,
        "webhook_url": "https://bot.example.com/webhooks/ideogram",
    }


def test_a_resolution_is_the_size():
    assert sent(resolution="1024x1024")["size"] == "1024x1024"


def test_what_the_model_does_not_take_is_not_sent():
    """A record of another model may bring along what this one refuses."""
    body = sent(
        negative_prompt="text",
        style_type="DESIGN",
        color_palette="JUNGLE",
        rendering_speed="TURBO",
    )

    assert set(body) == {"prompt", "magic_prompt", "size", "async"}
