"""Ideogram's models as data."""

from decimal import Decimal

import pytest

from bot.ideogram.catalog import MODELS
from bot.ideogram.resolutions import size_of

LEGACY = ("V_1", "V_1_TURBO", "V_2", "V_2_TURBO", "V_2A", "V_2A_TURBO")


def test_every_model_is_found_by_its_own_name():
    """Records and settings name models so."""
    assert tuple(MODELS) == (*LEGACY, "V_3", "V_4_5")
    assert all(name == model.name for name, model in MODELS.items())


def test_flags_are_what_people_type():
    """`--model v2a-turbo` is the API's V_2A_TURBO."""
    for model in MODELS.values():
        word = model.name.replace("_", "-").replace("-", "", 1).lower()
        assert model.flag == word.replace("v4-5", "v4.5")


@pytest.mark.parametrize("name", LEGACY)
def test_legacy_models_take_eleven_ratios(name):
    """Ideogram refuses the four further ratios of V_3 there."""
    assert len(MODELS[name].aspect_ratios) == 11


@pytest.mark.parametrize(
    ("name", "resolutions"),
    [("V_2", 78), ("V_2_TURBO", 78), ("V_3", 69), ("V_4_5", 22), ("V_2A", 0)],
)
def test_only_some_models_take_resolutions(name, resolutions):
    """V_1 and V_2A answer a resolution with 400."""
    assert len(set(MODELS[name].resolutions)) == resolutions


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_the_size_of_every_ratio_is_known(model):
    """An answer without a resolution still gets one in its record."""
    for ratio in model.aspect_ratios:
        width, height = map(int, size_of(ratio, model.name).split("x"))
        _, across, down = ratio.split("_")
        assert width / height == pytest.approx(int(across) / int(down), rel=0.03)


def test_v45_draws_only_in_sizes_it_renders():
    """Sides in steps of 32 and four megapixels at most, by its page."""
    model = MODELS["V_4_5"]
    asked = {size_of(ratio, model.name) for ratio in model.aspect_ratios}

    assert asked <= set(model.resolutions)
    for size in model.resolutions:
        width, height = map(int, size.split("x"))
        assert width % 32 == height % 32 == 0
        assert width * height <= 2048 * 2048


def test_quality_costs_more_than_turbo():
    """Budgets rest on the price by speed."""
    v3 = MODELS["V_3"]

    assert v3.price("QUALITY") == Decimal("0.09")
    assert v3.price("TURBO") == Decimal("0.03")
    assert v3.price(None) == v3.price("DEFAULT") == Decimal("0.06")


def test_prices_are_exact():
    """Money is never a float."""
    assert all(isinstance(m.price_usd, Decimal) for m in MODELS.values())
