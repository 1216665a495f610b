"""The table of flags, and the menus made of it."""

from dataclasses import fields

import pytest

from bot.chat.catalogue import ValueKind
from bot.domain.request import ImageRequest
from bot.ideogram.catalog import MODELS as REAL_MODELS
from bot.parsing.flags import FLAGS, options
from bot.parsing.resolve import parse_request
from tests.bot.parsing.models import MODELS

BY_NAME = {option.name: option for option in options(REAL_MODELS)}


def test_every_field_of_a_request_has_a_flag():
    """A field nobody can type would be dead; the suffix is the operator's."""
    typed = {"prompt", *(flag.field for flag in FLAGS)}

    assert typed | {"suffix"} == {field.name for field in fields(ImageRequest)}


def test_no_name_is_used_twice():
    """An alias of one flag is no name of another."""
    names = [name for flag in FLAGS for name in (flag.name, *flag.aliases)]

    assert len(names) == len(set(names))


def test_menus_have_the_documented_names():
    """Front ends register these."""
    assert [(option.name, option.flag) for option in BY_NAME.values()] == [
        ("aspect", "ar"),
        ("resolution", "res"),
        ("model", "model"),
        ("style", "style"),
        ("seed", "seed"),
        ("negative", "no"),
        ("magic", "magic"),
        ("palette", "palette"),
        ("speed", "speed"),
        ("count", "n"),
        ("tags", "tags"),
        ("format", "format"),
        ("private", "private"),
    ]


def test_menus_keep_the_limits_of_discord():
    """At most 25 choices, 100 characters of description."""
    for option in BY_NAME.values():
        assert 1 <= len(option.help) <= 100
        assert not option.is_closed or 1 <= len(option.choices) <= 25


@pytest.mark.parametrize(
    ("name", "is_closed", "kind"),
    [
        ("aspect", True, ValueKind.TEXT),
        ("resolution", False, ValueKind.TEXT),
        ("model", True, ValueKind.TEXT),
        ("style", True, ValueKind.TEXT),
        ("seed", False, ValueKind.NUMBER),
        ("negative", False, ValueKind.TEXT),
        ("palette", False, ValueKind.TEXT),
        ("count", False, ValueKind.NUMBER),
        ("tags", False, ValueKind.TEXT),
        ("format", True, ValueKind.TEXT),
        ("private", False, ValueKind.SWITCH),
    ],
)
def test_menus_say_what_they_hold(name, is_closed, kind):
    """Closed lists become choices, open ones autocomplete."""
    assert (BY_NAME[name].is_closed, BY_NAME[name].kind) == (is_closed, kind)


def test_numbers_have_their_range():
    """Platforms check it before the bot does."""
    seed, count = BY_NAME["seed"], BY_NAME["count"]

    assert (seed.minimum, seed.maximum) == (0, 2147483647)
    assert (count.minimum, count.maximum) == (1, 8)


@pytest.mark.parametrize("models", [MODELS, REAL_MODELS], ids=["few", "all"])
def test_every_choice_is_right_for_some_model(models):
    """What a menu offers can be drawn."""
    for option in options(models):
        for choice in option.choices:
            assert any(
                _is_read(option.flag, choice.value, model, models) for model in models
            ), choice


def _is_read(flag, value, model, models):
    try:
        parse_request("a", options={flag: value}, models=models, default_model=model)
    except Exception:  # noqa: BLE001 - any failure is the answer no
        return False
    return True


def test_every_example_can_be_typed():
    """Refusals show them."""
    for flag in FLAGS:
        model = "V_3" if flag.name == "speed" else "V_2"
        if flag.example:
            parse_request(f"a {flag.example}", models=REAL_MODELS, default_model=model)
