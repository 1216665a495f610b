"""Jobs, durable, in SQLite; whose turn it is the worker knows."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.budget import Hold
from bot.domain.exchange import time_text
from bot.domain.job import Job, JobId, JobState
from bot.domain.people import Person, Place
from bot.errors import NotFound
from bot.ports.jobs import Submitted
from storage.sqlite.database import Database
from storage.sqlite.ledger import close, release, reserve
from storage.sqlite.outbox import add_end
from storage.sqlite.rows import Parameters, job_changes, job_row, read_job

_MATCHES = 10
_LAST = "\U0010ffff"  # sorts behind every character of an id

# One statement decides and writes. Without a window no press is ever the same.
_SUBMIT = """
    INSERT INTO jobs (
        id, platform, workspace_id, user_id, place_workspace_id, channel_id, thread_id,
        visibility, request, lineage, return_address, press_key, created_at, state,
        not_before, failures, calls, crashes, is_cancel_requested, error, error_kind,
        callback_url, batch_id, line, shows, resizes, reviewed_in, keeps_unsafe
    )
    SELECT
        :id, :platform, :workspace_id, :user_id, :place_workspace_id, :channel_id,
        :thread_id, :visibility, :request, :lineage, :return_address, :press_key,
        :created_at, :state, :not_before, :failures, :calls, :crashes,
        :is_cancel_requested, :error, :error_kind, :callback_url,
        :batch_id, :line, :shows, :resizes, :reviewed_in, :keeps_unsafe
    WHERE NOT EXISTS (
        SELECT 1 FROM jobs
        WHERE press_key = :press_key AND created_at BETWEEN :first_from AND :first_to
    )
    ON CONFLICT (id) DO NOTHING
"""
_SUBMITTED_BEFORE = """
    SELECT * FROM jobs
    WHERE id = :id
    OR (press_key = :press_key AND created_at BETWEEN :first_from AND :first_to)
    ORDER BY id = :id DESC, seq
    LIMIT 1
"""
_FIND = "SELECT * FROM jobs WHERE id = :id"
_MATCH = """
    SELECT * FROM jobs
    WHERE id >= :beginning AND id < :end
    AND platform = :platform AND workspace_id = :workspace_id AND user_id = :user_id
    ORDER BY seq DESC LIMIT :limit
"""
_NEWEST_UNFINISHED = """
    SELECT * FROM jobs
    WHERE state IN ('queued', 'running', 'waiting', 'review') AND is_cancel_requested = 0
    AND batch_id IS NULL
    AND platform = :platform AND workspace_id = :workspace_id AND user_id = :user_id
    ORDER BY seq DESC LIMIT 1
"""
_JOBS = "SELECT * FROM jobs ORDER BY seq DESC LIMIT :limit"
_JOBS_IN = "SELECT * FROM jobs WHERE state = :state ORDER BY seq DESC LIMIT :limit"
_UNFINISHED = """
    SELECT * FROM jobs WHERE state IN ('queued', 'running', 'waiting', 'review') ORDER BY seq
"""
_UNTOLD = """
    SELECT * FROM jobs
    WHERE is_told = 0 AND state IN ('done', 'failed', 'cancelled') AND batch_id IS NULL
    ORDER BY seq
"""
_LAST_POSITION = "SELECT coalesce(max(seq), 0) AS position FROM jobs"
_SINCE = """
    SELECT * FROM jobs
    WHERE state IN ('queued', 'running', 'waiting', 'review')
    AND seq > :position AND seq <= :last
    ORDER BY seq
"""
# A moderator may have decided while the job was on its way to them.
_SAVE = """
    UPDATE jobs SET
        state = CASE
            WHEN :state = 'review' AND EXISTS (SELECT 1 FROM reviews WHERE job_id = :id)
            THEN 'waiting' ELSE :state END,
        not_before = :not_before, failures = :failures, calls = :calls,
        crashes = :crashes, error = :error, error_kind = :error_kind,
        is_cancel_requested = max(is_cancel_requested, :is_cancel_requested)
    WHERE id = :id AND state NOT IN ('done', 'failed', 'cancelled')
"""
_ANSWER = """
    UPDATE jobs SET
        state = 'queued', request = :request, shows = :shows,
        return_address = :return_address,
        is_cancel_requested = :is_cancel_requested
    WHERE id = :id AND state = 'held' AND batch_id IS NULL
"""
_HELD_BEFORE = """
    SELECT * FROM jobs
    WHERE state = 'held' AND batch_id IS NULL AND created_at < :moment
"""
_DROP = "UPDATE jobs SET state = 'cancelled', is_told = 1 WHERE id = :id"
_STANDING = "SELECT state, is_cancel_requested FROM jobs WHERE id = :id"
_REQUEST_CANCEL = """
    UPDATE jobs SET is_cancel_requested = 1
    WHERE id = :id AND state IN ('queued', 'running', 'waiting', 'review')
