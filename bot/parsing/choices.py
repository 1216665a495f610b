"""Values a model offers: ratios, sizes, styles, speeds.

Each kind knows how a typed value is spelled in records, how people see it, which ones a model
takes, and what is near to a wrong one.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.models import ImageModel, Models
from bot.errors import WrongInput
from bot.parsing.refusal import excerpt, listed, sentences
from bot.parsing.suggest import closest, did_you_mean

MOST_LISTED = 25  # more than a menu of Discord or a sentence holds
_SOME = 3

_RATIO = re.compile(r"(?:ASPECT_)?([0-9]{1,5})\s?[X×:_/*]\s?([0-9]{1,5})")
_SIZE = re.compile(r"(?:RESOLUTION_)?([0-9]{1,5})\s?[X×:_*]\s?([0-9]{1,5})")


def spell_ratio(typed: str) -> str:
    """Give `ASPECT_16_9` for `16:9`, `16x9` and the like."""
    match = _RATIO.fullmatch(typed.upper())
    return f"ASPECT_{int(match[1])}_{int(match[2])}" if match else typed


def show_ratio(spelled: str) -> str:
    """Give `16:9` for `ASPECT_16_9`."""
    return spelled.removeprefix("ASPECT_").replace("_", ":")


def spell_size(typed: str) -> str:
    """Give `1024x1024` for `1024×1024`, `RESOLUTION_1024_1024` and the like."""
    match = _SIZE.fullmatch(typed.upper())
    return f"{int(match[1])}x{int(match[2])}" if match else typed


def spell_word(typed: str) -> str:
    """Give `TURBO` for `turbo`."""
    return re.sub(r"[\s-]+", "_", typed.upper())


def spell_style(typed: str) -> str:
    """Give `RENDER_3D` for `3d`, `DESIGN` for `design`."""
    spelled = spell_word(typed)
    return "RENDER_3D" if spelled in {"3D", "RENDER3D"} else spelled


def near_ratios(typed: str, shown: Sequence[str]) -> list[str]:
    """Order ratios by how near they are; nothing when *typed* is no ratio."""
    wanted = _pair(spell_ratio(typed))
    if wanted is None:
        return []
    width, height = wanted
    return sorted(shown, key=lambda ratio: _distance(ratio, width / height))


def near_sizes(typed: str, shown: Sequence[str]) -> list[str]:
    """Order sizes by how near they are; nothing when *typed* is no size."""
    wanted = _pair(spell_size(typed))
    if wanted is None:
        return []
    return sorted(
        shown,
        key=lambda size: sum(
            abs(a - b) for a, b in zip(_pair(size) or (0, 0), wanted, strict=True)
        ),
    )


def near_words(typed: str, shown: Sequence[str]) -> list[str]:
    """Give the word most like *typed*, if one is."""
    near = closest(typed, shown)
    return [near] if near else []


def _pair(text: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"\D*([0-9]{1,9})\D([0-9]{1,9})", text)
    if match is None or int(match[1]) == 0 or int(match[2]) == 0:
        return None
    return int(match[1]), int(match[2])


def _distance(ratio: str, wanted: float) -> float:
    width, height = _pair(ratio) or (1, 1)
    # 2:1 is as far from 1:1 as 1:2 is.
    return max(width / height / wanted, wanted * height / width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of value a model chooses from."""

    noun: str  # "an aspect ratio"
    offered: Callable[[ImageModel], Sequence[str]]  # as records spell them
    spell: Callable[[str], str] = spell_word
    show: Callable[[str], str] = str.lower
    near: Callable[[str, Sequence[str]], list[str]] = near_words

    def read(self, typed: str, model: ImageModel, models: Models) -> str:
        """Give the value as records spell it.

        Raises: WrongInput when *model* does not take it.
        """
        spelled = self.spell(typed)
        if spelled in self.offered(model):
            return spelled
        raise WrongInput(self.refusal(typed, model, models))

    def refusal(self, typed: str, model: ImageModel, models: Models) -> str:
        """Say what is wrong with *typed*, and what would be right."""
        spelled = self.spell(typed)
        offered = [self.show(value) for value in self.offered(model)]
        near = self.near(typed, offered)
        takers = [
            other.flag for other in models.values() if spelled in self.offered(other)
        ]
        if takers:
            return sentences(
                f"{self.show(spelled)} is not {self.noun} of {model.flag};"
                f" it is one of {listed(takers)}.",
                _allowed(model, offered, near),
            )
        return sentences(
            f"{excerpt(typed)} is not {self.noun}.",
            did_you_mean(near[0] if near else None),
            _allowed(model, offered, near),
        )

    def all(self, models: Models) -> tuple[str, ...]:
        """Give what people may type, over all models."""
        return tuple(
            dict.fromkeys(
                self.show(value)
                for model in models.values()
                for value in self.offered(model)
            )
        )


def _allowed(model: ImageModel, offered: Sequence[str], near: Sequence[str]) -> str:
    if len(offered) <= MOST_LISTED:
        return f"{model.flag} takes {', '.join(offered)}."
    some = ", ".join((near or offered)[:_SOME])
    return f"{model.flag} takes {len(offered)}, among them {some}."
