"""A sized copy as it is asked for: `og-image`, `800x600:contain:webp:q80`. Pure."""

from dataclasses import dataclass
from enum import StrEnum

NAMED = {
    "og-image": (1200, 630),
    "instagram": (1080, 1080),
    "twitter-header": (1500, 500),
}
MAX_SIDE = 8192  # pixels; what the pictures' own limits leave no sense beyond
MAX_PIXELS = 4096 * 4096  # of a copy: some 30 s and 300 MB of work at the most
QUALITY = 85


class Fit(StrEnum):
    """How a picture of another shape comes into the size."""

    COVER = "cover"  # fills it; what sticks out is cut off
    CONTAIN = "contain"  # whole, with room beside it


class Focus(StrEnum):
    """What a cut keeps."""

    ENTROPY = "entropy"  # where most is to be seen
    CENTRE = "centre"


class Encoding(StrEnum):
    """The kind of file."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"

    @property
    def content_type(self) -> str:
        """Give the media type."""
        return f"image/{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SizedFormat:
    """One sized copy: `width` and `height` in pixels, exactly.

    `quality` (1 to 100) is for JPEG and WebP. Beyond twice the original's size a copy is
    refused unless `may_upscale`.
    """

    width: int
    height: int
    fit: Fit = Fit.COVER
    focus: Focus = Focus.ENTROPY
    encoding: Encoding = Encoding.PNG
    quality: int = QUALITY
    may_upscale: bool = False

    @property
    def name(self) -> str:
        """Give `instagram` for its size, else `800x600`."""
        by_size = {size: name for name, size in NAMED.items()}
        size = (self.width, self.height)
        return by_size.get(size, f"{self.width}x{self.height}")

    def __str__(self) -> str:
        """Give the shortest text that is read as this."""
        plain = SizedFormat(width=self.width, height=self.height)
        words = [
            value.value
            for value, usual in (
                (self.fit, plain.fit),
                (self.focus, plain.focus),
                (self.encoding, plain.encoding),
            )
            if value != usual
        ]
        words += [f"q{self.quality}"] if self.quality != plain.quality else []
        words += ["upscale"] if self.may_upscale else []
        return ":".join([self.name, *words])
