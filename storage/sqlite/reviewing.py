"""Pictures in review, in SQLite.

The file of one hangs on its record as a copy that nobody is shown, while the record itself
has none and only its owner finds it: no other part of the program can publish what nobody
has approved, and all upkeep of files knows it. A verdict moves it in one transaction.
"""

import sqlite3
from dataclasses import replace

from bot.domain.audit import AuditEntry
from bot.domain.exchange import read_time, time_text
from bot.domain.job import Job, JobId
from bot.domain.record import Record
from bot.domain.review import CANCELLED, IN_REVIEW, REJECTED, Verdict
from storage.sqlite.audit import add_entry
from storage.sqlite.database import Database
from storage.sqlite.outbox import add_ready
from storage.sqlite.rows import Parameters, read_job, read_record
from storage.sqlite.withholding import write_withheld
from storage.sqlite.writing import write_record

_FIND = "SELECT * FROM reviews WHERE job_id = :job"
_JOB = """
    SELECT * FROM jobs
    WHERE id = :job AND reviewed_in IS NOT NULL AND is_cancel_requested = 0
    AND state IN ('running', 'waiting', 'queued', 'review')
    AND EXISTS (SELECT 1 FROM steps WHERE job_id = :job AND step = 'review')
"""
_DECIDE = """
    INSERT INTO reviews (job_id, decided_by, decided_at, is_approved)
    VALUES (:job, :decided_by, :decided_at, :is_approved)
    ON CONFLICT DO NOTHING
"""
_GO_ON = """
    UPDATE jobs SET state = 'waiting', not_before = NULL
    WHERE id = :job AND state = 'review'
"""
# Each of the job's pictures with the file that hangs on it.
_HELD = """
    SELECT
        g.*, c.stored_path AS held_path, c.sha256 AS held_sha256, c.size_bytes AS held_bytes
    FROM generations AS g
    JOIN copies AS c ON c.record_id = g.id AND c.format = :in_review
    WHERE g.job_id = :job ORDER BY g.seq
"""
_WITHHOLD = """
    UPDATE generations SET withheld = :withheld
    WHERE job_id = :job AND id IN (SELECT record_id FROM copies WHERE format = :in_review)
"""
_RELEASE = """
    DELETE FROM copies
    WHERE format = :in_review
    AND record_id IN (SELECT id FROM generations WHERE job_id = :job)
"""
_COPIES = """
    SELECT stored_path FROM copies
    WHERE record_id IN (SELECT id FROM generations WHERE job_id = :job)
"""
_ERASE = """
    DELETE FROM copies
    WHERE record_id IN (SELECT id FROM generations WHERE job_id = :job)
"""


class SqliteReviews:
    """Implements the port Reviews."""

    def __init__(self, *, db: Database) -> None:
        self._db = db

    async def find(self, job: JobId) -> Verdict | None:
        """Give what was decided about a job."""

        def read(db: sqlite3.Connection) -> Verdict | None:
            return _found(db, job)

        return await self._db.read(read)

    async def held(self, job: JobId) -> list[Record]:
        """Give the job's records in review, each as if its file were its own."""

        def read(db: sqlite3.Connection) -> list[Record]:
            return _held(db, job)

        return await self._db.read(read)

    async def decide(
        self, job: JobId, verdict: Verdict, entry: AuditEntry
    ) -> Verdict | None:
        """Write *verdict* down with its *entry* unless there is one; give what holds.

        None when there is nothing to decide: the job has ended, or is being cancelled.
        Approved pictures get their files and are seen where they were asked for.
        """
        row = _values(job) | {
            "decided_by": verdict.user_id,
            "decided_at": time_text(verdict.at),
            "is_approved": verdict.is_approved,
            "withheld": REJECTED,
        }

        def write(db: sqlite3.Connection) -> Verdict | None:
            if (before := _found(db, job)) is not None:
                return before
            found = db.execute(_JOB, row).fetchone()
            if found is None:
                return None
            db.execute(_DECIDE, row)
            if verdict.is_approved:
                _publish(db, read_job(found))
            else:
                db.execute(_WITHHOLD, row)
            db.execute(_GO_ON, row)
            add_entry(db, entry)
            return verdict

        return await self._db.write(write)

    async def files(self, job: JobId) -> list[str]:
        """Give the files of the job's pictures in review, and of their copies."""

        def read(db: sqlite3.Connection) -> list[str]:
            return [row["stored_path"] for row in db.execute(_COPIES, _values(job))]

        return await self._db.read(read)

    async def erase(self, job: JobId) -> None:
        """Forget the files of the job's pictures; deleting them is the caller's."""
        await self._db.write(lambda db: db.execute(_ERASE, _values(job)).rowcount)

    async def close(self, job: JobId) -> None:
        """Note that the job's pictures never will be approved; their files stay."""
        row = _values(job) | {"withheld": CANCELLED}
        await self._db.write(lambda db: db.execute(_WITHHOLD, row).rowcount)


def _publish(db: sqlite3.Connection, job: Job) -> None:
    records = [
        replace(
            one,
            withheld=None,
            place=replace(one.place, visibility=job.place.visibility),
        )
        for one in _held(db, job.id)
    ]
    for record in records:
        write_record(db, record)
    write_withheld(db, records)
    db.execute(_RELEASE, _values(job.id))
    add_ready(db, job.id, records)


def _held(db: sqlite3.Connection, job: JobId) -> list[Record]:
    return [
        replace(
            read_record(row),
            stored_path=row["held_path"],
            sha256=row["held_sha256"],
            size_bytes=row["held_bytes"],
        )
        for row in db.execute(_HELD, _values(job)).fetchall()
    ]


def _found(db: sqlite3.Connection, job: JobId) -> Verdict | None:
    row = db.execute(_FIND, {"job": job}).fetchone()
    if row is None:
        return None
    return Verdict(
        user_id=row["decided_by"],
        at=read_time(row["decided_at"]),
        is_approved=bool(row["is_approved"]),
    )


def _values(job: JobId) -> Parameters:
    return {"job": job, "in_review": IN_REVIEW}
