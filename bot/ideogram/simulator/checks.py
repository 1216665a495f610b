"""What the simulator accepts: the request formats, checked as the real service does.

Pure. Complaints are worded like those of the service's own framework (JSON Schema behind
RFC 7807 problems). Options that a model does not take are refused too, which is stricter
than what is known of the service: nothing sent by this bot shall rest on its leniency.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.models import ImageModel
from bot.domain.request import MAX_COUNT, MAX_SEED, MagicPrompt
from bot.ideogram import resolutions
from bot.ideogram.catalog import MODELS

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
_LEAST_WEIGHT = 0.05
_MOST_COLORS = 8
_V2_FIELDS = frozenset(
    {
        "prompt",
        "magic_prompt",
        "size",
        "quality",
        "seed",
        "num_images",
        "enable_copyright_detection",
        "async",
        "webhook_url",
    }
)


class Invalid(Exception):
    """The request is wrong; `detail` says where, `is_schema` whether its shape is."""

    def __init__(self, detail: str, *, is_schema: bool = True) -> None:
        super().__init__(detail)
        self.detail = detail
        self.is_schema = is_schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that holds, in one form for all formats."""

    prompt: str
    model: ImageModel
    negative_prompt: str | None
    style: str | None
    size: str
    seed: int | None
    magic: MagicPrompt
    palette: tuple[str, ...]
    speed: str | None
    count: int
    is_async: bool = False  # answered with an id to ask for


def read_legacy(payload: Any) -> Asked:
    """Read the body of `POST /generate`. Raises: Invalid."""
    if not isinstance(payload, dict) or "image_request" not in payload:
        raise Invalid("'image_request' is a required property")
    fields = _Fields(payload["image_request"], "image_request.")
    models = [name for name in MODELS if name not in {"V_3", "V_4_5"}]
    model = MODELS[fields.choice("model", models) or "V_2"]
    sizes = {f"RESOLUTION_{s.replace('x', '_')}": s for s in resolutions.LEGACY}
    ratios = {
        ratio: resolutions.BY_ASPECT_RATIO[ratio] for ratio in model.aspect_ratios
    }
    return _read(fields, model, sizes, ratios, magic_name="magic_prompt_option")


def read_v3(payload: Any) -> Asked:
    """Read the body of `POST /v1/ideogram-v3/generate`. Raises: Invalid."""
    fields = _Fields(payload, "")
    model = MODELS["V_3"]
    sizes = {size: size for size in resolutions.V3}
    ratios = {
        ratio.removeprefix("ASPECT_").replace("_", "x"): resolutions.BY_ASPECT_RATIO[
            ratio
        ]
        for ratio in model.aspect_ratios
    }
    return _read(fields, model, sizes, ratios, magic_name="magic_prompt")


def read_v2(payload: Any) -> Asked:
    """Read the body of `POST /v2/image/generate/ideogram-4-5`. Raises: Invalid."""
    fields = _Fields(payload, "")
    fields.refuse_others(_V2_FIELDS)
    model = MODELS["V_4_5"]
    size = fields.choice("size", ["auto", *model.resolutions]) or "auto"
    fields.choice("quality", ["low", "medium", "high"])
    webhook_url = fields.text("webhook_url")
    if webhook_url is not None and not webhook_url.startswith("https://"):
        raise Invalid("webhook_url must be an https URL.", is_schema=False)
    magic = fields.choice("magic_prompt", [option.lower() for option in MagicPrompt])
    return Asked(
        prompt=_prompt(fields),
        model=model,
        negative_prompt=None,
        style=None,
        size="2048x2048" if size == "auto" else size,
        seed=fields.number("seed", 0, MAX_SEED),
        magic=MagicPrompt((magic or "auto").upper()),
        palette=(),
        speed=None,
        count=fields.number("num_images", 1, MAX_COUNT) or 1,
        is_async=fields.truth("async") or webhook_url is not None,
    )


def _prompt(fields: "_Fields") -> str:
    prompt = fields.text("prompt")
    if prompt is None:
        raise Invalid("'prompt' is a required property")
    if not prompt.strip():
        raise Invalid("Prompt must not be empty.", is_schema=False)
    return prompt


