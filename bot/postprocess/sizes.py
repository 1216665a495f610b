"""A kept picture in another size, from the original alone.

Blocking work: call it in a thread. What a file claims about its size is checked before a
pixel is read, so that a decompression bomb costs nothing.
"""

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageCms, ImageFilter, ImageOps

from bot.domain.sizes import Encoding, Fit, Focus, SizedFormat
from bot.errors import PictureUnfit
from bot.postprocess import geometry
from bot.postprocess.fit import MAX_PIXELS
from bot.postprocess.metadata import Provenance, embedded

MOST_UPSCALED = 2
_READ = ("PNG", "JPEG", "WEBP")
_LOOK_AT = 256  # pixels a side: enough to tell where most is to be seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """A sized copy that was written."""

    content_type: str
    width: int
    height: int


def make_copy(
    original: Path, wanted: SizedFormat, into: Path, *, source: Provenance | None = None
) -> Sized:
    """Write the copy to *into*; with *source* it says what it is and where it is from.

    The same original and format give the same bytes. Raises: PictureUnfit.
    """
    try:
        with Image.open(original, formats=_READ) as image:
            _refuse_bomb(image)
            upright = ImageOps.exif_transpose(image)
            profile = upright.info.get("icc_profile")
            sized = _resized(_as_rgb(upright, profile), wanted)
            keeps_profile = upright.mode in {"RGB", "RGBA"}
            _write(sized, wanted, into, profile if keeps_profile else None, source)
    except (
        OSError,
        ValueError,
        SyntaxError,  # a broken PNG
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise PictureUnfit(
            "The kept picture cannot be read, so that no copy can be made of it. "
            "ideogram-bot verify tells which files are damaged."
        ) from error
    return Sized(
        content_type=wanted.encoding.content_type,
        width=wanted.width,
        height=wanted.height,
    )


def _refuse_bomb(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise PictureUnfit(
            f"The picture claims {image.width} x {image.height} pixels, more than are "
            "read. No copy is made."
        )


def _as_rgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Give it in red, green and blue; other colours through their profile to sRGB."""
    if image.mode in {"RGB", "RGBA"}:
        return image
    if image.mode == "CMYK" and profile:
        with contextlib.suppress(ImageCms.PyCMSError):  # a profile of other colours
            return _through(image, profile)
    if image.mode.startswith("I"):  # grey in 16 bits, which Pillow cuts off at 8
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _through(image: Image.Image, profile: bytes) -> Image.Image:
    return ImageCms.profileToProfile(
        image,
        ImageCms.getOpenProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        outputMode="RGB",
    ) or image.convert("RGB")


def _resized(image: Image.Image, wanted: SizedFormat) -> Image.Image:
    size = (wanted.width, wanted.height)
    is_cut = wanted.fit is Fit.COVER
    scale = (geometry.scale_to_cover if is_cut else geometry.scale_to_contain)(
        image.size, size
    )
    if scale > MOST_UPSCALED and not wanted.may_upscale:
        raise PictureUnfit(
            f"{wanted.name} is {scale:.1f} times the size of the original "
            f"({image.width}x{image.height}). Ask for {wanted.name}:upscale if you want "
            "it all the same."
        )
    if is_cut:
        return image.resize(size, Image.Resampling.LANCZOS, box=_part(image, wanted))
    return _contained(image, wanted, scale)


def _contained(image: Image.Image, wanted: SizedFormat, scale: float) -> Image.Image:
    inner = (
        min(wanted.width, max(1, round(image.width * scale))),
        min(wanted.height, max(1, round(image.height * scale))),
    )
    small = image.resize(inner, Image.Resampling.LANCZOS)
    size = (wanted.width, wanted.height)
    # Room beside the picture is see-through where the file can say so.
    ground = Image.new("RGBA", size, (255, 255, 255, 0))
    ground.paste(small, geometry.centred(inner, size)[:2])
    return ground


def _part(image: Image.Image, wanted: SizedFormat) -> geometry.Box:
    part = geometry.cut(image.size, (wanted.width, wanted.height))
    if wanted.focus is Focus.CENTRE or part == image.size:
        return geometry.centred(part, image.size)
    return _busiest(image, part)


def _busiest(image: Image.Image, part: geometry.Size) -> geometry.Box:
    """Give the place where most is to be seen; of equals the most central."""
    edges = image.convert("L")
    edges.thumbnail((_LOOK_AT, _LOOK_AT))
    edges = edges.filter(ImageFilter.FIND_EDGES)
    scale = edges.width / image.width

    def seen(box: geometry.Box) -> float:
        left, top, right, bottom = (round(side * scale) for side in box)
        area = edges.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
        return round(area.entropy(), 2)

    return max(geometry.places(part, image.size), key=seen)


def _write(
    image: Image.Image,
    wanted: SizedFormat,
    into: Path,
    profile: bytes | None,
    source: Provenance | None,
) -> None:
    if wanted.encoding is Encoding.JPEG:
        image = _flat(image)
    options = embedded(source, wanted.encoding) if source else {}
    if wanted.encoding is not Encoding.PNG:
        options["quality"] = wanted.quality
    # Without this word Pillow writes the profile of the original, which may not fit.
    image.save(into, wanted.encoding.value.upper(), icc_profile=profile, **options)


def _flat(image: Image.Image) -> Image.Image:
    """Give it on white: JPEG has no transparency."""
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, (255, 255, 255))
    ground.paste(image, mask=image.getchannel("A"))
    return ground
