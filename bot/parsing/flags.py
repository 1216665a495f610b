"""The table of flags: the one place that knows what can be typed, and what each flag means.

The grammar takes shapes from it, front ends their menus, the formatter its spellings.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bot.chat.catalogue import Choice, Option, ValueKind
from bot.domain.models import ImageModel, Models
from bot.domain.request import MAX_COUNT, MAX_SEED, MagicPrompt, style_word
from bot.domain.sizes import NAMED
from bot.parsing import choices, palette, sizes, values
from bot.parsing.choices import MOST_LISTED, Kind
from bot.parsing.grammar import Shape, Takes

RATIOS = Kind(
    noun="an aspect ratio",
    offered=lambda model: model.aspect_ratios,
    spell=choices.spell_ratio,
    show=choices.show_ratio,
    near=choices.near_ratios,
)
SIZES = Kind(
    noun="a resolution",
    offered=lambda model: model.resolutions,
    spell=choices.spell_size,
    near=choices.near_sizes,
)
STYLES = Kind(
    noun="a style",
    offered=lambda model: model.styles,
    spell=choices.spell_style,
    show=style_word,
)
SPEEDS = Kind(noun="a speed", offered=lambda model: model.speeds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Shape):
    """One flag: how it is typed, and the field of ImageRequest it fills.

    `read` gives the field's value for a typed one, `show` the other way round.
    """

    option: str  # the long name, in menus
    field: str
    label: str  # in sentences
    help: str  # at most 100 characters, Discord's limit
    read: Callable[[str, ImageModel, Models], Any]
    show: Callable[[Any, Models], str]
    is_taken_by: Callable[[ImageModel], bool] = lambda _: True
    kind: ValueKind = ValueKind.TEXT
    suggested: Callable[[Models], Iterable[str]] = lambda _: ()
    is_closed: bool = False  # nothing but what is suggested is right
    minimum: int | None = None
    maximum: int | None = None


FLAGS = (
    Flag(
        name="ar",
        aliases=("aspect",),
        option="aspect",
        field="aspect_ratio",
        label="aspect ratio",
        help="Shape of the picture, like 16:9",
        example="--ar 16:9",
        read=RATIOS.read,
        show=lambda value, _: RATIOS.show(value),
        suggested=RATIOS.all,
        is_closed=True,
    ),
    Flag(
        name="res",
        aliases=("resolution",),
        option="resolution",
        field="resolution",
        label="resolution",
        help="Exact size in pixels, instead of an aspect ratio",
        example="--res 1024x1024",
        read=SIZES.read,
        show=lambda value, _: SIZES.show(value),
        is_taken_by=lambda model: bool(model.resolutions),
        suggested=SIZES.all,
    ),
    Flag(
        name="model",
        aliases=("m",),
        option="model",
        field="model",
        label="model",
        help="Which Ideogram model draws",
        example="--model v2",
        read=lambda typed, _, models: values.read_model(typed, models).name,
        show=lambda value, models: models[value].flag if value in models else value,
        suggested=lambda models: (model.flag for model in models.values()),
        is_closed=True,
    ),
    Flag(
        name="style",
        option="style",
        field="style_type",
        label="style",
        help="Look of the picture, as far as the model has styles",
        example="--style design",
        read=STYLES.read,
        show=lambda value, _: STYLES.show(value),
        is_taken_by=lambda model: bool(model.styles),
        suggested=STYLES.all,
        is_closed=True,
    ),
    Flag(
        name="seed",
        option="seed",
        field="seed",
        label="seed",
        help="Number that makes the same request draw the same picture",
        example="--seed 42",
        read=lambda typed, *_: values.read_seed(typed),
        show=lambda value, _: str(value),
        kind=ValueKind.NUMBER,
        minimum=0,
        maximum=MAX_SEED,
    ),
    Flag(
        name="no",
        aliases=("negative",),
        option="negative",
        field="negative_prompt",
        label="avoiding",
        help="What to avoid",
        example="--no text, blur",
        takes=Takes.WORDS,
        read=lambda typed, *_: values.read_prompt(typed, noun="text of --no"),
        show=lambda value, _: str(value),
        is_taken_by=lambda model: model.takes_negative_prompt,
    ),
    Flag(
        name="magic",
        option="magic",
        field="magic_prompt",
        label="magic prompt",
        help="Whether Ideogram may rewrite the prompt",
        example="--magic off",
        read=lambda typed, *_: values.read_magic(typed),
        show=lambda value, _: str(value).lower(),
        suggested=lambda _: (option.lower() for option in MagicPrompt),
        is_closed=True,
    ),
    Flag(
        name="palette",
        option="palette",
        field="color_palette",
        label="palette",
        help="Colours: a palette's name, or #RRGGBB[:weight],… (weights 0.05 to 1)",
        example="--palette jungle",
        takes=Takes.COLORS,
        read=palette.read_palette,
        show=lambda value, _: palette.show_palette(value),
        is_taken_by=lambda model: bool(model.palettes),
        suggested=palette.presets,
    ),
    Flag(
        name="speed",
        option="speed",
        field="rendering_speed",
        label="speed",
        help="Faster and cheaper, or slower and better",
        example="--speed turbo",
        read=SPEEDS.read,
        show=lambda value, _: SPEEDS.show(value),
        is_taken_by=lambda model: bool(model.speeds),
        suggested=SPEEDS.all,
        is_closed=True,
    ),
    Flag(
        name="n",
        aliases=("count",),
        option="count",
        field="count",
        label="count",
        help="How many pictures",
        example="--n 2",
        read=lambda typed, model, _: values.read_number(
            typed, noun="a number of pictures", least=1, most=model.max_count
        ),
        show=lambda value, _: str(value),
        kind=ValueKind.NUMBER,
        minimum=1,
        maximum=MAX_COUNT,
    ),
    Flag(
        name="tags",
        aliases=("tag",),
        option="tags",
        field="tags",
        label="tags",
        help="Comma-separated words to find the picture by",
        example="--tags campaign,fox",
        takes=Takes.LIST,
        read=lambda typed, *_: values.read_tags(typed),
        show=lambda value, _: ",".join(value),
    ),
    Flag(
        name="format",
        option="format",
        field="formats",
        label="copies",
        help="Sized copies beside the picture",
        example="--format og-image,800x600",
        takes=Takes.LIST,
        read=lambda typed, *_: sizes.read_formats(typed),
        show=lambda value, _: ",".join(value),
        suggested=lambda _: NAMED,
        is_closed=True,
    ),
    Flag(
        name="private",
        option="private",
        field="is_private",
        label="private",
        help="Only you see the result",
        example="--private",
        takes=Takes.NOTHING,
        read=lambda typed, *_: values.read_switch(typed),
        show=lambda value, _: str(value).lower(),
        kind=ValueKind.SWITCH,
    ),
)
BY_NAME = {flag.name: flag for flag in FLAGS}


def options(models: Models) -> tuple[Option, ...]:
    """Describe every flag to front ends, with the choices all *models* have together."""
    return tuple(_option(flag, models) for flag in FLAGS)


def _option(flag: Flag, models: Models) -> Option:
    suggested = tuple(flag.suggested(models))
    return Option(
        flag=flag.name,
        name=flag.option,
        help=flag.help,
        kind=flag.kind,
        aliases=flag.aliases,
        choices=tuple(Choice(label=value, value=value) for value in suggested),
        is_closed=flag.is_closed and len(suggested) <= MOST_LISTED,
        minimum=flag.minimum,
        maximum=flag.maximum,
    )
