"""What is asked of Ideogram, whole: the one value that parsing makes and wire formats read."""

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

MAX_SEED = 2_147_483_647  # Ideogram's own: openapi.json, ImageRequest.seed
MAX_COUNT = 8  # openapi.json, ImageRequest.num_images
MAX_PROMPT = (
    10_000  # characters; api-overview of Ideogram's v2, and what clients keep to
)


class MagicPrompt(StrEnum):
    """Whether the provider may rewrite the prompt."""

    AUTO = "AUTO"
    ON = "ON"
    OFF = "OFF"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """One call for `count` pictures, and where its pictures belong.

    Values are spelled as records spell them (`V_2`, `DESIGN`, `ASPECT_16_9`, `1024x1024`);
    None means that the person did not ask. `seed` is None only until submission.
    `color_palette` is a preset's name (`JUNGLE`) or `#RRGGBB:weight,…`; `suffix` is what the
    operator's rules have stand behind the prompt.
    """

    prompt: str
    model: str
    negative_prompt: str | None = None
    style_type: str | None = None
    aspect_ratio: str | None = None
    resolution: str | None = None
    seed: int | None = None
    magic_prompt: MagicPrompt = MagicPrompt.AUTO
    color_palette: str | None = None
    rendering_speed: str | None = None
    count: int = 1
    tags: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    is_private: bool = False
    suffix: str = ""

    @property
    def sent_prompt(self) -> str:
        """Give the prompt as Ideogram gets it."""
        if not self.suffix:
            return self.prompt
        return f"{self.prompt.rstrip(' ,')}, {self.suffix}"


def style_word(style_type: str) -> str:
    """Give a style as people type it: `3d` for `RENDER_3D`, `design` for `DESIGN`."""
    return style_type.lower().removeprefix("render_")


def prompt_hash(request: ImageRequest) -> str:
    """Give a hash that is the same for requests that ask for the same kind of picture.

    Case, spacing and ways to write a letter do not count, nor whether a default was said;
    seed, number, tags and place do not either.
    """
    ratio = None if request.resolution else request.aspect_ratio or "ASPECT_1_1"
    asked = [
        _folded(request.prompt),
        _folded(request.negative_prompt or ""),
        request.model,
        request.style_type or "AUTO",
        ratio,
        request.resolution,
        request.magic_prompt,
        request.color_palette,
        request.rendering_speed or "DEFAULT",
    ]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def _folded(text: str) -> str:
    """Give *text* as all ways to write it are; folding may take it out of NFKC again."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())
