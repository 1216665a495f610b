"""The step that makes sized copies of kept pictures; file first, row second.

From the kept originals alone, in a few threads, each copy for a bounded time. A copy that
cannot be made takes no other with it: it is told why.
"""

import asyncio
import logging
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.domain.copy import Copy
from bot.domain.job import Job, Step
from bot.domain.record import Record
from bot.domain.sizes import SizedFormat
from bot.errors import NotFound, PictureUnfit
from bot.opening import opened
from bot.parsing.sizes import read_format
from bot.ports.base import Clock
from bot.ports.files import Files
from bot.ports.jobs import JobLog
from bot.ports.records import Copies
from bot.postprocess.metadata import provenance_of
from bot.postprocess.sizes import Sized, make_copy

log = logging.getLogger(__name__)

# At one time: each holds a picture and its copy in memory, decoded.
AT_ONCE = 2
LONGEST = timedelta(seconds=60)
_PIECE = 512 * 1024
_GONE = "The picture is gone, so that no copy can be made of it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The copies of a job, and in sentences why others could not be made."""

    copies: tuple[Copy, ...]
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resize:
    """Makes a job's copies. With `has_metadata` they say where they are from."""

    files: Files
    steps: JobLog
    copies: Copies
    pool: Executor
    clock: Clock
    has_metadata: bool = False
    longest: timedelta = LONGEST
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def __call__(self, job: Job, records: Sequence[Record]) -> Made:
        """Give the copies, written down together with the checkpoint.

        Raises: PictureUnfit when none can be made, NotFound when the pictures are gone,
        StorageError.
        """
        if not records:
            raise NotFound(_GONE)
        wishes = [
            (record, read_format(text))
            for record in records
            for text in job.request.formats
        ]
        results = await asyncio.gather(
            *(self._make(record, wanted) for record, wanted in wishes),
            return_exceptions=True,
        )
        copies, failures = _sorted(results)
        if not copies:
            raise PictureUnfit(" ".join(failures))
        notes = {
            "made": [[copy.record_id, copy.format] for copy in copies],
            "failures": list(failures),
        }
        await self.steps.finish(job.id, Step.KEEP, notes, copies=copies)
        # Of a picture that was deleted meanwhile there are none: nothing brings it back.
        copies = (await self.made(records, notes)).copies
        if not copies:
            raise NotFound(_GONE)
        log.info(
            "Made %d of %d sized copies",
            len(copies),
            len(wishes),
            extra={"job": job.id, "action": "resize"},
        )
        return Made(copies=copies, failures=failures)

    async def made(self, records: Sequence[Record], notes: Mapping[str, Any]) -> Made:
        """Give what an earlier run of the step had made and noted."""
        names = {(record, form) for record, form in notes["made"]}
        found = await self.copies.of_records([record.id for record in records])
        return Made(
            copies=tuple(c for c in found if (c.record_id, c.format) in names),
            failures=tuple(notes["failures"]),
        )

    async def _make(self, record: Record, wanted: SizedFormat) -> Copy:
        path = record.stored_path or ""  # of none, nothing is found
        async with self.turns, self.files.on_disk(path) as original:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                into = Path(folder) / "copy"
                sized = await self._drawn(record, original, wanted, into)
                return await self._keep(record, wanted, sized, into)

    async def _drawn(
        self, record: Record, original: Path, wanted: SizedFormat, into: Path
    ) -> Sized:
        def draw() -> Sized:
            source = provenance_of(record) if self.has_metadata else None
            return make_copy(original, wanted, into, source=source)

        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.longest.total_seconds()):
                return await loop.run_in_executor(self.pool, draw)
        except TimeoutError:
            seconds = round(self.longest.total_seconds())
            raise PictureUnfit(
                f"{wanted.name} took more than {seconds} s and was given up. Ask for a "
                "smaller size."
            ) from None

    async def _keep(
        self, record: Record, wanted: SizedFormat, sized: Sized, into: Path
    ) -> Copy:
        async with self.files.receive() as incoming:
            async with opened(lambda: into.open("rb")) as file:
                while piece := await asyncio.to_thread(file.read, _PIECE):
                    await incoming.write(piece)
            # By the record's date, so that making it again gives the same path.
            stored = await incoming.store(
                sized.content_type, created_at=record.created_at
            )
        return Copy(
            record_id=record.id,
            format=str(wanted),
            stored_path=stored.path,
            sha256=stored.sha256,
            size_bytes=stored.size_bytes,
            width=sized.width,
            height=sized.height,
            created_at=self.clock.now(),
        )


def _sorted(
    results: Sequence[Copy | BaseException],
) -> tuple[tuple[Copy, ...], tuple[str, ...]]:
    """Give the copies and the sentences; what is no copy's own failure is raised."""
    copies = tuple(result for result in results if isinstance(result, Copy))
    failures: dict[str, None] = {}
    for result in results:
        if isinstance(result, PictureUnfit):
            failures[result.text] = None
        elif isinstance(result, BaseException):
            raise result
    return copies, tuple(failures)
