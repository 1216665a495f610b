"""The wire format of `POST /v2/image/generate/ideogram-4-5`: V_4_5, flat JSON, no pictures in.

Pure. The model is in the path and words are in lower case. It is always asked to draw
asynchronously: the answer is an id, noted before the wait begins, so that a crash in the
middle costs nothing. With a *webhook_url* Ideogram says there when it is done.
https://developer.ideogram.ai/api-reference/images/generate/ideogram-4-5
"""

from typing import Any

from bot.domain.models import ImageModel
from bot.domain.request import ImageRequest
from bot.ideogram import resolutions
from bot.ideogram.wire import Call


def build_call(
    request: ImageRequest, model: ImageModel, *, webhook_url: str | None = None
) -> Call:
    """Give the call that draws *request* with *model*."""
    body: dict[str, Any] = {
        "prompt": request.sent_prompt,
        "magic_prompt": request.magic_prompt.value.lower(),
        "size": request.resolution
        or resolutions.size_of(request.aspect_ratio, model.name),
        "async": True,
    }
    if request.seed is not None:
        body["seed"] = request.seed
    if request.count > 1:
        body["num_images"] = request.count
    if webhook_url:
        body["webhook_url"] = webhook_url
    return Call(path="/v2/image/generate/ideogram-4-5", body=body)
