"""A small table of models for the tests of parsing: one of each temper."""

from decimal import Decimal

from hypothesis import HealthCheck, settings

from bot.domain.models import ImageModel, Models

# A busy machine is no reason to fail.
CALM = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
RATIOS = (
    *("ASPECT_1_1", "ASPECT_16_9", "ASPECT_9_16", "ASPECT_16_10", "ASPECT_10_16"),
    *("ASPECT_3_2", "ASPECT_2_3", "ASPECT_4_3", "ASPECT_3_4", "ASPECT_1_3"),
    "ASPECT_3_1",
)
SIZES = tuple(
    f"{width}x{height}"
    for width in (512, 640, 768, 1024, 1280, 1536)
    for height in (512, 640, 768, 1024, 1536)
)
PALETTES = ("EMBER", "JUNGLE", "PASTEL")

MODELS: Models = {
    model.name: model
    for model in (
        ImageModel(
            name="V_1",
            flag="v1",
            aspect_ratios=RATIOS,
            takes_negative_prompt=True,
            max_count=4,
            price_usd=Decimal("0.06"),
            price_by_speed_usd={},
        ),
        ImageModel(
            name="V_2",
            flag="v2",
            aspect_ratios=RATIOS,
            resolutions=SIZES,
            styles=("AUTO", "GENERAL", "REALISTIC", "DESIGN", "RENDER_3D", "ANIME"),
            palettes=PALETTES,
            takes_negative_prompt=True,
            price_usd=Decimal("0.08"),
            price_by_speed_usd={},
        ),
        ImageModel(
            name="V_2A_TURBO",
            flag="v2a-turbo",
            aspect_ratios=RATIOS,
            styles=("AUTO", "DESIGN"),
            price_usd=Decimal("0.025"),
            price_by_speed_usd={},
        ),
        ImageModel(
            name="V_3",
            flag="v3",
            aspect_ratios=(*RATIOS, "ASPECT_1_2", "ASPECT_2_1", "ASPECT_4_5"),
            resolutions=("1024x1024", "1536x512", "800x1280"),
            styles=("AUTO", "DESIGN", "FICTION"),
            palettes=PALETTES,
            speeds=("FLASH", "TURBO", "DEFAULT", "QUALITY"),
            takes_negative_prompt=True,
            price_usd=Decimal("0.06"),
            price_by_speed_usd={"TURBO": Decimal("0.03")},
        ),
    )
}
