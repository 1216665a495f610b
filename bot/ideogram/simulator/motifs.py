"""What simulated pictures show: one motif for each style, in the colours of the palette.

Everything is drawn at twice the size and reduced afterwards, which smooths the edges. Chance
comes from the picture's digest alone.
"""

import math
from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType

from PIL import Image, ImageDraw, ImageOps

from bot.ideogram.simulator.colors import Color, mix

Colors = tuple[Color, ...]
Motif = Callable[[Image.Image, Colors, Random], None]

# The part of a 256 x 256 gradient that lights a ball from the upper left.
_LIT_PART = (101.5, 101.5, 186.9, 186.9)


def hills(canvas: Image.Image, colors: Colors, rng: Random) -> None:
    """Ridge behind ridge under a sun: REALISTIC."""
    width, height = canvas.size
    _gradient(canvas, mix(colors[-1], colors[-2], 0.6), colors[-1])
    draw = ImageDraw.Draw(canvas)
    radius = min(width, height) * rng.uniform(0.09, 0.15)
    sun = width * rng.uniform(0.2, 0.8), height * rng.uniform(0.2, 0.34)
    for step in range(5, 0, -1):
        glow = mix(colors[-1], (255, 255, 255), 0.5 * (1 - step / 6))
        _disc(draw, sun, radius * (1 + step * 0.35), mix(glow, colors[-2], step * 0.09))
    _disc(draw, sun, radius, mix(colors[-1], (255, 255, 255), 0.75))
    layers = 7
    for layer in range(layers):
        depth = layer / (layers - 1)
        color = _along(colors[:-1], 1 - depth)
        base = height * (0.4 + 0.5 * depth)
        draw.polygon(_ridge(canvas.size, base, rng, 1.25 - depth * 0.6), fill=color)


def ribbons(canvas: Image.Image, colors: Colors, rng: Random) -> None:
    """Bands that flow over each other: GENERAL."""
    width, height = canvas.size
    _gradient(canvas, colors[0], mix(colors[0], colors[1], 0.7))
    draw = ImageDraw.Draw(canvas)
    bands = 15
    phase, pace = rng.uniform(0, 6.3), rng.uniform(0.7, 1.5)
    for band in range(bands):
        at = band / (bands - 1)
        base = height * (0.04 + 0.86 * at)
        swing = height * (0.05 + 0.07 * rng.random())
        shift = phase + band * 0.33
        line = [
            (
                x,
                base
                + swing * math.sin(pace * 5 * x / width + shift)
                + swing * 0.5 * math.sin(pace * 11 * x / width - shift * 1.7),
            )
            for x in range(0, width + 16, 16)
        ]
        color = _along(colors, 0.5 + 0.5 * math.sin(band * 0.62 + phase))
        draw.polygon([*line, (width, height), (0, height)], fill=color)
        draw.line(line, fill=mix(color, (255, 255, 255), 0.3), width=5)


def tiles(canvas: Image.Image, colors: Colors, rng: Random) -> None:
    """A poster of quarter circles and discs: DESIGN."""
    width, height = canvas.size
    side = math.ceil(min(width, height) / 6)
    draw = ImageDraw.Draw(canvas)
    for top in range(0, height, side):
        for left in range(0, width, side):
            ground, shape, dot = _sample(colors, 3, rng)
            draw.rectangle((left, top, left + side, top + side), fill=ground)
            _tile(draw, (left, top, side), (shape, dot), rng)


def orbs(canvas: Image.Image, colors: Colors, rng: Random) -> None:
    """Shaded balls on a soft floor: RENDER_3D."""
    width, height = canvas.size
    _gradient(
        canvas, mix(colors[-1], colors[-2], 0.35), mix(colors[-2], colors[1], 0.4)
    )
    size = min(width, height)
    places = sorted(
        (rng.uniform(0.16, 0.8), rng.uniform(0.05, 0.95), rng.uniform(0.06, 0.16))
        for _ in range(13)
    )
    for down, across, scale in places:
        radius = int(size * scale * (0.7 + 0.6 * down))
        center = int(width * across), int(height * down)
        color = _along(colors, rng.random())
        _shadow(canvas, (center[0], center[1] + radius), radius, colors[0])
        _ball(canvas, center, radius, color)


