"""What a simulated picture is a function of, and nothing else."""

import hashlib
from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything that decides how a picture looks; equal values, equal bytes.

    The style is the resolved one, so that asking for it by name draws the same.
    """

    prompt: str  # the final one, after magic prompt
    seed: int
    model: str
    width: int
    height: int
    style: str | None
    palette: tuple[str, ...]  # colours, or a preset's name alone
    negative_prompt: str | None = None
    speed: str | None = None

    @property
    def digest(self) -> bytes:
        """Give 32 bytes that stand for all of it."""
        return hashlib.sha256(repr(astuple(self)).encode()).digest()
