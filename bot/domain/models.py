"""What an Ideogram model is able to do, and the ways to reach one.

The entries are in bot/ideogram/catalog.py and bot/ideogram/routes.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class RouteName(StrEnum):
    """A way to Ideogram: the values of `IDEOGRAM_ROUTE`."""

    OFFICIAL = "official"
    BEARER = "bearer"
    PIXAZO = "pixazo"
    SANDBOX = "sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageModel:
    """One model as data: what it takes, what a picture costs.

    Values are spelled as records spell them: `ASPECT_16_9`, `1024x1024`, `DESIGN`, `TURBO`.
    An empty tuple means that the model does not take that option at all.
    """

    name: str  # the API's own and the record's: V_2
    flag: str  # what people type: v2
    aspect_ratios: tuple[str, ...]
    resolutions: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    palettes: tuple[str, ...] = ()
    speeds: tuple[str, ...] = ()
    takes_negative_prompt: bool = False
    max_count: int = 8
    price_usd: Decimal  # a picture, at the default speed
    price_by_speed_usd: Mapping[
        str, Decimal
    ]  # a picture; empty where speed is not an option

    def price(self, speed: str | None) -> Decimal:
        """Give the price of one picture in USD at *speed* (None: the default)."""
        return self.price_by_speed_usd.get(speed or "", self.price_usd)


Models = Mapping[str, ImageModel]  # by `ImageModel.name`
