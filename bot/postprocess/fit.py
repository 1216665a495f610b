"""A picture encoded anew so that it has at most so many bytes; the original stays.

Blocking work: call it in a thread. Quality goes first, then size. The same picture and
limit give the same bytes.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

# Ideogram draws 4 megapixels at most; a file that claims much more is a trap.
MAX_PIXELS = 40_000_000
_READ = ("PNG", "JPEG", "WEBP")
_QUALITIES = (92, 85, 75)
_SCALES = (1.0, 0.75, 0.5, 0.35, 0.25, 0.15, 0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The encoded picture."""

    content: bytes
    content_type: str
    width: int
    height: int


def fit(path: Path, *, max_bytes: int) -> Fitted | None:
    """Give the picture at *path* in at most *max_bytes*; None when that cannot be done.

    It cannot for what is no picture, what is far too many pixels, and a tiny limit.
    """
    try:
        with Image.open(path, formats=_READ) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            made = (
                _encode(one, quality) for one in _sizes(image) for quality in _QUALITIES
            )
            return next((m for m in made if len(m.content) <= max_bytes), None)
    except (
        OSError,  # also Pillow's own: not a picture, or cut off
        ValueError,
        SyntaxError,  # a broken PNG
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        return None


def _sizes(image: Image.Image) -> Iterator[Image.Image]:
    """Give the picture, then ever smaller ones."""
    flat = image.convert("RGBA" if image.has_transparency_data else "RGB")
    for scale in _SCALES:
        size = (max(1, round(flat.width * scale)), max(1, round(flat.height * scale)))
        yield flat if scale == 1 else flat.resize(size, Image.Resampling.LANCZOS)


def _encode(image: Image.Image, quality: int) -> Fitted:
    # JPEG has no transparency, and is the faster one to write.
    kind = "WEBP" if image.mode == "RGBA" else "JPEG"
    out = io.BytesIO()
    image.save(out, kind, quality=quality)
    return Fitted(
        content=out.getvalue(),
        content_type=f"image/{kind.lower()}",
        width=image.width,
        height=image.height,
    )
