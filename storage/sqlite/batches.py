"""Batches, durable, in SQLite; their lines are rows of `jobs`."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.batch import Batch, BatchState, Result, Tally
from bot.domain.budget import Hold
from bot.domain.exchange import read_time, time_text
from bot.domain.job import BatchId, Job, JobId, JobState
from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.record import Record
from storage.sqlite.database import Database
from storage.sqlite.jobs import insert_job
from storage.sqlite.ledger import release, reserve
from storage.sqlite.outbox import add_end
from storage.sqlite.rows import Parameters, read_job, read_record

_ADD = """
    INSERT INTO batches (
        id, name, platform, workspace_id, user_id, place_workspace_id, channel_id,
        thread_id, visibility, created_at, lines, state, delay_s, callback_url,
        return_address, notes
    )
    VALUES (
        :id, :name, :platform, :workspace_id, :user_id, :place_workspace_id, :channel_id,
        :thread_id, :visibility, :created_at, :lines, :state, :delay_s, :callback_url,
        :return_address, :notes
    )
    ON CONFLICT (id) DO NOTHING
"""
_FIND = "SELECT * FROM batches WHERE id = :id"
_MATCH = """
    SELECT * FROM batches
    WHERE id >= :beginning AND id < :end
    AND platform = :platform AND workspace_id = :workspace_id AND user_id = :user_id
    LIMIT 2
"""
_UNFINISHED = """
    SELECT * FROM batches WHERE state <> 'held' AND is_over = 0 ORDER BY seq
"""
_IS_OVER = "UPDATE batches SET is_over = 1 WHERE id = :id"
_HAS_BEGUN = "SELECT 1 FROM batches WHERE id = :id AND state <> 'held'"
_NEVER_BEGAN = """
    UPDATE batches SET is_over = 1
    WHERE id = :id AND NOT EXISTS (
        SELECT 1 FROM jobs WHERE batch_id = :id AND state <> 'held'
    )
"""
_MOVE = """
    UPDATE batches SET state = :state
    WHERE id = :id AND state IN (SELECT value FROM json_each(:states))
"""
_QUEUE_LINES = (
    "UPDATE jobs SET state = 'queued' WHERE batch_id = :id AND state = 'held'"
)
_PLACE_LINES = """
    UPDATE jobs SET
        channel_id = :channel_id, place_workspace_id = :place_workspace_id,
        thread_id = :thread_id, visibility = :visibility
    WHERE batch_id = :id AND state IN ('held', 'queued')
"""
# A line that waits for its next try may be paid for: then it is kept, and not posted.
_NOT_BEGUN = """
    SELECT * FROM jobs WHERE batch_id = :id AND state IN ('held', 'queued')
    AND NOT EXISTS (
        SELECT 1 FROM steps WHERE steps.job_id = jobs.id AND step = 'draw'
        AND (is_done OR json_extract(notes, '$.ticket') IS NOT NULL)
    )
"""
_CANCEL_LINE = "UPDATE jobs SET state = 'cancelled', is_told = 1 WHERE id = :id"
_CANCEL_BEGUN = """
    UPDATE jobs SET is_cancel_requested = 1
    WHERE batch_id = :id AND state IN ('queued', 'running', 'waiting', 'review')
"""
_WRITE_NOTES = "UPDATE batches SET notes = :notes WHERE id = :id"
_COUNT = "SELECT state, count(*) AS jobs FROM jobs WHERE batch_id = :id GROUP BY state"
_SPENT = """
    SELECT count(*) AS pictures, coalesce(sum(g.cost_usd), 0) AS cost_usd
    FROM jobs AS j JOIN generations AS g ON g.job_id = j.id
    WHERE j.batch_id = :id
"""
_WAITING = """
    SELECT * FROM jobs WHERE batch_id = :id AND state = 'queued'
    ORDER BY line LIMIT :limit
"""
_LINES = """
    SELECT * FROM jobs WHERE batch_id = :id AND line > :after ORDER BY line LIMIT :limit
"""
_RECORDS = "SELECT * FROM generations WHERE job_id = :job ORDER BY seq"
_DELETE_FINISHED = """
    DELETE FROM batches WHERE id IN (
        SELECT id FROM batches AS b
        WHERE created_at < :moment AND state IN ('held', 'done', 'cancelled')
        AND NOT EXISTS (SELECT 1 FROM jobs WHERE batch_id = b.id)
        LIMIT :limit
    )
