"""The request that draws a kept picture again. Pure."""

from dataclasses import replace

from bot.domain.models import ImageModel, Models
from bot.domain.people import Visibility
from bot.domain.record import Record
from bot.domain.request import ImageRequest, MagicPrompt
from bot.errors import NotFound

REPRODUCED = "reproduced"


def same(record: Record, models: Models) -> ImageRequest:
    """Give the request for the very same picture.

    The final prompt with magic prompt off: the prompt as typed would be expanded anew and
    drawn differently. Raises: NotFound when the model is no longer offered.
    """
    return replace(
        as_typed(record, models),
        prompt=record.final_prompt,
        magic_prompt=MagicPrompt.OFF,
    )


def marked(request: ImageRequest) -> ImageRequest:
    """Give *request* with the tag of a reproduced picture."""
    return replace(request, tags=(*request.tags, REPRODUCED))


def as_typed(record: Record, models: Models) -> ImageRequest:
    """Give the request as the person typed it, with the seed that was drawn.

    Raises: NotFound when the model is no longer offered.
    """
    model = models.get(record.model)
    if model is None:
        known = ", ".join(model.flag for model in models.values())
        raise NotFound(
            f"This picture was drawn with {record.model}, which this bot does not offer. "
            f"It offers {known}."
        )
    return ImageRequest(
        prompt=record.prompt,
        model=record.model,
        negative_prompt=record.negative_prompt,
        style_type=_style(record, model),
        aspect_ratio=record.aspect_ratio,
        resolution=None if record.aspect_ratio else record.resolution,
        seed=record.seed,
        magic_prompt=record.magic_prompt,
        color_palette=record.color_palette,
        rendering_speed=record.rendering_speed,
        tags=tuple(tag for tag in record.tags if tag != REPRODUCED),
        # What only one person saw is not made public by drawing it again.
        is_private=record.place.visibility is Visibility.OWNER,
    )


def _style(record: Record, model: ImageModel) -> str | None:
    """Give the style, unless the provider named one that cannot be asked for."""
    return record.style_type if record.style_type in model.styles else None