def rays(canvas: Image.Image, colors: Colors, rng: Random) -> None:
    """A burst of light behind clouds: ANIME."""
    width, height = canvas.size
    _gradient(canvas, mix(colors[2], colors[1], 0.3), colors[-2])
    draw = ImageDraw.Draw(canvas)
    center = width * rng.uniform(0.35, 0.65), height * rng.uniform(0.38, 0.5)
    reach, count = math.hypot(width, height), 2 * rng.randrange(11, 17)
    for index in range(0, count, 2):
        turn = 2 * math.pi / count
        corners = [_around(center, reach, turn * (index + side)) for side in (0, 1)]
        draw.polygon([center, *corners], fill=mix(colors[-1], colors[-2], 0.35))
    _disc(draw, center, min(width, height) * 0.21, mix(colors[3], colors[2], 0.4))
    _disc(draw, center, min(width, height) * 0.18, colors[-1])
    for layer, share in enumerate((0.62, 0.72, 0.84)):
        color = mix((255, 255, 255), colors[2 - layer], 0.12 + 0.3 * layer)
        _clouds(draw, canvas.size, height * share, color, rng)


def planets(canvas: Image.Image, colors: Colors, rng: Random) -> None:
    """A ringed world among stars: FICTION."""
    width, height = canvas.size
    _gradient(canvas, mix(colors[0], (4, 4, 12), 0.6), mix(colors[1], colors[0], 0.45))
    draw = ImageDraw.Draw(canvas)
    for _ in range(260):
        star = rng.uniform(0, width), rng.uniform(0, height)
        light = mix(colors[0], colors[-1], rng.uniform(0.3, 1))
        _disc(draw, star, 1 + 4 * rng.random() ** 4, light)
    size = min(width, height)
    center = int(width * rng.uniform(0.38, 0.62)), int(height * rng.uniform(0.34, 0.44))
    radius = int(size * rng.uniform(0.18, 0.24))
    tilt = rng.uniform(-0.4, 0.4)
    _rings(canvas, center, radius, colors, (math.pi, 2 * math.pi, tilt))
    _ball(canvas, center, radius, colors[2])
    _rings(canvas, center, radius, colors, (0, math.pi, tilt))
    moon = _around(center, radius * rng.uniform(1.5, 1.8), rng.uniform(3.5, 6))
    _ball(canvas, (int(moon[0]), int(moon[1])), radius // 5, colors[3])
    draw.polygon(_ridge(canvas.size, height * 0.86, rng, 0.8), fill=colors[0])


MOTIFS: Mapping[str, Motif] = MappingProxyType(
    {
        "REALISTIC": hills,
        "GENERAL": ribbons,
        "DESIGN": tiles,
        "RENDER_3D": orbs,
        "ANIME": rays,
        "FICTION": planets,
    }
)


# --- strokes ----------------------------------------------------------------


def _gradient(canvas: Image.Image, top: Color, bottom: Color) -> None:
    ramp = Image.linear_gradient("L").resize(canvas.size)
    canvas.paste(ImageOps.colorize(ramp, top, bottom))


def _disc(
    draw: ImageDraw.ImageDraw, center: tuple[float, float], radius: float, color: Color
) -> None:
    x, y = center
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)


def _ball(
    canvas: Image.Image, center: tuple[int, int], radius: int, color: Color
) -> None:
    """Draw a ball lit from the upper left."""
    side = 2 * radius
    light = Image.radial_gradient("L").resize((side, side), box=_LIT_PART)
    shaded = ImageOps.colorize(
        light.point(lambda value: min(255, value * 2)),
        black=mix(color, (255, 255, 255), 0.6),
        mid=color,
        white=mix(color, (8, 8, 20), 0.75),
    )
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).ellipse((0, 0, side - 1, side - 1), fill=255)
    canvas.paste(shaded, (center[0] - radius, center[1] - radius), mask)


