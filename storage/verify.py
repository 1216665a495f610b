"""Compares files with records: what is missing, damaged, or has no record.

A repair changes as little as can be: records lose the path of a file that is not whole,
and a damaged file is put aside. Nothing is deleted.
"""

import asyncio
from datetime import timedelta
from enum import Enum, auto

from bot.domain.upkeep import Verified
from bot.errors import NotFound
from bot.ports.base import Clock
from storage.files.bucket import Damaged
from storage.files.checking import has_checksum
from storage.files.keys import is_key, sha256_of
from storage.files.stored import StoredFiles
from storage.keeping import KeptRecords, Upkeep
from storage.side_by_side import side_by_side

_SETTLED = timedelta(days=1)  # a younger file may still get its record
_BATCH = 100
_PAGE = 500


class _State(Enum):
    WHOLE = auto()
    DAMAGED = auto()
    MISSING = auto()


class Verifier:
    """Compares also while others work on both."""

    def __init__(
        self,
        *,
        records: KeptRecords,
        upkeep: Upkeep,
        files: StoredFiles,
        clock: Clock,
    ) -> None:
        self._records = records
        self._upkeep = upkeep
        self._files = files
        self._clock = clock

    async def verify(self, *, repair: bool) -> Verified:
        """Hash every file that records point to. Raises: StorageError."""
        found = await self._check()
        orphaned = await self._orphaned()
        lost = [*found.missing, *found.damaged]
        repaired = 0
        for start in range(0, len(lost) if repair else 0, _BATCH):
            repaired += await self._files.put_aside(
                lost[start : start + _BATCH], forget=self._records.forget_files
            )
        return Verified(
            checked=found.checked,
            missing=found.missing,
            damaged=found.damaged,
            orphaned=orphaned,
            repaired=repaired,
        )

    async def _check(self) -> Verified:
        checked = 0
        missing: list[str] = []
        damaged: list[str] = []
        after = ""
        while paths := await self._upkeep.stored_paths(after=after, limit=_PAGE):
            after = paths[-1]
            checked += len(paths)
            states = await side_by_side(self._state, paths)
            for path, state in zip(paths, states, strict=True):
                if state is not _State.WHOLE and await self._is_used(path):
                    (damaged if state is _State.DAMAGED else missing).append(path)
        return Verified(checked=checked, missing=tuple(missing), damaged=tuple(damaged))

    async def _state(self, path: str) -> "_State":
        if not is_key(path):  # none of ours: nothing outside is looked at
            return _State.MISSING
        try:
            async with self._files.on_disk(path) as file:
                is_whole = await asyncio.to_thread(has_checksum, file, sha256_of(path))
        except NotFound:
            return _State.MISSING
        except Damaged:
            return _State.DAMAGED
        return _State.WHOLE if is_whole else _State.DAMAGED

    async def _is_used(self, path: str) -> bool:
        """Say whether it was not deleted meanwhile."""
        return not await self._records.find_unused([path])

    async def _orphaned(self) -> tuple[str, ...]:
        orphaned: list[str] = []
        async for paths in self._files.stored_before(self._clock.now() - _SETTLED):
            orphaned += await self._records.find_unused(paths)
        return tuple(orphaned)
