"""The checkpoints of a job's steps, each in the transaction of what the step made."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import Any, Protocol

from bot.domain.budget import to_micros
from bot.domain.copy import Copy
from bot.domain.job import JobId, Step
from bot.domain.record import PostedMessage, Record
from bot.errors import NotFound
from bot.ports.jobs import StepLog
from storage.sqlite.copies import write_copies
from storage.sqlite.database import Database
from storage.sqlite.ledger import settle
from storage.sqlite.outbox import add_ready
from storage.sqlite.rows import Parameters, read_messages, read_step
from storage.sqlite.transfers import put_soon
from storage.sqlite.withholding import write_withheld
from storage.sqlite.writing import write_record

_STEPS = "SELECT step, is_done, notes FROM steps WHERE job_id = :job"
_WRITE_STEP = """
    INSERT INTO steps (job_id, step, is_done, notes)
    SELECT id, :step, :is_done, :notes FROM jobs WHERE id = :job
    ON CONFLICT (job_id, step) DO UPDATE
    SET is_done = excluded.is_done, notes = excluded.notes
"""
_SET_CALLS = "UPDATE jobs SET calls = :calls WHERE id = :job"
_RESET = """
    UPDATE jobs SET failures = 0, crashes = 0
    WHERE id = :job AND (failures <> 0 OR crashes <> 0)
"""
_FORGET = "DELETE FROM steps WHERE job_id = :job AND step = :step"
_DELETE_POSTED = """
    DELETE FROM posted
    WHERE channel_id = :channel_id AND message_id = :message_id
    AND (platform, workspace_id)
        = (SELECT platform, place_workspace_id FROM jobs WHERE id = :job)
"""
_POSTED = """
    SELECT channel_id, message_id, record_id, shows_copies FROM posted
    WHERE job_id = :job ORDER BY channel_id, message_id, position
"""
# A record deleted meanwhile is left out.
_ADD_POSTED = """
    INSERT INTO posted (
        platform, workspace_id, channel_id, message_id, position, record_id, job_id,
        shows_copies
    )
    SELECT
        j.platform, j.place_workspace_id, :channel_id, :message_id, :position, g.id,
        j.id, :shows_copies
    FROM jobs AS j, generations AS g WHERE j.id = :job AND g.id = :record_id
"""


class KeptFiles(Protocol):
    """The files that records speak of."""

    def holding(self, paths: Sequence[str]) -> AbstractAsyncContextManager[None]:
        """Keep them from being deleted. Raises: DownloadFailed when one is gone."""


class SqliteJobLog:
    """Implements the port JobLog.

    With *files* no record is written down whose file is not there; with *has_bucket* each
    file is brought to the bucket from then on.
    """

    def __init__(
        self,
        *,
        db: Database,
        files: KeptFiles | None = None,
        has_bucket: bool = False,
    ) -> None:
        self._db = db
        self._files = files
        self._has_bucket = has_bucket

    async def steps(self, job: JobId) -> Mapping[Step, StepLog]:
        """Give all that is written about a job's steps."""

        def read(db: sqlite3.Connection) -> dict[Step, StepLog]:
            steps = map(read_step, db.execute(_STEPS, {"job": job}).fetchall())
            return {step.step: step for step in steps}

        return await self._db.read(read)

    async def note(
        self,
        job: JobId,
        step: Step,
        notes: Mapping[str, Any],
        *,
        calls: int | None = None,
    ) -> None:
        """Mark *step* begun, replacing its notes. Raises: NotFound, StorageError."""
        row = _step_row(job, step, notes, is_done=False)

        def write(db: sqlite3.Connection) -> None:
            _write_step(db, row)
            if calls is not None:
                db.execute(_SET_CALLS, {"job": job, "calls": calls})

        await self._db.write(write)

    async def finish(
        self,
        job: JobId,
        step: Step,
        notes: Mapping[str, Any],
        *,
        records: Sequence[Record] = (),
        posted: Sequence[PostedMessage] = (),
        copies: Sequence[Copy] = (),
    ) -> None:
        """Checkpoint *step* with what it made; what is there already is replaced.

        With the records the callbacks that tell of kept pictures are written down.
        Raises: NotFound, StorageError; DownloadFailed when a record's file was deleted
        meanwhile.
        """
        row = _step_row(job, step, notes, is_done=True)
        paths = [record.stored_path for record in records if record.stored_path]
        paths += [copy.stored_path for copy in copies]

        def write(db: sqlite3.Connection) -> None:
            _write_step(db, row)
            db.execute(_RESET, {"job": job})
            for record in records:
                write_record(db, record)
            write_withheld(db, records)
            write_copies(db, copies)
            if step is Step.KEEP:
                _settle(db, job, records)
            if self._has_bucket:
                put_soon(db, paths)
            if records:
                add_ready(db, job, records)
            for message in posted:
                _write_posted(db, job, message)

        if self._files is None or not paths:
            return await self._db.write(write)
        async with self._files.holding(paths):
            return await self._db.write(write)

    async def posted(self, job: JobId) -> list[PostedMessage]:
        """Give the messages that show what the job has posted, as far as it is known."""

        def read(db: sqlite3.Connection) -> list[PostedMessage]:
            rows = db.execute(_POSTED, {"job": job}).fetchall()
            return read_messages(rows)

        return await self._db.read(read)

    async def reopen(self, job: JobId, step: Step) -> None:
        """Forget *step*, its notes too: it begins anew."""
        row = {"job": job, "step": step.value}
        await self._db.write(lambda db: db.execute(_FORGET, row).rowcount)


def _settle(db: sqlite3.Connection, job: JobId, records: Sequence[Record]) -> None:
    cost = sum((record.cost_usd for record in records), Decimal(0))
    settle(db, job, micros=to_micros(cost), pictures=len(records))


def _step_row(
    job: JobId, step: Step, notes: Mapping[str, Any], *, is_done: bool
) -> Parameters:
    return {
        "job": job,
        "step": step.value,
        "is_done": is_done,
        "notes": json.dumps(dict(notes)),
    }


def _write_step(db: sqlite3.Connection, row: Parameters) -> None:
    if not db.execute(_WRITE_STEP, row).rowcount:
        raise NotFound(f"There is no job {row['job']}.")


def _write_posted(db: sqlite3.Connection, job: JobId, message: PostedMessage) -> None:
    place = {
        "job": job,
        "channel_id": message.channel_id,
        "message_id": message.message_id,
        "shows_copies": message.shows_copies,
    }
    db.execute(_DELETE_POSTED, place)
    db.executemany(
        _ADD_POSTED,
        [
            place | {"position": position, "record_id": record}
            for position, record in enumerate(message.record_ids)
        ],
    )
