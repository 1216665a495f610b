"""What upkeep asks of a database: exports, imports, checks, sweeps.

More than the ports, which are all that commands need. Each database implements these; what
works on records here asks for them and not for one of the databases.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.exporting import Page
from bot.domain.record import Record, RecordId
from bot.policy.retention import KeptPicture
from bot.ports.base import Once
from bot.ports.jobs import JobQueue
from bot.ports.records import Records

IsDue = Callable[[KeptPicture], bool]


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

    async def bring_back(self, records: Sequence[Record]) -> int:
        """Give records that lost their file the one of *records*; count them.

        The files are held. Only where the checksum is the same, and nothing is withheld.
        """

    async def find_unused(self, paths: Sequence[str]) -> list[str]:
        """Give those of *paths* that no record has."""

    async def uses(self, paths: Sequence[str]) -> Mapping[str, int]:
        """Count the records that have each of *paths*."""

    async def forget_files(self, paths: Sequence[str]) -> None:
        """Mark the records of these files as having none."""


class KeptJobs(JobQueue, Protocol):
    """Jobs, and an end to those that are over."""

    async def delete_finished(self, before: datetime, *, limit: int) -> int:
        """Delete final jobs created before *before*, at most *limit*; count them."""


class KeptOnce(Once, Protocol):
    """A memory of what was done once, and an end to it."""

    async def forget(self, before: datetime, *, limit: int) -> int:
        """Forget what was done before *before*, at most *limit*; count it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aging:
    """A picture that may be due, where it stands, and what it takes up."""

    seq: int
    picture: KeptPicture
    size_bytes: int
    stored_path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What a batch deleted: the records, and the paths that no record has any more."""

    records: tuple[RecordId, ...] = ()
    unused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A sweep that was begun at `asked_at`; `older_than` is None for one by the rules.

    `unlinking` are files that lost their last record just before it was cut off.
    """

    id: int
    asked_at: datetime
    older_than: timedelta | None
    unlinking: tuple[str, ...] = ()


class Upkeep(Protocol):
    """A sweep's view of the records. Each method is one short transaction."""

    @property
    def is_alone(self) -> bool:
        """Whether nobody else is at the database."""

    async def aging(
        self, until: datetime, *, after: Aging | None = None, limit: int
    ) -> list[Aging]:
        """Give unpinned pictures made up to *until*, oldest first, a page.

        One of an unfinished job, which has yet to post it, is never among them.
        """

    async def whole(self, aging: Sequence[Aging]) -> list[Record]:
        """Give the whole records of a page; those deleted meanwhile are left out."""

    async def copies(self, aging: Sequence[Aging]) -> list[tuple[str, int]]:
        """Give the files of the copies of a page's pictures, with their sizes."""

    async def delete_due(
        self, asked: Asked, seqs: Sequence[int], is_due: IsDue, *, takes_back: bool
    ) -> Gone:
        """Delete those of the records that still are due, as they now stand.

        Which files are to follow is written down with the sweep that *asked*; with
        *takes_back* also the messages that show none any more.
        """

    async def stored_paths(self, *, after: str, limit: int) -> list[str]:
        """Give the files that records and copies name, each once, sorted, a page."""

    async def begin(self, asked_at: datetime, older_than: timedelta | None) -> Asked:
        """Write down that a sweep begins, until `end`."""

    async def begun(self) -> list[Asked]:
        """Give the sweeps that have not come to their end, oldest first."""

    async def end(self, asked: Asked) -> None:
        """Forget a sweep: it is done, or not wanted any more."""
