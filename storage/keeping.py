"""Records as upkeep sees them: exports, imports, checks.

More than the port Records, which is all that commands need. Each database implements it;
what works on records here asks for this and not for one of them.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from bot.domain.exporting import Page
from bot.domain.record import Record, RecordId
from bot.ports import Records


class KeptRecords(Records, Protocol):
    """Records, with what upkeep needs. Every method may raise StorageError."""

    def pages(self, *, after: int, size: int) -> AsyncIterator[Page]:
        """Give the records after that position, oldest first, up to *size* at a time."""

    async def conflicts(
        self, records: Sequence[Record], *, has_seed_keys: bool = False
    ) -> set[RecordId]:
        """Give the ids of those that are here with other contents."""

    async def add(
        self, records: Sequence[Record], *, has_seed_keys: bool = False
    ) -> list[Record]:
        """Write down those that are not here yet; give them, never changing any.

        Raises: WrongInput when one is here with other contents.
        """

    async def find_unused(self, paths: Sequence[str]) -> list[str]:
        """Give those of *paths* that no record has."""

    async def forget_files(self, paths: Sequence[str]) -> None:
        """Mark the records of these files as having none."""