"""


class SqliteBatches:
    """Implements the port Batches."""

    def __init__(self, *, db: Database) -> None:
        self._db = db

    async def submit(self, batch: Batch, jobs: Sequence[Job]) -> bool:
        """Write the batch and its lines down; False when it is there already."""
        row = _row(batch)

        def write(db: sqlite3.Connection) -> bool:
            if not db.execute(_ADD, row).rowcount:
                return False
            for job in jobs:
                insert_job(db, job)
            return True

        return await self._db.write(write)

    async def find(self, batch: BatchId) -> Batch | None:
        """Give a batch by its id."""
        return await self._one(_FIND, {"id": batch})

    async def match(self, beginning: str, person: Person) -> Batch | None:
        """Give the person's one batch whose id begins so; None for none or several."""
        values = {
            "beginning": beginning,
            "end": f"{beginning}\U0010ffff",
            "platform": person.platform.value,
            "workspace_id": person.workspace_id,
            "user_id": person.user_id,
        }

        def read(db: sqlite3.Connection) -> Batch | None:
            rows = db.execute(_MATCH, values).fetchall()
            return _read(rows[0]) if len(rows) == 1 else None

        return await self._db.read(read)

    async def unfinished(self) -> list[Batch]:
        """Give those that have begun and of which more is to be told, oldest first."""

        def read(db: sqlite3.Connection) -> list[Batch]:
            return [_read(row) for row in db.execute(_UNFINISHED).fetchall()]

        return await self._db.read(read)

    async def start(
        self, batch: BatchId, holds: Mapping[JobId, Sequence[Hold]]
    ) -> Batch | None:
        """Let a held batch run, with *holds* set aside for its lines; None otherwise.

        Raises: BudgetExceeded, and then nothing has begun.
        """

        def write(db: sqlite3.Connection) -> Batch | None:
            if not _move(db, batch, BatchState.RUNNING, {BatchState.HELD}):
                return None
            for job, held in holds.items():
                reserve(db, job, held)
            db.execute(_QUEUE_LINES, {"id": batch})
            return _found(db, batch)

        return await self._db.write(write)

    async def move(
        self, batch: BatchId, to: BatchState, *, only_from: Collection[BatchState]
    ) -> Batch | None:
        """Change how a batch stands; None when it stands otherwise by now."""

        def write(db: sqlite3.Connection) -> Batch | None:
            return _found(db, batch) if _move(db, batch, to, only_from) else None

        return await self._db.write(write)

    async def cancel(self, batch: BatchId) -> list[Job] | None:
        """End a batch; give its lines that are under way, None when it was over."""
        going = {BatchState.HELD, BatchState.RUNNING, BatchState.PAUSED}

        def write(db: sqlite3.Connection) -> list[Job] | None:
            begun_before = db.execute(_HAS_BEGUN, {"id": batch}).fetchone() is not None
            if not _move(db, batch, BatchState.CANCELLED, going):
                return None
            db.execute(_NEVER_BEGAN, {"id": batch})
            for job in map(read_job, db.execute(_NOT_BEGUN, {"id": batch}).fetchall()):
                db.execute(_CANCEL_LINE, {"id": job.id})
                release(db, job.id)
                if begun_before:
                    add_end(db, replace(job, state=JobState.CANCELLED))
            db.execute(_CANCEL_BEGUN, {"id": batch})
            begun = db.execute(
                _LINES, {"id": batch, "after": 0, "limit": -1}
            ).fetchall()
            lines = [read_job(row) for row in begun]
            return [job for job in lines if not job.state.is_final]

        return await self._db.write(write)

    async def place_lines(self, batch: BatchId, place: Place) -> None:
        """Let what has not begun be posted in *place*."""
        row = _place_row(place) | {"id": batch}
        await self._db.write(lambda db: db.execute(_PLACE_LINES, row).rowcount)

    async def write_notes(self, batch: BatchId, notes: Mapping[str, Any]) -> None:
        """Replace the notes of the sender; durable when this returns."""
        row = {"id": batch, "notes": json.dumps(dict(notes))}
        await self._db.write(lambda db: db.execute(_WRITE_NOTES, row).rowcount)

    async def finish(self, batch: BatchId) -> None:
        """Note that all is told of a batch."""
        await self._db.write(lambda db: db.execute(_IS_OVER, {"id": batch}).rowcount)

    async def tally(self, batch: BatchId) -> Tally:
        """Count how its lines stand, and the money."""

        def read(db: sqlite3.Connection) -> Tally:
            counted = db.execute(_COUNT, {"id": batch}).fetchall()
            spent = db.execute(_SPENT, {"id": batch}).fetchone()
            return _tally(
                {JobState(row["state"]): row["jobs"] for row in counted}, spent
            )

        return await self._db.read(read)

    async def waiting(self, batch: BatchId, *, limit: int) -> list[Job]:
        """Give the next lines to be drawn."""
        values = {"id": batch, "limit": limit}

        def read(db: sqlite3.Connection) -> list[Job]:
            return [read_job(row) for row in db.execute(_WAITING, values).fetchall()]

        return await self._db.read(read)

    async def results(
        self, batch: BatchId, *, after_line: int = 0, limit: int = 200
    ) -> list[Result]:
        """Give what became of the lines after that one, in their order."""
        values = {"id": batch, "after": after_line, "limit": limit}

        def read(db: sqlite3.Connection) -> list[Result]:
            jobs = [read_job(row) for row in db.execute(_LINES, values).fetchall()]
            return [Result(job=job, records=_records(db, job.id)) for job in jobs]

        return await self._db.read(read)

    async def delete_finished(self, before: datetime, *, limit: int = 500) -> int:
        """Delete batches that are over and whose lines are gone; count them."""
        values = {"moment": time_text(before), "limit": limit}
        return await self._db.write(
            lambda db: db.execute(_DELETE_FINISHED, values).rowcount
        )

    async def _one(self, sql: str, values: Parameters) -> Batch | None:
        def read(db: sqlite3.Connection) -> Batch | None:
            row = db.execute(sql, values).fetchone()
            return None if row is None else _read(row)

        return await self._db.read(read)


