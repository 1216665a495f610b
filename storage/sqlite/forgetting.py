"""One person's rows, taken away or made nobody's, a small transaction at a time.

What was done so far stands beside the rows, in the transaction that did it: cut off at any
point, a forgetting goes on where it was. A record of an unfinished job is left for later.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import asdict

from bot.domain.forgetting import Belongings, Forgotten
from bot.domain.people import Person, Platform
from bot.domain.record import RecordId
from storage.sqlite.anonymising import MARKER, anonymise_job, anonymise_record
from storage.sqlite.copies import delete_copies
from storage.sqlite.database import Database
from storage.sqlite.ledger import release
from storage.sqlite.rows import Parameters
from storage.sqlite.taking_back import delete_and_take_back
from storage.sqlite.writing import delete_records, find_unused

_PERSONS = """
    SELECT platform, workspace_id FROM generations WHERE user_id = :user_id
    UNION SELECT platform, workspace_id FROM jobs WHERE user_id = :user_id
    UNION SELECT platform, workspace_id FROM batches WHERE user_id = :user_id
    UNION SELECT platform, workspace_id FROM audit WHERE user_id = :user_id
    UNION SELECT platform, workspace_id FROM forgettings WHERE user_id = :user_id
    ORDER BY platform, workspace_id
"""
_COUNT = """
    WITH
    own AS (
        SELECT id, stored_path, size_bytes FROM generations
        WHERE user_id = :user_id
        AND platform = :platform AND workspace_id = :workspace_id
    ),
    paths AS (
        SELECT stored_path, max(size_bytes) AS size_bytes FROM (
            SELECT stored_path, size_bytes FROM own WHERE stored_path IS NOT NULL
            UNION ALL
            SELECT copies.stored_path, copies.size_bytes
            FROM own JOIN copies ON copies.record_id = own.id
        ) GROUP BY stored_path
    ),
    asked AS (
        SELECT state FROM jobs
        WHERE user_id = :user_id
        AND platform = :platform AND workspace_id = :workspace_id
    )
    SELECT
        (SELECT count(*) FROM own) AS records,
        (SELECT count(*) FROM paths) AS files,
        (SELECT coalesce(sum(size_bytes), 0) FROM paths) AS size_bytes,
        (SELECT count(*) FROM asked) AS jobs,
        (
            SELECT count(*) FROM asked
            WHERE state NOT IN ('done', 'failed', 'cancelled')
        ) AS unfinished,
        (
            SELECT count(*) FROM (
                SELECT DISTINCT p.platform, p.workspace_id, p.channel_id, p.message_id
                FROM own JOIN posted AS p ON p.record_id = own.id
            )
        ) AS messages,
        (
            SELECT count(*) FROM paths WHERE EXISTS (
                SELECT 1 FROM generations AS g
                WHERE g.stored_path = paths.stored_path
                AND (g.user_id, g.platform, g.workspace_id)
                    <> (:user_id, :platform, :workspace_id)
            )
        ) AS shared,
        (
            SELECT count(*) FROM generations AS g
            WHERE g.parent_id IN (SELECT id FROM own)
            AND (g.user_id, g.platform, g.workspace_id)
                <> (:user_id, :platform, :workspace_id)
        ) AS descendants
"""
_BEGIN = """
    INSERT INTO forgettings (platform, workspace_id, user_id, pseudonym, found)
    VALUES (:platform, :workspace_id, :user_id, :pseudonym, :found)
    ON CONFLICT DO NOTHING
"""
_BEGUN = """
    SELECT * FROM forgettings
    WHERE platform = :platform AND workspace_id = :workspace_id AND user_id = :user_id
"""
_ADD = """
    UPDATE forgettings SET
        pending = coalesce(:pending, pending), records = records + :records,
        files = files + :files, size_bytes = size_bytes + :size_bytes,
        jobs = jobs + :jobs
    WHERE platform = :platform AND workspace_id = :workspace_id AND user_id = :user_id
"""
_END = """
    DELETE FROM forgettings
    WHERE platform = :platform AND workspace_id = :workspace_id AND user_id = :user_id
