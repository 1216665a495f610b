"""Colour palettes: a preset's name, or up to eight colours with weights."""

import re
from decimal import Decimal

from bot.domain.models import ImageModel, Models
from bot.errors import WrongInput
from bot.parsing.choices import Kind
from bot.parsing.refusal import excerpt, sentences
from bot.parsing.suggest import did_you_mean

# Ideogram's openapi.json, ColorPaletteWithMembers.
MAX_COLORS = 8
LEAST_WEIGHT, MOST_WEIGHT = Decimal("0.05"), Decimal(1)

_PRESETS = Kind(noun="a palette", offered=lambda model: model.palettes)
_COLOR = re.compile(r"(#?)([0-9A-F]{6}|[0-9A-F]{3})", re.IGNORECASE)
_WEIGHT = re.compile(r"[0-9]{0,3}\.?[0-9]{1,6}")


def read_palette(typed: str, model: ImageModel, models: Models) -> str:
    """Give `JUNGLE`, or colours in one spelling: `#FF0000:0.5,#00FF00`."""
    members = [part.strip() for part in typed.split(",") if part.strip()]
    if not any("#" in member or ":" in member for member in members):
        return _read_preset(typed.strip(" ,"), model, models)
    if len(members) > MAX_COLORS:
        raise WrongInput(
            f"{len(members)} colours are too many; {MAX_COLORS} are possible."
        )
    return ",".join(map(_read_member, members))


def show_palette(spelled: str) -> str:
    """Give `jungle` for `JUNGLE`; colours are shown as they are."""
    return spelled if spelled.startswith("#") else spelled.lower()


def presets(models: Models) -> tuple[str, ...]:
    """Give the names of all presets."""
    return _PRESETS.all(models)


def _read_preset(typed: str, model: ImageModel, models: Models) -> str:
    try:
        return _PRESETS.read(typed, model, models)
    except WrongInput as wrong:
        color = f"#{typed.upper()}" if _COLOR.fullmatch(typed) else None
        raise WrongInput(
            sentences(
                wrong.text,
                did_you_mean(color),
                "Colours are written #RRGGBB or #RRGGBB:weight.",
            )
        ) from None


def _read_member(typed: str) -> str:
    color, colon, weight = (part.strip() for part in typed.partition(":"))
    match = _COLOR.fullmatch(color)
    if match is None or not match[1]:
        raise WrongInput(
            sentences(
                f"{excerpt(color) or 'Nothing'} is not a colour.",
                did_you_mean(f"#{color.upper()}" if match else None),
                "Colours are written #RRGGBB or #RRGGBB:weight.",
            )
        )
    digits = match[2].upper()
    if len(digits) == 3:  # noqa: PLR2004 - #RGB is short for #RRGGBB
        digits = "".join(digit * 2 for digit in digits)
    return f"#{digits}:{_read_weight(weight)}" if colon else f"#{digits}"


def _read_weight(typed: str) -> str:
    if _WEIGHT.fullmatch(typed) and LEAST_WEIGHT <= Decimal(typed) <= MOST_WEIGHT:
        return f"{Decimal(typed).normalize():f}"
    raise WrongInput(
        f"{excerpt(typed) or 'Nothing'} is not a weight: it is a number from"
        f" {LEAST_WEIGHT} to {MOST_WEIGHT}."
    )
