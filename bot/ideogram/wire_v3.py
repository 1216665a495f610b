"""The wire format of `POST /v1/ideogram-v3/generate`: V_3, flat JSON, without pictures.

Pure. Names and spellings differ from the legacy format: `magic_prompt`, `16x9`, `1024x1024`;
the model is in the path.
https://developer.ideogram.ai/api-reference/api-reference/generate-v3
"""

from typing import Any

from bot.domain.models import ImageModel
from bot.domain.request import ImageRequest
from bot.ideogram.wire import Call, palette_body


def build_call(request: ImageRequest, model: ImageModel) -> Call:
    """Give the call that draws *request* with *model*."""
    body: dict[str, Any] = {
        "prompt": request.sent_prompt,
        "magic_prompt": request.magic_prompt.value,
        **_size(request, model),
    }
    if request.seed is not None:
        body["seed"] = request.seed
    if request.rendering_speed and model.speeds:
        body["rendering_speed"] = request.rendering_speed
    if request.negative_prompt and model.takes_negative_prompt:
        body["negative_prompt"] = request.negative_prompt
    if request.style_type and model.styles:
        body["style_type"] = request.style_type
    if request.color_palette and model.palettes:
        body["color_palette"] = palette_body(request.color_palette)
    if request.count > 1:
        body["num_images"] = request.count
    return Call(path="/v1/ideogram-v3/generate", body=body)


def _size(request: ImageRequest, model: ImageModel) -> dict[str, str]:
    """Give the resolution or the ratio, never both: Ideogram refuses them together."""
    if request.resolution and model.resolutions:
        return {"resolution": request.resolution}
    if request.aspect_ratio:
        ratio = request.aspect_ratio.removeprefix("ASPECT_").replace("_", "x")
        return {"aspect_ratio": ratio}
    return {}