"""
_FORGET_ONCE = "DELETE FROM once WHERE instr(key, :part) > 0"
# Their own accounts end with who they are; those of workspaces and channels stay.
_FORGET_ACCOUNTS = """
    DELETE FROM ledger WHERE substr(budget, -length(:owner)) = :owner
"""
_FORGET_HOLDS = """
    DELETE FROM ledger_holds WHERE substr(budget, -length(:owner)) = :owner
"""
_FORGET_AUDIT = """
    DELETE FROM audit
    WHERE user_id = :user_id AND platform = :platform AND workspace_id = :workspace_id
"""
# What others asked for stays as it was decided; by whom is nobody's any more.
_FORGET_PRESSES = "UPDATE alerts SET tried_by = NULL WHERE tried_by = :user_id"
_FORGET_VERDICTS = """
    UPDATE reviews SET decided_by = ''
    WHERE decided_by = :user_id AND job_id IN (
        SELECT id FROM jobs WHERE platform = :platform AND workspace_id = :workspace_id
    )
"""
# What Ideogram said may quote the prompt that it refused.
_FORGET_ERRORS = """
    UPDATE alerts SET error = '' WHERE id IN (
        SELECT f.alert_id FROM alert_failures AS f JOIN jobs ON jobs.id = f.job_id
        WHERE user_id = :user_id AND platform = :platform AND workspace_id = :workspace_id
    )
"""
# A batch goes once its last line has gone.
_DELETE_BATCHES = """
    DELETE FROM batches
    WHERE user_id = :user_id AND platform = :platform AND workspace_id = :workspace_id
    AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.batch_id = batches.id)
"""
_CLEAR_BATCHES = """
    UPDATE batches SET
        user_id = :pseudonym, name = :marker, callback_url = NULL, return_address = '{}',
        notes = '{}', thread_id = iif(visibility = 'owner', NULL, thread_id),
        channel_id = iif(visibility = 'owner', :pseudonym, channel_id)
    WHERE user_id = :user_id AND platform = :platform AND workspace_id = :workspace_id
    AND NOT EXISTS (
        SELECT 1 FROM jobs WHERE jobs.batch_id = batches.id
        AND state NOT IN ('done', 'failed', 'cancelled')
    )
"""
_RECORDS = """
    SELECT seq, id FROM generations
    WHERE user_id = :user_id AND platform = :platform AND workspace_id = :workspace_id
    AND NOT EXISTS (
        SELECT 1 FROM jobs WHERE jobs.id = generations.job_id
        AND state NOT IN ('done', 'failed', 'cancelled')
    )
    ORDER BY seq LIMIT :limit
"""
_JOBS = """
    SELECT seq FROM jobs
    WHERE user_id = :user_id AND platform = :platform AND workspace_id = :workspace_id
    AND state IN ('done', 'failed', 'cancelled')
    ORDER BY seq LIMIT :limit
"""
_DELETE_JOB = "DELETE FROM jobs WHERE seq = :seq"
# One that waits for its person's word is worked by nobody: it ends at once.
_CANCEL_HELD = """
    UPDATE jobs SET state = 'cancelled', is_told = 1
    WHERE user_id = :user_id AND platform = :platform AND workspace_id = :workspace_id
    AND state = 'held'
"""
# Lines of a batch that is paused, or not their turn: nobody works them, either.
_UNBEGUN_LINES = """
    SELECT id FROM jobs
    WHERE user_id = :user_id AND platform = :platform AND workspace_id = :workspace_id
    AND state = 'queued' AND batch_id IS NOT NULL AND calls = 0
"""
_CANCEL_LINE = "UPDATE jobs SET state = 'cancelled', is_told = 1 WHERE id = :id"
_CANCEL = """
    UPDATE jobs SET is_cancel_requested = 1
    WHERE user_id = :user_id AND platform = :platform AND workspace_id = :workspace_id
    AND state NOT IN ('done', 'failed', 'cancelled')
"""
_COUNT_UNFINISHED = """
    SELECT count(*) FROM jobs
    WHERE user_id = :user_id AND platform = :platform AND workspace_id = :workspace_id
    AND state NOT IN ('done', 'failed', 'cancelled')
