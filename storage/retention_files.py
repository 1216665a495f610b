"""Files without a record, and records whose file is gone: found, then tidied up.

Both compare the database with the folder or bucket, so both stop short when one of the
two looks like the wrong one: an empty database beside a full folder, a folder that is not
mounted. Then nothing is touched and a sentence says why.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from storage.files.stored import Deleted, StoredFiles
from storage.keeping import KeptRecords, Upkeep

BATCH = 50
_PAGE = 500
# What a sweep holds in memory; the next one finds the rest.
_MOST = 10_000
# A crash leaves fewer files than this without a record, where there are others.
_MANY_ORPHANS = 100
_MANY_RECORDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspects:
    """How many files were looked at, how many are wrong, and which (not all, if many)."""

    looked_at: int = 0
    found: int = 0
    paths: tuple[str, ...] = ()

    def are_believed(self, *, few: int) -> bool:
        """Say whether it looks like a thing of its own and not like the wrong place.

        All of them never do, most of them only where they are a *few*.
        """
        are_all = 0 < self.found == self.looked_at
        are_most = self.found * 2 > self.looked_at
        return not are_all and (self.looked_at < few or not are_most)

    def plus(self, looked_at: int, paths: Sequence[str]) -> "Suspects":
        """Give these and those of one more page."""
        return Suspects(
            looked_at=self.looked_at + looked_at,
            found=self.found + len(paths),
            paths=(*self.paths, *paths[: max(0, _MOST - len(self.paths))]),
        )


def orphans_refusal(orphans: Suspects) -> str | None:
    """Say why these files are left alone; None when they may go. Pure."""
    if orphans.are_believed(few=_MANY_ORPHANS):
        return None
    return (
        f"{orphans.found:,} of {orphans.looked_at:,} files have no record: this looks like "
        "the wrong DATABASE_URL or FILES_URL, so none was deleted. If they may go, delete "
        "those that ideogram-bot verify names."
    )


def lost_refusal(lost: Suspects) -> str | None:
    """Say why these records are left alone; None when they may be marked. Pure."""
    if lost.are_believed(few=_MANY_RECORDS):
        return None
    return (
        f"{lost.found:,} of {lost.looked_at:,} kept files are gone: this looks like a folder "
        "that is not mounted, or the wrong FILES_URL, so no record was marked. If they are "
        "lost for good, run ideogram-bot verify --repair."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSweep:
    """Compares in pages and tidies up in batches, with a *rest* after each."""

    records: KeptRecords
    upkeep: Upkeep
    files: StoredFiles
    rest: Callable[[], Awaitable[None]]

    async def orphans(self, before: datetime) -> Suspects:
        """Find files stored before *before* that no record has."""
        suspects = Suspects()
        async for paths in self.files.stored_before(before):
            unused = await self.records.find_unused(paths)
            suspects = suspects.plus(len(paths), unused)
            await self.rest()
        return suspects

    async def delete(self, orphans: Suspects, *, before: datetime) -> Deleted:
        """Delete files that still have no record."""
        files = size_bytes = 0
        for paths in batches(orphans.paths):
            deleted = await self.files.delete_unused(paths, stored_before=before)
            files += deleted.files
            size_bytes += deleted.size_bytes
            await self.rest()
        return Deleted(files=files, size_bytes=size_bytes)

    async def lost(self, *, besides: Collection[str] = ()) -> Suspects:
        """Find files that records name and that certainly are gone, *besides* these."""
        suspects = Suspects()
        after = ""
        while paths := await self.upkeep.stored_paths(after=after, limit=_PAGE):
            after = paths[-1]
            paths = [path for path in paths if path not in besides]
            absent = await self.files.absent(paths)
            suspects = suspects.plus(len(paths), absent)
            await self.rest()
        return suspects

    async def mark(self, lost: Suspects) -> int:
        """Mark the records of files that still are gone; count the files."""
        marked = 0
        for paths in batches(lost.paths):
            marked += await self.files.put_aside(
                paths, forget=self.records.forget_files
            )
            await self.rest()
        return marked


def batches(paths: Sequence[str]) -> Iterator[list[str]]:
    """Give *paths*, a few at a time."""
    rest = iter(paths)
    while batch := list(islice(rest, BATCH)):
        yield batch
