"""A simulated picture as PNG bytes: a pure function of `Picture`.

Byte for byte the same for the same picture, on the same versions of Pillow and zlib.
Takes some 0.1 s of CPU, so it is called on a thread.
"""

import io
from random import Random

from PIL import Image

from bot.ideogram.simulator.colors import choose
from bot.ideogram.simulator.label import add_label
from bot.ideogram.simulator.motifs import MOTIFS
from bot.ideogram.simulator.picture import Picture

_SMOOTHING = 2


def draw_picture(picture: Picture) -> bytes:
    """Draw *picture* as PNG."""
    digest = picture.digest
    rng = Random(digest)  # noqa: S311 - art from a digest; nothing is to be kept secret
    colors = choose(picture.palette, digest)
    size = picture.width * _SMOOTHING, picture.height * _SMOOTHING
    canvas = Image.new("RGB", size)
    names = tuple(MOTIFS)
    motif = MOTIFS.get(picture.style or "") or MOTIFS[names[digest[0] % len(names)]]
    motif(canvas, colors, rng)
    labelled = add_label(canvas.reduce(_SMOOTHING), picture, colors)
    out = io.BytesIO()
    labelled.save(out, "PNG", compress_level=4)
    return out.getvalue()
