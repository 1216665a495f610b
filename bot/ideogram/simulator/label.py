"""The label on a simulated picture: its prompt, seed, size, model, style and colours."""

import unicodedata

from PIL import Image, ImageDraw, ImageFont

from bot.ideogram.simulator.colors import Color, brightness, mix
from bot.ideogram.simulator.picture import Picture

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_INK = (255, 255, 255)
_MOST_LINES = 4
_LONGEST_LINE = 300  # characters; more fit on no picture
_PLAIN = str.maketrans(
    dict.fromkeys("“”„«»", '"')
    | dict.fromkeys("\u2018\u2019\u201a", "'")
    | dict.fromkeys("–—", "-")
    | {"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
)


def add_label(
    canvas: Image.Image, picture: Picture, colors: tuple[Color, ...]
) -> Image.Image:
    """Give *canvas* with a dark card along its lower edge."""
    width, height = canvas.size
    unit = max(11, round(min(width, height * 1.4)) // 34)
    title, small = (
        ImageFont.load_default(unit * 1.25),
        ImageFont.load_default(unit * 0.8),
    )
    margin, inner = unit, round(unit * 1.1)
    space = width - 2 * margin - 2 * inner
    lines = _wrap(picture.prompt, title, space, _most_lines(height, unit))
    chips = _rows(_facts(picture), small, space, unit)
    leading, chip_height = round(unit * 1.65), round(unit * 1.75)
    tall = 2 * inner + leading * len(lines) + chip_height * (len(chips) + 1)
    box = (margin, height - margin - tall, width - margin, height - margin)
    canvas = _card(canvas, box, unit, mix(colors[0], (8, 9, 14), 0.55))
    draw = ImageDraw.Draw(canvas)
    y = box[1] + inner
    for line in lines:
        draw.text((box[0] + inner, y), line, font=title, fill=_INK)
        y += leading
    y += unit // 4
    for row in chips:
        _draw_chips(draw, (box[0] + inner, y), row, small, unit)
        y += chip_height
    _draw_swatches(draw, (box[0] + inner, y), colors, unit)
    _draw_mark(draw, (box[2] - inner, y), small)
    return canvas


def _facts(picture: Picture) -> list[str]:
    facts = [
        picture.model,
        picture.style,
        f"seed {picture.seed}",
        f"{picture.width} x {picture.height}",
        picture.speed if picture.speed != "DEFAULT" else None,
        picture.palette[0] if len(picture.palette) == 1 else None,
        f"no {picture.negative_prompt}" if picture.negative_prompt else None,
    ]
    return [_printable(fact) for fact in facts if fact]


def _most_lines(height: int, unit: int) -> int:
    return max(1, min(_MOST_LINES, height // (unit * 7)))


def _wrap(text: str, font: Font, space: float, most: int) -> list[str]:
    """Give the text in at most *most* lines, the last one cut short if need be."""
    lines = [""]
    for word in _printable(text)[:1000].split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= space or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]}..."]
    return [_fit(line, font, space) for line in lines]


def _fit(line: str, font: Font, space: float) -> str:
    if font.getlength(line) <= space:
        return line
    line = line[:_LONGEST_LINE]
    while line and font.getlength(f"{line}...") > space:
        line = line[:-1]
    return f"{line.rstrip('. ')}..."


def _printable(text: str) -> str:
    """Give *text* in ASCII, all that the built-in font has: ö is o, a fox's face is ?."""
    parts = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    letters = (c for c in parts if not unicodedata.combining(c))
    return "".join(
        c if " " <= c <= "~" else " " if c.isspace() else "?" for c in letters
    )


def _rows(facts: list[str], font: Font, space: float, unit: int) -> list[list[str]]:
    """Give the facts in rows that fit."""
    rows: list[list[str]] = [[]]
    used = 0.0
    for fact in facts:
        fact = _fit(fact, font, space - unit * 1.2)  # noqa: PLW2901 - cut to the card
        needed = font.getlength(fact) + unit * 1.7
        if rows[-1] and used + needed > space:
            rows.append([])
            used = 0
        rows[-1].append(fact)
        used += needed
    return rows


def _card(
    canvas: Image.Image, box: tuple[int, int, int, int], unit: int, color: Color
) -> Image.Image:
    """Lay a see-through card with round corners over the canvas."""
    mask = Image.new("L", canvas.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle(box, unit * 0.9, fill=205)
    canvas.paste(color, (0, 0), mask)
    return canvas


def _draw_chips(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    facts: list[str],
    font: Font,
    unit: int,
) -> None:
    x, y = at
    for fact in facts:
        length = font.getlength(fact)
        box = (x, y, x + length + unit * 1.2, y + unit * 1.4)
        draw.rounded_rectangle(box, unit * 0.7, outline=(214, 217, 226), width=1)
        draw.text((x + unit * 0.6, y + unit * 0.7), fact, _INK, font, anchor="lm")
        x += length + unit * 1.7


def _draw_swatches(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    colors: tuple[Color, ...],
    unit: int,
) -> None:
    x, y = at
    side = unit * 1.15
    for color in sorted(colors, key=brightness):
        box = (x, y + unit * 0.25, x + side, y + unit * 0.25 + side)
        draw.ellipse(box, fill=color, outline=(235, 236, 240), width=1)
        x += side + unit * 0.45


def _draw_mark(draw: ImageDraw.ImageDraw, at: tuple[float, float], font: Font) -> None:
    x, y = at
    size = float(getattr(font, "size", 12))
    draw.text((x, y + size), "simulated", (198, 202, 214), font, anchor="rm")
