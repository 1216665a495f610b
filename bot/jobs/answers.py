"""Ideogram's answer as it is written down between the steps. Pure, JSON values only."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bot.domain.drawing import Drawn, DrawnImage


def to_notes(drawn: Drawn) -> dict[str, Any]:
    """Give the notes of a finished draw step."""
    return {"images": [asdict(image) for image in drawn.images]}


def from_notes(notes: Mapping[str, Any]) -> Drawn:
    """Give back what `to_notes` took."""
    return Drawn(images=tuple(DrawnImage(**image) for image in notes["images"]))