def _read(
    fields: "_Fields",
    model: ImageModel,
    sizes: Mapping[str, str],
    ratios: Mapping[str, str],
    *,
    magic_name: str,
) -> Asked:
    prompt = _prompt(fields)
    ratio = fields.choice("aspect_ratio", ratios)
    resolution = fields.choice("resolution", sizes)
    if ratio and resolution:
        raise Invalid(
            "aspect_ratio cannot be used together with resolution.", is_schema=False
        )
    styles = model.styles or MODELS["V_2"].styles
    _refuse_untaken(fields, model)
    return Asked(
        prompt=prompt,
        model=model,
        negative_prompt=fields.text("negative_prompt") or None,
        style=fields.choice("style_type", styles),
        size=sizes[resolution]
        if resolution
        else ratios[ratio]
        if ratio
        else "1024x1024",
        seed=fields.number("seed", 0, MAX_SEED),
        magic=MagicPrompt(fields.choice(magic_name, list(MagicPrompt)) or "AUTO"),
        palette=fields.palette("color_palette"),
        speed=fields.choice("rendering_speed", model.speeds) if model.speeds else None,
        count=fields.number("num_images", 1, MAX_COUNT) or 1,
    )


def _refuse_untaken(fields: "_Fields", model: ImageModel) -> None:
    takes = {
        "negative_prompt": model.takes_negative_prompt,
        "style_type": bool(model.styles),
        "color_palette": bool(model.palettes),
        "resolution": bool(model.resolutions),
    }
    for name, is_taken in takes.items():
        if not is_taken and fields.has(name):
            raise Invalid(f"{name} is not supported for {model.name}.", is_schema=False)


class _Fields:
    """A JSON object read field by field; complaints name the place."""

    def __init__(self, value: Any, place: str) -> None:
        if not isinstance(value, dict):
            at = f" - '{place.rstrip('.')}'" if place else ""
            raise Invalid(f"{value!r} is not of type 'object'{at}")
        self._value: Mapping[str, Any] = value
        self._place = place

    def has(self, name: str) -> bool:
        return name in self._value

    def refuse_others(self, known: Collection[str]) -> None:
        for name in self._value:
            if name not in known:
                raise self._wrong(name, f"{name!r} was unexpected")

    def truth(self, name: str) -> bool:
        value = self._value.get(name, False)
        if not isinstance(value, bool):
            raise self._wrong(name, f"{value!r} is not of type 'boolean'")
        return value

    def text(self, name: str) -> str | None:
        if not self.has(name):
            return None
        value = self._value[name]
        if not isinstance(value, str):
            raise self._wrong(name, f"{value!r} is not of type 'string'")
        return value

    def choice(self, name: str, allowed: Collection[str]) -> str | None:
        if not self.has(name):
            return None
        value = self._value[name]
        if not isinstance(value, str) or value not in allowed:
            raise self._wrong(name, f"{value!r} is not one of {list(allowed)!r}")
        return value

    def number(self, name: str, least: int, most: int) -> int | None:
        if not self.has(name):
            return None
        value = self._value[name]
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(name, f"{value!r} is not of type 'integer'")
        if value < least:
            raise self._wrong(name, f"{value} is less than the minimum of {least}")
        if value > most:
            raise self._wrong(name, f"{value} is greater than the maximum of {most}")
        return value

    def palette(self, name: str) -> tuple[str, ...]:
        """Give a preset's name, or the colours."""
        value = self._value.get(name, {"name": None})
        if not isinstance(value, dict) or ("name" in value) == ("members" in value):
            raise self._wrong(
                name, f"{value!r} is not valid under any of the given schemas"
            )
        if "members" in value:
            return self._members(name, value["members"])
        preset = value["name"]
        if preset is None and not self.has(name):
            return ()
        if preset not in MODELS["V_3"].palettes:
            raise self._wrong(f"{name}.name", f"{preset!r} is not a preset")
        return (str(preset),)

    def _members(self, name: str, members: Any) -> tuple[str, ...]:
        if not isinstance(members, list) or not 1 <= len(members) <= _MOST_COLORS:
            raise self._wrong(name, "members must hold 1 to 8 colours")
        return tuple(self._member(name, member) for member in members)

    def _member(self, name: str, member: Any) -> str:
        color = member.get("color_hex") if isinstance(member, dict) else None
        if not isinstance(color, str) or not _HEX.fullmatch(color):
            raise self._wrong(name, f"{color!r} does not match '{_HEX.pattern}'")
        weight = member.get("color_weight", 1.0)
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise self._wrong(name, f"{weight!r} is not of type 'number'")
        if not _LEAST_WEIGHT <= weight <= 1:
            raise self._wrong(name, f"{weight} is not between 0.05 and 1.0")
        return color

    def _wrong(self, name: str, what: str) -> Invalid:
        return Invalid(f"{what} - '{self._place}{name}'")