"""
_CANCELLING = """
    SELECT * FROM jobs
    WHERE state IN ('queued', 'running', 'waiting', 'review') AND is_cancel_requested = 1
    ORDER BY seq
"""
_TOLD = "UPDATE jobs SET is_told = 1 WHERE id = :id"
_WAITING_IN = """
    SELECT * FROM jobs
    WHERE state = 'waiting' AND platform = :platform
    AND place_workspace_id = :place_workspace_id
    AND (channel_id = :channel_id OR reviewed_in = :channel_id)
    ORDER BY seq
"""
_WAKE = """
    UPDATE jobs SET state = 'queued', not_before = NULL
    WHERE state = 'waiting' AND platform = :platform
    AND place_workspace_id = :place_workspace_id
    AND (channel_id = :channel_id OR reviewed_in = :channel_id)
"""
_COUNTS = """
    SELECT state, count(*) AS jobs FROM jobs
    WHERE state IN ('queued', 'running', 'waiting', 'review') GROUP BY state
"""
_FINISHED = """
    SELECT seq FROM jobs
    WHERE state IN ('done', 'failed', 'cancelled') AND created_at < :moment
    ORDER BY seq LIMIT :limit
"""
_DELETE_FINISHED = """
    DELETE FROM jobs
    WHERE seq IN (SELECT value FROM json_each(:seqs))
    AND state IN ('done', 'failed', 'cancelled')