def _shadow(
    canvas: Image.Image, center: tuple[int, int], radius: int, color: Color
) -> None:
    size = int(2.6 * radius), max(2, int(0.7 * radius))
    fade = ImageOps.invert(Image.radial_gradient("L")).resize(size)
    fade = fade.point(lambda value: max(0, value - 75) * 0.8)
    canvas.paste(color, (center[0] - size[0] // 2, center[1] - size[1] // 2), fade)


def _rings(
    canvas: Image.Image,
    center: tuple[int, int],
    radius: int,
    colors: Colors,
    turns: tuple[float, float, float],
) -> None:
    """Draw nine rings from the first to the second angle, tilted by the third."""
    draw = ImageDraw.Draw(canvas)
    start, end, tilt = turns
    steps = 60
    for ring in range(9):
        reach = radius * (1.95 - ring * 0.065)
        points = []
        for step in range(steps + 1):
            angle = start + (end - start) * step / steps
            x, y = reach * math.cos(angle), reach * 0.22 * math.sin(angle)
            points.append(
                (
                    center[0] + x * math.cos(tilt) - y * math.sin(tilt),
                    center[1] + x * math.sin(tilt) + y * math.cos(tilt),
                )
            )
        tone = mix(colors[3], colors[-1], ring % 3 / 3)
        draw.line(points, fill=tone, width=max(3, radius // 28), joint="curve")


def _ridge(
    size: tuple[int, int], base: float, rng: Random, roughness: float
) -> list[tuple[float, float]]:
    width, height = size
    waves = [
        (height * roughness * 0.1 / n, n * rng.uniform(2, 4.5), rng.uniform(0, 6.3))
        for n in (1, 2, 5)
    ]
    line = [
        (x, base + sum(a * math.sin(f * x / width + p) for a, f, p in waves))
        for x in range(0, width + 12, 12)
    ]
    return [*line, (width, height), (0, height)]


def _clouds(
    draw: ImageDraw.ImageDraw,
    size: tuple[int, int],
    base: float,
    color: Color,
    rng: Random,
) -> None:
    width, height = size
    x = -0.05 * width
    while x < width * 1.05:
        radius = min(width, height) * rng.uniform(0.05, 0.13)
        _disc(draw, (x, base + radius * rng.uniform(0, 0.5)), radius, color)
        x += radius * rng.uniform(0.7, 1.1)
    draw.rectangle((0, base + min(size) * 0.05, width, height), fill=color)


def _tile(
    draw: ImageDraw.ImageDraw,
    place: tuple[int, int, int],
    colors: tuple[Color, Color],
    rng: Random,
) -> None:
    left, top, side = place
    shape, dot = colors
    kind = rng.randrange(6)
    if kind < 4:  # noqa: PLR2004 - one for each corner
        x, y = left - side * (kind % 2), top - side * (kind // 2)
        quarter = (90 * (2 * (kind // 2) + (kind % 2 ^ kind // 2))) % 360
        box = (x, y, x + 2 * side, y + 2 * side)
        draw.pieslice(box, quarter + 180, quarter + 270, fill=shape)
    elif kind == 4:  # noqa: PLR2004
        center = left + side / 2, top + side / 2
        _disc(draw, center, side * 0.42, shape)
        _disc(draw, center, side * 0.2, dot)
    else:
        half = left + side / 2
        draw.rectangle((left, top, half, top + side), fill=shape)
        _disc(draw, (half, top + side / 2), side * 0.25, dot)


def _around(
    center: tuple[float, float], reach: float, angle: float
) -> tuple[float, float]:
    return center[0] + reach * math.cos(angle), center[1] + reach * math.sin(angle)


def _along(colors: Colors, share: float) -> Color:
    at = min(max(share, 0), 1) * (len(colors) - 1)
    low = min(int(at), len(colors) - 2)
    return mix(colors[low], colors[low + 1], at - low)


def _sample(colors: Colors, count: int, rng: Random) -> list[Color]:
    """Give different colours; Random.sample may change between Python versions."""
    pool = list(colors)
    return [pool.pop(int(rng.random() * len(pool))) for _ in range(count)]
