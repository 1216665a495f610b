"""What the provider answered: pictures, or a ticket to ask again with."""

from dataclasses import dataclass

from bot.domain.request import ImageRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnImage:
    """One item of an answer; url, seed and prompt belong together and stay so.

    `prompt` is the final prompt, after magic prompt. `url` is None for an unsafe picture.
    """

    url: str | None
    prompt: str
    seed: int
    resolution: str
    is_safe: bool
    style_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A finished answer: at least one image."""

    images: tuple[DrawnImage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A paid call that is still being drawn: ask for it by its id.

    `request` stands in for what the late answer leaves out (its seed, its prompt).
    """

    id: str
    request: ImageRequest | None = None
