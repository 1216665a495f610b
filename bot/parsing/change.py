"""Flags behind `same`, `again` or `reproduce`: a kept request with some of it changed.

What was changed is told in words. A new model drops what it does not take; a new ratio
replaces a resolution and the other way round.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.domain.models import ImageModel, Models
from bot.domain.request import ImageRequest
from bot.errors import WrongInput
from bot.parsing import grammar
from bot.parsing.flags import BY_NAME, FLAGS, RATIOS, SIZES, SPEEDS, STYLES, Flag
from bot.parsing.grammar import Takes
from bot.parsing.refusal import NOTHING_DRAWN, excerpt, refusing
from bot.parsing.resolve import read_fields, refuse_two_sizes

_UNASKED = ImageRequest(prompt="", model="")
_SIZE_FIELDS = ("aspect_ratio", "resolution")
_KINDS = {
    "aspect_ratio": RATIOS,
    "resolution": SIZES,
    "style_type": STYLES,
    "rendering_speed": SPEEDS,
}


def split_number(text: str) -> tuple[int | None, str]:
    """Give which picture of several is meant (`2 --ar 9:16`), and the flags.

    The number is blanked, not cut out, so that positions stay those of *text*.
    """
    match = re.match(r"\s*([0-9]{1,2})(?=\s|$)", text)
    if match is None:
        return None, text
    return int(match[1]), " " * match.end() + text[match.end() :]


def apply_changes(
    base: ImageRequest, text: str, *, models: Models
) -> tuple[ImageRequest, tuple[str, ...]]:
    """Give *base* with the flags of *text* applied, and what that changed, in words.

    Raises: WrongInput with a finished text, also for words that are no flag.
    """
    with refusing(NOTHING_DRAWN):
        typed = grammar.read(text, FLAGS)
        if typed.prompt:
            raise WrongInput(
                f"{excerpt(typed.prompt)} is no flag. Only flags may follow here, as in"
                " --ar 9:16. To change the prompt use the button Edit or /imagine.",
                position=typed.prompt_position,
            )
        refuse_two_sizes(typed.given)
        asked = read_fields(typed.given, models, base.model) if typed.given else {}
        changed = replace(base, **_with_consequences(base, asked, models))
    return changed, tuple(_describe(base, changed, models))


def _with_consequences(
    base: ImageRequest, asked: dict[str, Any], models: Models
) -> dict[str, Any]:
    """Give *asked* and what has to go because of it."""
    fields = dict(asked)
    for one, other in (_SIZE_FIELDS, _SIZE_FIELDS[::-1]):
        if one in asked:
            fields[other] = None
    if asked.get("model", base.model) == base.model:
        return fields
    model = models[asked["model"]]
    for flag in FLAGS:
        if flag.field not in fields and not _takes(model, flag, base):
            fields[flag.field] = getattr(_UNASKED, flag.field)
    return fields


def _takes(model: ImageModel, flag: Flag, base: ImageRequest) -> bool:
    """Say whether *model* takes the value that *base* has for *flag*."""
    value = getattr(base, flag.field)
    if value == getattr(_UNASKED, flag.field):
        return True
    if flag.field == "count":
        return base.count <= model.max_count
    if flag.field == "color_palette" and not value.startswith("#"):
        return value in model.palettes
    kind = _KINDS.get(flag.field)
    return flag.is_taken_by(model) and (kind is None or value in kind.offered(model))


def _describe(
    base: ImageRequest, changed: ImageRequest, models: Models
) -> Iterator[str]:
    size, new_size = _size(base, models), _size(changed, models)
    if size != new_size:
        yield _change(*size, *new_size)
    for flag in FLAGS:
        was, now = getattr(base, flag.field), getattr(changed, flag.field)
        if flag.field in _SIZE_FIELDS or was == now:
            continue
        if flag.takes is Takes.NOTHING:
            yield flag.label if now else f"not {flag.label}"
            continue
        old, new = _show(flag, was, models), _show(flag, now, models)
        yield _change(flag.label, old, flag.label, new)


def _size(request: ImageRequest, models: Models) -> tuple[str, str]:
    """Give what was asked for, by name and value: a ratio or a resolution."""
    flag = BY_NAME["res" if request.resolution else "ar"]
    return flag.label, _show(flag, getattr(request, flag.field), models)


def _show(flag: Flag, value: object, models: Models) -> str:
    return "" if value in (None, ()) else flag.show(value, models)


def _change(old_label: str, old: str, new_label: str, new: str) -> str:
    if not new:
        return f"{old_label} {old} left out"
    if not old:
        return f"{new_label} {new}"
    again = "" if new_label == old_label else f"{new_label} "
    return f"{old_label} {old} → {again}{new}"
