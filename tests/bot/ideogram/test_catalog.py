"""Ideogram's models as data."""

from decimal import Decimal

import pytest

from bot.ideogram.catalog import MODELS
from bot.ideogram.resolutions import BY_ASPECT_RATIO

LEGACY = ("V_1", "V_1_TURBO", "V_2", "V_2_TURBO", "V_2A", "V_2A_TURBO")


def test_every_model_is_found_by_its_own_name():
    """Records and settings name models so."""
    assert tuple(MODELS) == (*LEGACY, "V_3")
    assert all(name == model.name for name, model in MODELS.items())


def test_flags_are_what_people_type():
    """`--model v2a-turbo` is the API's V_2A_TURBO."""
    for model in MODELS.values():
        assert model.flag == model.name.replace("_", "-").replace("-", "", 1).lower()


@pytest.mark.parametrize("name", LEGACY)
def test_legacy_models_take_eleven_ratios(name):
    """Ideogram refuses the four further ratios of V_3 there."""
    assert len(MODELS[name].aspect_ratios) == 11


@pytest.mark.parametrize(
    ("name", "resolutions"), [("V_2", 78), ("V_2_TURBO", 78), ("V_3", 69), ("V_2A", 0)]
)
def test_only_some_models_take_resolutions(name, resolutions):
    """V_1 and V_2A answer a resolution with 400."""
    assert len(set(MODELS[name].resolutions)) == resolutions


def test_the_size_of_every_ratio_is_known():
    """An answer without a resolution still gets one in its record."""
    for model in MODELS.values():
        assert set(model.aspect_ratios) <= set(BY_ASPECT_RATIO)


def test_quality_costs_more_than_turbo():
    """Budgets rest on the price by speed."""
    v3 = MODELS["V_3"]

    assert v3.price("QUALITY") == Decimal("0.09")
    assert v3.price("TURBO") == Decimal("0.03")
    assert v3.price(None) == v3.price("DEFAULT") == Decimal("0.06")


def test_prices_are_exact():
    """Money is never a float."""
    assert all(isinstance(m.price_usd, Decimal) for m in MODELS.values())
