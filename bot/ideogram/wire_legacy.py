"""The wire format of `POST /generate`: V_1 to V_2A, everything nested in `image_request`.

Pure. What a model does not take is not sent, whatever the request says. `num_images` goes
along only above 1: 1 is the default, and not every gateway documents the field.
https://developer.ideogram.ai/api-reference/legacy-endpoints/generate
"""

from typing import Any

from bot.domain.models import ImageModel
from bot.domain.request import ImageRequest
from bot.ideogram.wire import Call, palette_body


def build_call(request: ImageRequest, model: ImageModel) -> Call:
    """Give the call that draws *request* with *model*."""
    body: dict[str, Any] = {
        "prompt": request.sent_prompt,
        "model": model.name,
        "magic_prompt_option": request.magic_prompt.value,
        **_size(request, model),
    }
    if request.seed is not None:
        body["seed"] = request.seed
    if request.negative_prompt and model.takes_negative_prompt:
        body["negative_prompt"] = request.negative_prompt
    if request.style_type and model.styles:
        body["style_type"] = request.style_type
    if request.color_palette and model.palettes:
        body["color_palette"] = palette_body(request.color_palette)
    if request.count > 1:
        body["num_images"] = request.count
    return Call(path="/generate", body={"image_request": body})


def _size(request: ImageRequest, model: ImageModel) -> dict[str, str]:
    """Give the resolution or the ratio, never both: Ideogram refuses them together."""
    if request.resolution and model.resolutions:
        size = request.resolution.replace("x", "_")
        return {"resolution": f"RESOLUTION_{size}"}
    if request.aspect_ratio:
        return {"aspect_ratio": request.aspect_ratio}
    return {}