def _move(
    db: sqlite3.Connection,
    batch: BatchId,
    to: BatchState,
    only_from: Collection[BatchState],
) -> bool:
    states = json.dumps([state.value for state in only_from])
    row = {"id": batch, "state": to.value, "states": states}
    return db.execute(_MOVE, row).rowcount > 0


def _found(db: sqlite3.Connection, batch: BatchId) -> Batch:
    return _read(db.execute(_FIND, {"id": batch}).fetchone())


def _records(db: sqlite3.Connection, job: JobId) -> tuple[Record, ...]:
    rows = db.execute(_RECORDS, {"job": job}).fetchall()
    return tuple(read_record(row) for row in rows)


def _tally(counts: Mapping[JobState, int], spent: sqlite3.Row) -> Tally:
    begun = (JobState.RUNNING, JobState.WAITING, JobState.REVIEW)
    ended = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
    return Tally(
        done=counts.get(JobState.DONE, 0),
        failed=counts.get(JobState.FAILED, 0),
        cancelled=counts.get(JobState.CANCELLED, 0),
        running=sum(counts.get(state, 0) for state in begun),
        left=sum(n for state, n in counts.items() if state not in {*begun, *ended}),
        pictures=spent["pictures"],
        cost_usd=Decimal(str(round(spent["cost_usd"], 6))),
    )


def _place_row(place: Place) -> Parameters:
    return {
        "place_workspace_id": place.workspace_id,
        "channel_id": place.channel_id,
        "thread_id": place.thread_id,
        "visibility": place.visibility.value,
    }


def _row(batch: Batch) -> Parameters:
    return _place_row(batch.place) | {
        "id": batch.id,
        "name": batch.name,
        "platform": batch.person.platform.value,
        "workspace_id": batch.person.workspace_id,
        "user_id": batch.person.user_id,
        "created_at": time_text(batch.created_at),
        "lines": batch.lines,
        "state": batch.state.value,
        "delay_s": batch.delay.total_seconds() if batch.delay else None,
        "callback_url": batch.callback_url,
        "return_address": json.dumps(dict(batch.return_address)),
        "notes": json.dumps(dict(batch.notes)),
    }


def _read(row: sqlite3.Row) -> Batch:
    platform = Platform(row["platform"])
    return Batch(
        id=BatchId(row["id"]),
        name=row["name"],
        person=Person(
            platform=platform, workspace_id=row["workspace_id"], user_id=row["user_id"]
        ),
        place=Place(
            platform=platform,
            workspace_id=row["place_workspace_id"],
            channel_id=row["channel_id"],
            thread_id=row["thread_id"],
            visibility=Visibility(row["visibility"]),
        ),
        created_at=read_time(row["created_at"]),
        lines=row["lines"],
        state=BatchState(row["state"]),
        delay=None if row["delay_s"] is None else timedelta(seconds=row["delay_s"]),
        callback_url=row["callback_url"],
        return_address=json.loads(row["return_address"]),
        notes=json.loads(row["notes"]),
    )
