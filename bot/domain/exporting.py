"""What an export reads: every record in its order, a page at a time. Pure."""

from dataclasses import dataclass

from bot.domain.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some records, and the `position` after which the next page begins.

    `pictures` are the stored paths that no record before has: over all pages each once.
    """

    records: tuple[Record, ...]
    position: int
    pictures: tuple[str, ...] = ()