"""


class SqliteJobQueue:
    """Implements the port JobQueue."""

    def __init__(self, *, db: Database) -> None:
        self._db = db

    async def submit(
        self,
        job: Job,
        *,
        once_within: timedelta | None = None,
        holds: Sequence[Hold] = (),
    ) -> Submitted:
        """Write *job* down unless it, or a press it repeats, is there already.

        With it *holds* are set aside. Raises: BudgetExceeded, and then nothing is written.
        """
        row = job_row(job) | _window(job, once_within)

        def write(db: sqlite3.Connection) -> Submitted:
            if db.execute(_SUBMIT, row).rowcount:
                reserve(db, job.id, holds)
                return Submitted(job=job, is_new=True)
            before = db.execute(_SUBMITTED_BEFORE, row).fetchone()
            return Submitted(job=read_job(before), is_new=False)

        return await self._db.write(write)

    async def find(self, job: JobId) -> Job | None:
        """Give a job by its id."""
        found = await self._read(_FIND, {"id": job})
        return found[0] if found else None

    async def match(self, beginning: str, person: Person) -> list[Job]:
        """Give the person's jobs whose id begins so, newest first."""
        limits = {"beginning": beginning, "end": beginning + _LAST, "limit": _MATCHES}
        return await self._read(_MATCH, limits | _person(person))

    async def newest_unfinished(self, person: Person) -> Job | None:
        """Give the person's newest job that is not final and not being cancelled."""
        found = await self._read(_NEWEST_UNFINISHED, _person(person))
        return found[0] if found else None

    async def jobs(
        self, *, state: JobState | None = None, limit: int = 50
    ) -> list[Job]:
        """Give jobs, newest first."""
        if state is None:
            return await self._read(_JOBS, {"limit": limit})
        return await self._read(_JOBS_IN, {"state": state.value, "limit": limit})

    async def unfinished(self) -> list[Job]:
        """Give every job that is not final, oldest first."""
        return await self._read(_UNFINISHED, {})

    async def untold(self) -> list[Job]:
        """Give final jobs whose person was not told yet, oldest first."""
        return await self._read(_UNTOLD, {})

    async def submitted_since(self, position: int) -> tuple[list[Job], int]:
        """Give jobs written down after *position*, and the new position.

        Those that have ended meanwhile are left out: there is nothing more to do.
        """

        def read(db: sqlite3.Connection) -> tuple[list[Job], int]:
            (last,) = db.execute(_LAST_POSITION).fetchone()
            last = max(last, position)  # jobs may have been deleted
            rows = db.execute(_SINCE, {"position": position, "last": last}).fetchall()
            return [read_job(row) for row in rows], last

        return await self._db.read(read)

    async def save(self, job: Job) -> Job:
        """Write the job's state, times and counters; give it as it now stands.

        One that has ended stays as it is. Raises: NotFound, StorageError.
        With its end the callback that tells of it is written down, and what was set aside
        for it and not spent is free again; where it was drawn and no picture recorded,
        all of it is spent.
        """
        row = job_changes(job)

        def write(db: sqlite3.Connection) -> Job:
            if not db.execute(_SAVE, row).rowcount:
                return _as_it_ended(db, job.id)
            add_end(db, job)
            if job.state.is_final:
                close(db, job.id)
            state, is_requested = db.execute(_STANDING, row).fetchone()
            return replace(
                job, state=JobState(state), is_cancel_requested=bool(is_requested)
            )

        return await self._db.write(write)

    async def request_cancel(self, job: JobId) -> Job | None:
        """Mark a job that is not final; give it as it stands."""

        def write(db: sqlite3.Connection) -> Job | None:
            if not db.execute(_REQUEST_CANCEL, {"id": job}).rowcount:
                return None
            return read_job(db.execute(_FIND, {"id": job}).fetchone())

        return await self._db.write(write)

    async def answer(self, job: Job, *, holds: Sequence[Hold] = ()) -> Job | None:
        """Let a held job run as *job* says; None when it is not held (any more).

        With it *holds* are set aside. Raises: BudgetExceeded, and then it stays held.
        """
        row = job_row(job)

        def write(db: sqlite3.Connection) -> Job | None:
            if not db.execute(_ANSWER, row).rowcount:
                return None
            reserve(db, job.id, holds)
            return read_job(db.execute(_FIND, row).fetchone())

        return await self._db.write(write)

    async def drop_held(self, before: datetime) -> int:
        """Cancel jobs held since before then, silently; those of batches stay."""

        def write(db: sqlite3.Connection) -> int:
            rows = db.execute(_HELD_BEFORE, {"moment": time_text(before)}).fetchall()
            for job in map(read_job, rows):
                db.execute(_DROP, {"id": job.id})
                add_end(db, replace(job, state=JobState.CANCELLED))
                release(db, job.id)
            return len(rows)

        return await self._db.write(write)

    async def cancelling(self) -> list[Job]:
        """Give the jobs that are not final and marked as cancelled, oldest first."""
        return await self._read(_CANCELLING, {})

    async def told(self, job: JobId) -> None:
        """Note that the job's person knows how it ended."""
        await self._db.write(lambda db: db.execute(_TOLD, {"id": job}).rowcount)

    async def wake(self, place: Place) -> list[Job]:
        """Make the jobs that wait for this channel QUEUED, in whichever thread; give them."""
        channel = {
            "platform": place.platform.value,
            "place_workspace_id": place.workspace_id,
            "channel_id": place.channel_id,
        }

        def write(db: sqlite3.Connection) -> list[Job]:
            waiting = db.execute(_WAITING_IN, channel).fetchall()
            db.execute(_WAKE, channel)
            return [
                replace(read_job(row), state=JobState.QUEUED, not_before=None)
                for row in waiting
            ]

        return await self._db.write(write)

    async def counts(self) -> Mapping[JobState, int]:
        """Count the jobs that are not final, by state."""

        def read(db: sqlite3.Connection) -> dict[JobState, int]:
            return {JobState(row["state"]): row["jobs"] for row in db.execute(_COUNTS)}

        return await self._db.read(read)

    async def delete_finished(self, before: datetime, *, limit: int = 500) -> int:
        """Delete final jobs created before *before*, at most *limit*; count them.

        Looked for by a reader: who writes does not wait while all are walked through.
        """
        values = {"moment": time_text(before), "limit": limit}

        def read(db: sqlite3.Connection) -> list[int]:
            return [row["seq"] for row in db.execute(_FINISHED, values)]

        seqs = {"seqs": json.dumps(await self._db.read(read))}
        return await self._db.write(
            lambda db: db.execute(_DELETE_FINISHED, seqs).rowcount
        )

    async def _read(self, sql: str, values: Parameters) -> list[Job]:
        def read(db: sqlite3.Connection) -> list[Job]:
            return [read_job(row) for row in db.execute(sql, values).fetchall()]

        return await self._db.read(read)


def _as_it_ended(db: sqlite3.Connection, job: JobId) -> Job:
    row = db.execute(_FIND, {"id": job}).fetchone()
    if row is None:
        raise NotFound(f"There is no job {job}.")
    return read_job(row)


def insert_job(db: sqlite3.Connection, job: Job) -> None:
    """Write *job* down inside a transaction, unless it is there already."""
    db.execute(_SUBMIT, job_row(job) | _window(job, None))


def _window(job: Job, once_within: timedelta | None) -> Parameters:
    """Give the time in which an earlier press counts as this one; both ends included.

    It reaches both ways: of two presses at once the later may be written first.
    """
    if once_within is None:
        return {"first_from": None, "first_to": None}
    return {
        "first_from": time_text(job.created_at - once_within),
        "first_to": time_text(job.created_at + once_within),
    }


def _person(person: Person) -> Parameters:
    return {
        "platform": person.platform.value,
        "workspace_id": person.workspace_id,
        "user_id": person.user_id,
    }
