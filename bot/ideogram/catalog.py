"""Ideogram's models as data: what each takes, what a picture costs.

What is not listed here is neither offered in chat nor sent. Options by model are those of
api.ideogram.ai/openapi.json; values that only the server's own file knows (`CUSTOM`,
`BALANCED`) are left out.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from bot.domain.models import ImageModel, Models
from bot.ideogram import resolutions

_LEGACY_RATIOS = (
    "ASPECT_1_1",
    "ASPECT_16_9",
    "ASPECT_9_16",
    "ASPECT_16_10",
    "ASPECT_10_16",
    "ASPECT_3_2",
    "ASPECT_2_3",
    "ASPECT_4_3",
    "ASPECT_3_4",
    "ASPECT_1_3",
    "ASPECT_3_1",
)
_V3_RATIOS = (
    *_LEGACY_RATIOS,
    "ASPECT_1_2",
    "ASPECT_2_1",
    "ASPECT_4_5",
    "ASPECT_5_4",
)
_V2_STYLES = ("AUTO", "GENERAL", "REALISTIC", "DESIGN", "RENDER_3D", "ANIME")
_V3_STYLES = ("AUTO", "GENERAL", "REALISTIC", "DESIGN", "FICTION")
_PALETTES = (
    "EMBER",
    "FRESH",
    "JUNGLE",
    "MAGIC",
    "MELON",
    "MOSAIC",
    "PASTEL",
    "ULTRAMARINE",
)
_NO_SPEEDS: Mapping[str, Decimal] = MappingProxyType({})

# Prices in USD a picture. V_2, V_2A, V_2A_TURBO, V_1_TURBO and V_3: the provider's own quotes
# (dry runs of 2026-10-10 and the pages of 2026-07-09); V_2_TURBO about 0.05 by the tutorial of
# developer.puter.com (2026-06); V_1 is no longer quoted anywhere: its last published price.
# V_4_5: the quote of a dry run with the default quality (2026-10-10).
_MODELS = (
    ImageModel(
        name="V_1",
        flag="v1",
        aspect_ratios=_LEGACY_RATIOS,
        takes_negative_prompt=True,
        price_usd=Decimal("0.06"),
        price_by_speed_usd=_NO_SPEEDS,
    ),
    ImageModel(
        name="V_1_TURBO",
        flag="v1-turbo",
        aspect_ratios=_LEGACY_RATIOS,
        takes_negative_prompt=True,
        price_usd=Decimal("0.02"),
        price_by_speed_usd=_NO_SPEEDS,
    ),
    ImageModel(
        name="V_2",
        flag="v2",
        aspect_ratios=_LEGACY_RATIOS,
        resolutions=resolutions.LEGACY,
        styles=_V2_STYLES,
        palettes=_PALETTES,
        takes_negative_prompt=True,
        price_usd=Decimal("0.08"),
        price_by_speed_usd=_NO_SPEEDS,
    ),
    ImageModel(
        name="V_2_TURBO",
        flag="v2-turbo",
        aspect_ratios=_LEGACY_RATIOS,
        resolutions=resolutions.LEGACY,
        styles=_V2_STYLES,
        palettes=_PALETTES,
        takes_negative_prompt=True,
        price_usd=Decimal("0.05"),
        price_by_speed_usd=_NO_SPEEDS,
    ),
    ImageModel(
        name="V_2A",
        flag="v2a",
        aspect_ratios=_LEGACY_RATIOS,
        styles=_V2_STYLES,
        price_usd=Decimal("0.04"),
        price_by_speed_usd=_NO_SPEEDS,
    ),
    ImageModel(
        name="V_2A_TURBO",
        flag="v2a-turbo",
        aspect_ratios=_LEGACY_RATIOS,
        styles=_V2_STYLES,
        price_usd=Decimal("0.025"),
        price_by_speed_usd=_NO_SPEEDS,
    ),
    ImageModel(
        name="V_3",
        flag="v3",
        aspect_ratios=_V3_RATIOS,
        resolutions=resolutions.V3,
        styles=_V3_STYLES,
        palettes=_PALETTES,
        speeds=("FLASH", "TURBO", "DEFAULT", "QUALITY"),
        takes_negative_prompt=True,
        price_usd=Decimal("0.06"),
        price_by_speed_usd=MappingProxyType(
            {
                "FLASH": Decimal("0.03"),
                "TURBO": Decimal("0.03"),
                "DEFAULT": Decimal("0.06"),
                "QUALITY": Decimal("0.09"),
            }
        ),
    ),
    ImageModel(
        name="V_4_5",
        flag="v4.5",
        aspect_ratios=_V3_RATIOS,
        resolutions=resolutions.V_4_5,
        price_usd=Decimal("0.10"),
        price_by_speed_usd=_NO_SPEEDS,
    ),
)

MODELS: Models = MappingProxyType({model.name: model for model in _MODELS})