"""


class SqliteForgetting:
    """Implements ForgettingStore (storage/forgetting.py).

    With *takes_back* the messages that show deleted pictures are to be deleted, too.
    """

    def __init__(self, *, db: Database, takes_back: bool = False) -> None:
        self._db = db
        self._takes_back = takes_back

    @property
    def takes_back(self) -> bool:
        """Say whether the messages that show deleted pictures will be deleted, too."""
        return self._takes_back

    async def persons(self, user_id: str) -> list[Person]:
        """Give everyone of that id of whom there is something."""

        def read(db: sqlite3.Connection) -> list[Person]:
            rows = db.execute(_PERSONS, {"user_id": user_id}).fetchall()
            return [
                Person(
                    platform=Platform(row["platform"]),
                    workspace_id=row["workspace_id"],
                    user_id=user_id,
                )
                for row in rows
            ]

        return await self._db.read(read)

    async def belongings(self, person: Person) -> Belongings:
        """Count what there is of the person; of one half forgotten: when that began."""

        def read(db: sqlite3.Connection) -> Belongings:
            begun = db.execute(_BEGUN, _row(person)).fetchone()
            if begun is not None:
                return Belongings(**json.loads(begun["found"]))
            return Belongings(**dict(db.execute(_COUNT, _row(person)).fetchone()))

        return await self._db.read(read)

    async def begin(
        self, person: Person, *, pseudonym: str, found: Belongings
    ) -> Forgotten:
        """Write down that it begins, or give how far it had come."""
        row = _row(person) | {
            "pseudonym": pseudonym,
            "found": json.dumps(asdict(found)),
        }

        def write(db: sqlite3.Connection) -> Forgotten:
            db.execute(_BEGIN, row)
            return _progress(db, person)

        return await self._db.write(write)

    async def progress(self, person: Person) -> Forgotten:
        """Give how far it has come."""
        return await self._db.read(lambda db: _progress(db, person))

    async def pending(self, person: Person) -> list[str]:
        """Give the files whose records are gone and that may be there still."""

        def read(db: sqlite3.Connection) -> list[str]:
            paths: list[str] = json.loads(_begun(db, person)["pending"])
            return paths

        return await self._db.read(read)

    async def settle(self, person: Person, *, files: int, size_bytes: int) -> None:
        """Note that the pending files are gone."""
        await self._db.write(
            lambda db: _add(
                db, person, pending="[]", files=files, size_bytes=size_bytes
            )
        )

    async def delete_some(self, person: Person, *, limit: int) -> int:
        """Delete records; their files are pending then. Give how many."""

        def write(db: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> None:
            ids = [RecordId(row["id"]) for row in rows]
            delete = delete_and_take_back if self._takes_back else delete_records
            unused = delete(db, ids, unless_pinned=False)
            _add(db, person, pending=json.dumps(unused), records=len(rows))

        return await self._some(_RECORDS, person, limit, write)

    async def anonymise_some(self, person: Person, *, limit: int) -> int:
        """Make records nobody's; give how many."""

        def write(db: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> None:
            pseudonym = _begun(db, person)["pseudonym"]
            # A copy may say its prompt (COPY_METADATA), and can be made again.
            copies = [path for row in rows for path in delete_copies(db, row["seq"])]
            for row in rows:
                anonymise_record(db, row["seq"], pseudonym)
            unused = find_unused(db, copies)
            _add(db, person, pending=json.dumps(unused), records=len(rows))

        return await self._some(_RECORDS, person, limit, write)

    async def delete_some_jobs(self, person: Person, *, limit: int) -> int:
        """Delete jobs that are over, with their steps; give how many."""

        def write(db: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> None:
            db.executemany(_DELETE_JOB, [{"seq": row["seq"]} for row in rows])
            _add(db, person, jobs=len(rows))

        return await self._some(_JOBS, person, limit, write)

    async def anonymise_some_jobs(self, person: Person, *, limit: int) -> int:
        """Make jobs that are over nobody's; give how many."""

        def write(db: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> None:
            pseudonym = _begun(db, person)["pseudonym"]
            for row in rows:
                anonymise_job(db, row["seq"], pseudonym)
            _add(db, person, jobs=len(rows))

        return await self._some(_JOBS, person, limit, write)

    async def cancel_jobs(self, person: Person) -> int:
        """Mark the person's unfinished jobs as cancelled; count them.

        What alerts tell of their failures is forgotten while the jobs are still known.
        """

        def write(db: sqlite3.Connection) -> int:
            db.execute(_FORGET_ERRORS, _row(person))
            db.execute(_CANCEL_HELD, _row(person))
            for row in db.execute(_UNBEGUN_LINES, _row(person)).fetchall():
                db.execute(_CANCEL_LINE, {"id": row["id"]})
                release(db, row["id"])
            return db.execute(_CANCEL, _row(person)).rowcount

        return await self._db.write(write)

    async def unfinished(self, person: Person) -> int:
        """Count the person's jobs that are not over."""

        def read(db: sqlite3.Connection) -> int:
            return int(db.execute(_COUNT_UNFINISHED, _row(person)).fetchone()[0])

        return await self._db.read(read)

    async def delete_batches(self, person: Person) -> None:
        """Delete batches of which no job is left."""
        await self._db.write(
            lambda db: db.execute(_DELETE_BATCHES, _row(person)).rowcount
        )

    async def anonymise_batches(self, person: Person) -> None:
        """Make batches that are over nobody's."""

        def write(db: sqlite3.Connection) -> None:
            pseudonym = _begun(db, person)["pseudonym"]
            row = _row(person) | {"pseudonym": pseudonym, "marker": MARKER}
            db.execute(_CLEAR_BATCHES, row)

        await self._db.write(write)

    async def forget_once(self, person: Person) -> None:
        """Forget what was done once for them, spent, refused, and decided by them."""
        owner = f":{person.platform}:{person.workspace_id}:{person.user_id}"

        def write(db: sqlite3.Connection) -> None:
            db.execute(_FORGET_ONCE, {"part": f"{owner}:"})
            # In Discord one pays as the same person everywhere (bot/policy/budgets.py).
            for purse in (owner, f":{person.platform}:*:{person.user_id}"):
                db.execute(_FORGET_ACCOUNTS, {"owner": purse})
                db.execute(_FORGET_HOLDS, {"owner": purse})
            for forget in (_FORGET_AUDIT, _FORGET_PRESSES, _FORGET_VERDICTS):
                db.execute(forget, _row(person))

        await self._db.write(write)

    async def end(self, person: Person) -> None:
        """Forget that the person was forgotten."""
        await self._db.write(lambda db: db.execute(_END, _row(person)).rowcount)

    async def _some(
        self,
        select: str,
        person: Person,
        limit: int,
        change: Callable[[sqlite3.Connection, Sequence[sqlite3.Row]], None],
    ) -> int:
        def write(db: sqlite3.Connection) -> int:
            rows = db.execute(select, _row(person) | {"limit": limit}).fetchall()
            change(db, rows)
            return len(rows)

        return await self._db.write(write)


def _begun(db: sqlite3.Connection, person: Person) -> sqlite3.Row:
    row: sqlite3.Row = db.execute(_BEGUN, _row(person)).fetchone()
    return row


def _progress(db: sqlite3.Connection, person: Person) -> Forgotten:
    row = _begun(db, person)
    return Forgotten(
        pseudonym=row["pseudonym"],
        found=Belongings(**json.loads(row["found"])),
        records=row["records"],
        files=row["files"],
        size_bytes=row["size_bytes"],
        jobs=row["jobs"],
    )


def _add(db: sqlite3.Connection, person: Person, **done: int | str) -> None:
    nothing = {"pending": None, "records": 0, "files": 0, "size_bytes": 0, "jobs": 0}
    db.execute(_ADD, _row(person) | nothing | done)


def _row(person: Person) -> Parameters:
    return {
        "platform": person.platform.value,
        "workspace_id": person.workspace_id,
        "user_id": person.user_id,
    }
