"""Compares files with records: what is missing, damaged, or has no record.

A repair changes as little as can be: records lose the path of a file that is not whole,
and a damaged file is put aside. Nothing is deleted.
"""

import asyncio
from datetime import timedelta
from enum import Enum, auto
from pathlib import Path

from bot.domain.upkeep import Verified
from bot.ports import Clock
from storage.faults import as_storage_error
from storage.files.checking import holds_its_name
from storage.files.keys import is_key
from storage.files.local import LocalFiles
from storage.sqlite.copying import is_used, stored_paths
from storage.sqlite.records import SqliteRecords

_SETTLED = timedelta(days=1)  # a younger file may still get its record
_BATCH = 100


class _State(Enum):
    WHOLE = auto()
    DAMAGED = auto()
    MISSING = auto()


class Verifier:
    """Works on the *database* of the *records*, also while others do."""

    def __init__(
        self, *, database: Path, records: SqliteRecords, files: LocalFiles, clock: Clock
    ) -> None:
        self._database = database
        self._records = records
        self._files = files
        self._clock = clock

    async def verify(self, *, repair: bool) -> Verified:
        """Hash every file that records point to. Raises: StorageError."""
        found = await asyncio.to_thread(self._check)
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

    def _check(self) -> Verified:
        checked = 0
        missing: list[str] = []
        damaged: list[str] = []
        for path in stored_paths(self._database):
            checked += 1
            state = self._state(path)
            if state is _State.WHOLE or not is_used(self._database, path):
                continue  # the latter was deleted meanwhile
            (damaged if state is _State.DAMAGED else missing).append(path)
        return Verified(checked=checked, missing=tuple(missing), damaged=tuple(damaged))

    def _state(self, path: str) -> "_State":
        if not is_key(path):  # none of ours: nothing outside is looked at
            return _State.MISSING
        file = self._files.local_path(path)
        with as_storage_error(file):
            if holds_its_name(file):
                return _State.WHOLE
            return _State.DAMAGED if file.exists() else _State.MISSING

    async def _orphaned(self) -> tuple[str, ...]:
        orphaned: list[str] = []
        async for paths in self._files.stored_before(self._clock.now() - _SETTLED):
            orphaned += await self._records.find_unused(paths)
        return tuple(orphaned)
