"""What the simulator accepts is what the real service describes."""

import pytest

from bot.domain.request import MagicPrompt
from bot.ideogram.simulator.checks import Invalid, read_legacy, read_v2, read_v3


def test_what_is_left_out_has_the_services_defaults():
    """V_2, 1:1, one picture, magic prompt AUTO."""
    asked = read_legacy({"image_request": {"prompt": "a fox"}})

    assert asked.model.name == "V_2"
    assert asked.size == "1024x1024"
    assert asked.count == 1
    assert asked.magic is MagicPrompt.AUTO
    assert asked.palette == ()


def test_colours_are_read_as_a_palette():
    """Weights are checked and otherwise ignored."""
    members = [{"color_hex": "#fff", "color_weight": 0.05}, {"color_hex": "#123456"}]

    asked = read_v3({"prompt": "a fox", "color_palette": {"members": members}})

    assert asked.palette == ("#fff", "#123456")


@pytest.mark.parametrize(
    ("read", "payload", "says"),
    [
        (read_legacy, None, "'image_request' is a required property"),
        (read_legacy, {"prompt": "a fox"}, "'image_request' is a required property"),
        (read_legacy, {"image_request": []}, "[] is not of type 'object'"),
        (read_legacy, {"image_request": {}}, "'prompt' is a required property"),
        (read_v3, [], "[] is not of type 'object'"),
        (read_v3, {}, "'prompt' is a required property"),
    ],
)
def test_a_body_of_another_shape_is_refused(read, payload, says):
    """The legacy format is nested, v3's is flat."""
    with pytest.raises(Invalid) as refused:
        read(payload)

    assert says in refused.value.detail


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"prompt": 7}, "7 is not of type 'string'"),
        ({"prompt": " "}, "empty"),
        ({"seed": 2_147_483_648}, "greater than the maximum of 2147483647"),
        ({"seed": -1}, "less than the minimum of 0"),
        ({"seed": "42"}, "'42' is not of type 'integer'"),
        ({"seed": True}, "True is not of type 'integer'"),
        ({"num_images": 0}, "less than the minimum of 1"),
        ({"num_images": 9}, "9 is greater than the maximum of 8"),
        ({"aspect_ratio": "16x9"}, "'16x9' is not one of"),
        ({"aspect_ratio": "ASPECT_1_2"}, "is not one of"),
        ({"resolution": "1024x1024"}, "is not one of"),
        ({"model": "V_3"}, "is not one of"),
        ({"style_type": "FICTION"}, "is not one of"),
        ({"magic_prompt_option": "off"}, "is not one of"),
        ({"color_palette": {"name": "JUNGLE", "members": []}}, "color_palette"),
        ({"color_palette": {"name": "jungle"}}, "color_palette"),
        ({"color_palette": {"members": [{"color_hex": "red"}]}}, "color_palette"),
        (
            {"color_palette": {"members": [{"color_hex": "#fff", "color_weight": 2}]}},
            "color_palette",
        ),
        (
            {"aspect_ratio": "ASPECT_1_1", "resolution": "RESOLUTION_1024_1024"},
            "together",
        ),
        ({"model": "V_1", "style_type": "DESIGN"}, "not supported for V_1"),
        ({"model": "V_2A", "negative_prompt": "x"}, "not supported for V_2A"),
        ({"model": "V_2A", "color_palette": {"name": "JUNGLE"}}, "not supported"),
        ({"model": "V_1", "resolution": "RESOLUTION_1024_1024"}, "not supported"),
    ],
    ids=str,
)
def test_what_the_schema_forbids_is_refused(changes, says):
    """A client that passes here passes the real checks."""
    with pytest.raises(Invalid) as refused:
        read_legacy({"image_request": {"prompt": "a fox", **changes}})

    assert says in refused.value.detail


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"aspect_ratio": "ASPECT_16_9"}, "is not one of"),
        ({"resolution": "RESOLUTION_1024_1024"}, "is not one of"),
        ({"rendering_speed": "SLOW"}, "is not one of"),
        ({"style_type": "ANIME"}, "is not one of"),
        ({"magic_prompt": "MAYBE"}, "is not one of"),
    ],
    ids=str,
)
def test_v3_has_its_own_spellings(changes, says):
    """The two formats are not to be mixed."""
    with pytest.raises(Invalid) as refused:
        read_v3({"prompt": "a fox", **changes})

    assert says in refused.value.detail


def test_v2_says_defaults_in_lower_case():
    """Size and magic prompt are the service's to choose; it waits unless told not to."""
    asked = read_v2({"prompt": "a fox"})

    assert asked.model.name == "V_4_5"
    assert asked.magic is MagicPrompt.AUTO
    assert not asked.is_async


@pytest.mark.parametrize("changes", [{"async": True}, {"webhook_url": "https://a.b"}])
def test_v2_draws_asynchronously_when_told_to(changes):
    """An address for the webhook says so, too."""
    assert read_v2({"prompt": "a fox", **changes}).is_async


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"size": "1000x1000"}, "is not one of"),
        ({"magic_prompt": "AUTO"}, "'AUTO' is not one of"),
        ({"async": "true"}, "is not of type 'boolean'"),
        ({"webhook_url": "http://a.b"}, "https"),
        ({"negative_prompt": "text"}, "'negative_prompt' was unexpected"),
        ({"quality": "very_low"}, "is not one of"),
        ({"seed": 2_147_483_648}, "greater than the maximum"),
    ],
)
def test_what_v2_does_not_take_is_refused(changes, says):
    """Nothing that this bot sends shall rest on leniency."""
    with pytest.raises(Invalid) as refused:
        read_v2({"prompt": "a fox", **changes})

    assert says in refused.value.detail
