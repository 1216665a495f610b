"""What is on its way to a bucket, as the mover asks for it.

A path has one entry, written down with its record. *put*: it is to be brought there;
*clear*: it is there, and the copy on this machine may go; *delete*: nobody needs it any
more. A record written down for a path makes its entry a *put*, whatever it was, and every
answer of the mover counts only for the kind it was given for.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.domain.record import Record


class Kind(StrEnum):
    """What is to be done for a path."""

    PUT = "put"
    CLEAR = "clear"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One path and what is to be done for it; it has failed so often."""

    path: str
    kind: Kind
    failures: int = 0


class Transfers(Protocol):
    """The entries. Each method is one transaction and may raise StorageError."""

    async def due(
        self,
        kind: Kind,
        now: datetime,
        *,
        longest: timedelta,
        besides: Collection[str],
        limit: int,
    ) -> list[Transfer]:
        """Give what is to be done at *now*, the longest waiting first.

        No wait is longer than *longest*.
        """

    async def moved(self, path: str) -> None:
        """Checkpoint: the file is in the bucket, its copy here may go."""

    async def later(
        self, paths: Collection[str], kind: Kind, *, not_before: datetime
    ) -> None:
        """Count a failure, and do it again at that time."""

    async def hurry(self) -> None:
        """Let nothing wait any more."""

    async def forget(self, paths: Collection[str], kind: Kind) -> None:
        """Drop what is done."""

    async def adopt(self, paths: Sequence[str]) -> int:
        """Have files brought to the bucket that have a record and no row; count them."""

    async def put_again(self, paths: Collection[str]) -> None:
        """Have files brought to the bucket whatever was to be done for them."""

    async def delete_unused(self, paths: Sequence[str]) -> list[str]:
        """Have those of *paths* deleted that nothing uses; give them.

        What is being deleted already is left out.
        """

    async def unused(self, paths: Sequence[str]) -> list[str]:
        """Give those of *paths* that nothing uses."""

    async def clearable(self, paths: Sequence[str]) -> list[str]:
        """Give those of *paths* that are in the bucket and that no job is about to read."""

    async def in_kind(self, paths: Collection[str], kind: Kind) -> list[str]:
        """Give those of *paths* for which that is to be done."""

    async def kind(self, path: str) -> Kind | None:
        """Give what is to be done for a path; None when there is nothing."""

    async def record(self, path: str) -> Record | None:
        """Give the first record that has the file, or has it as a copy."""

    async def counts(self) -> Mapping[Kind, int]:
        """Count what is to be done, by kind."""
