"""Simulated pictures: the same for the same request, another for any other."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from bot.ideogram.simulator.drawing import draw_picture
from bot.ideogram.simulator.motifs import MOTIFS
from bot.ideogram.simulator.picture import Picture

FOX = Picture(
    prompt="a fox in a suit",
    seed=42,
    model="V_2",
    width=512,
    height=512,
    style="DESIGN",
    palette=("JUNGLE",),
)


@pytest.mark.parametrize("style", [*MOTIFS, None])
def test_equal_pictures_have_equal_bytes(style):
    """Reproduction is compared byte for byte."""
    picture = replace(FOX, style=style)

    assert draw_picture(picture) == draw_picture(replace(picture))


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "a fox in a coat"},
        {"seed": 43},
        {"model": "V_2_TURBO"},
        {"style": "ANIME"},
        {"palette": ("EMBER",)},
        {"palette": ("#ff0000", "#00ff00")},
        {"negative_prompt": "text"},
        {"speed": "TURBO"},
        {"width": 640},
    ],
    ids=str,
)
def test_every_option_counts(changes):
    """A picture drawn again with something lost would be noticed."""
    assert draw_picture(replace(FOX, **changes)) != draw_picture(FOX)


@pytest.mark.parametrize(
    ("width", "height"), [(1536, 512), (512, 1536), (1024, 1024), (640, 1344)]
)
def test_a_picture_has_its_size(width, height):
    """And is a picture for those who read it."""
    picture = replace(
        FOX, width=width, height=height, prompt="a very long prompt " * 99
    )

    with Image.open(io.BytesIO(draw_picture(picture))) as image:
        assert image.size == (width, height)
        assert image.format == "PNG"


def test_any_text_can_be_drawn():
    """The label's font knows Latin letters only; other text must not fail."""
    picture = replace(FOX, prompt="狐狸 🦊\n\t" + "x" * 9000, negative_prompt="—" * 999)

    assert draw_picture(picture).startswith(b"\x89PNG")


def test_the_palette_shows():
    """An EMBER picture is warmer than an ULTRAMARINE one."""

    def warmth(palette):
        png = draw_picture(replace(FOX, palette=(palette,)))
        with Image.open(io.BytesIO(png)) as image:
            red, _, blue = image.resize((1, 1)).getpixel((0, 0))
        return red - blue

    assert warmth("EMBER") > warmth("ULTRAMARINE")
