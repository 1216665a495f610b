"""The colours of simulated pictures: Ideogram's presets, and a few more to choose from."""

from collections.abc import Mapping
from types import MappingProxyType

from PIL import ImageColor

Color = tuple[int, int, int]

# From dark to light. The names are Ideogram's, the colours are not: it publishes none.
PRESETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "EMBER": ("#2b0f14", "#7a1f1d", "#c8452b", "#f0883e", "#ffd9a0"),
        "FRESH": ("#0d3b3e", "#17727a", "#3fb8a4", "#a6e3a1", "#f4fbd0"),
        "JUNGLE": ("#10241b", "#1f4d36", "#3f8a4f", "#a4b84f", "#f1e6a9"),
        "MAGIC": ("#1b0f3b", "#4a1d7a", "#9a3fc0", "#e86fb8", "#ffd3f0"),
        "MELON": ("#3a1526", "#b3345c", "#f26d6d", "#ffb37a", "#e6f2b1"),
        "MOSAIC": ("#1d2b53", "#00798c", "#d1495b", "#edae49", "#f7f1dc"),
        "PASTEL": ("#5b5f97", "#9a8fc7", "#e8a5c0", "#f9d5c2", "#fdf6e3"),
        "ULTRAMARINE": ("#0a1045", "#1c2e8a", "#3a5be0", "#7fb2ff", "#e3f0ff"),
    }
)
_UNASKED = (
    *PRESETS.values(),
    ("#14213d", "#2f4b7c", "#a05195", "#f95d6a", "#ffd166"),
    ("#22223b", "#4a4e69", "#9a8c98", "#f2b5a7", "#f8ede3"),
    ("#0b2027", "#40798c", "#70a9a1", "#f6ca83", "#fff5e1"),
    ("#1a1423", "#3d2645", "#832161", "#da4167", "#f0eff4"),
)
_FEWEST = 5


def choose(asked: tuple[str, ...], digest: bytes) -> tuple[Color, ...]:
    """Give at least five colours, dark to light: those asked for, or some by the digest."""
    names = asked or _UNASKED[digest[-1] % len(_UNASKED)]
    if len(names) == 1 and names[0] in PRESETS:
        names = PRESETS[names[0]]
    colors = sorted((_read(name) for name in names), key=brightness)
    if len(colors) < _FEWEST:
        colors = _spread(colors)
    return tuple(colors)


def mix(one: Color, other: Color, share: float) -> Color:
    """Give *one* with *share* (0 to 1) of *other*."""
    red, green, blue = (
        round(a + (b - a) * share) for a, b in zip(one, other, strict=True)
    )
    return red, green, blue


def brightness(color: Color) -> float:
    """Give how bright a colour looks, 0 to 255."""
    red, green, blue = color
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _read(name: str) -> Color:
    red, green, blue = ImageColor.getrgb(name)[:3]
    return red, green, blue


def _spread(colors: list[Color]) -> list[Color]:
    """Give the few colours with a dark and a light end, and steps between."""
    dark, light = (
        mix(colors[0], (12, 12, 20), 0.6),
        mix(colors[-1], (255, 252, 245), 0.7),
    )
    ends = [dark, *colors, light]
    steps = []
    for index in range(_FEWEST):
        at = index * (len(ends) - 1) / (_FEWEST - 1)
        low = min(int(at), len(ends) - 2)
        steps.append(mix(ends[low], ends[low + 1], at - low))
    return sorted({*steps, *colors}, key=brightness)
