"""What `--format` names: sizes, and how a picture comes into them. Pure."""

import re
from dataclasses import replace

from bot.domain.sizes import (
    MAX_PIXELS,
    MAX_SIDE,
    NAMED,
    Encoding,
    Fit,
    Focus,
    SizedFormat,
)
from bot.errors import WrongInput
from bot.parsing.refusal import excerpt, sentences
from bot.parsing.suggest import closest, did_you_mean

MAX_COPIES = 10  # of one picture
_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")
_QUALITY = re.compile(r"q(\d{1,3})")
_SAME = {"jpg": "jpeg", "center": "centre"}
_WORDS = (*Fit, *Focus, *Encoding, "upscale", "q85")


def read_formats(typed: str) -> tuple[str, ...]:
    """Give the sized copies of a comma-separated list, each once, as they are kept.

    Raises: WrongInput.
    """
    parts = [part.strip().lower().replace("×", "x") for part in typed.split(",")]
    formats = tuple(dict.fromkeys(str(read_format(one)) for one in parts if one))
    if len(formats) > MAX_COPIES:
        raise WrongInput(
            f"{len(formats)} sized copies are too many; {MAX_COPIES} are possible."
        )
    return formats


def read_format(text: str) -> SizedFormat:
    """Read `instagram` or `800x600:contain:webp:q80:upscale`. Raises: WrongInput."""
    size, *words = text.split(":")
    sized = _read_size(size)
    for word in words:
        sized = _changed(sized, _SAME.get(word, word))
    return sized


def _read_size(text: str) -> SizedFormat:
    if text in NAMED:
        width, height = NAMED[text]
        return SizedFormat(width=width, height=height)
    found = _SIZE.fullmatch(text)
    if not found:
        raise WrongInput(
            sentences(
                f"{excerpt(text)} is not a format.",
                did_you_mean(closest(text, NAMED)),
                f"Possible: {', '.join(NAMED)}, or a size such as 800x600.",
            )
        )
    width, height = int(found[1]), int(found[2])
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise WrongInput(
            f"{excerpt(text)} is not possible: each side has 1 to {MAX_SIDE} pixels."
        )
    if width * height > MAX_PIXELS:
        raise WrongInput(
            f"{excerpt(text)} is not possible: a copy has at most "
            f"{MAX_PIXELS / 1_000_000:.0f} million pixels, as many as 4096x4096."
        )
    return SizedFormat(width=width, height=height)


def _changed(sized: SizedFormat, word: str) -> SizedFormat:
    if word in list(Fit):
        return replace(sized, fit=Fit(word))
    if word in list(Focus):
        return replace(sized, focus=Focus(word))
    if word in list(Encoding):
        return replace(sized, encoding=Encoding(word))
    if word == "upscale":
        return replace(sized, may_upscale=True)
    quality = _QUALITY.fullmatch(word)
    if quality and 1 <= int(quality[1]) <= 100:  # noqa: PLR2004 - per cent
        return replace(sized, quality=int(quality[1]))
    raise WrongInput(
        sentences(
            f"{excerpt(word)} says nothing about a format.",
            did_you_mean(closest(word, _WORDS)),
            "Possible behind a size: contain, centre, jpeg, webp, q1 to q100, upscale.",
        )
    )
