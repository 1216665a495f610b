"""Money and pictures set aside and spent, always in their caller's transaction.

For each account: settled + reserved never passes the limit a hold was made with.
"""

import sqlite3
from collections.abc import Mapping, Sequence

from bot.domain.budget import Account, Hold, Standing
from bot.domain.job import JobId
from bot.errors import BudgetExceeded
from storage.sqlite.database import Database

_ALL = 2**62  # more than anybody sets aside; SQLite counts so far
_STANDING = """
    SELECT settled, reserved FROM ledger WHERE budget = :budget AND period = :period
"""
_OPEN = """
    INSERT INTO ledger (budget, period, settled, reserved)
    VALUES (:budget, :period, 0, 0) ON CONFLICT DO NOTHING
"""
_HOLD = """
    INSERT INTO ledger_holds (job_id, budget, period, unit, amount)
    VALUES (:job, :budget, :period, :unit, :amount)
"""
_RESERVE = """
    UPDATE ledger SET reserved = reserved + :amount
    WHERE budget = :budget AND period = :period
"""
_SETTLE = """
    UPDATE ledger SET
        settled = settled + min(
            hold.amount, CASE hold.unit WHEN 'pictures' THEN :pictures ELSE :micros END
        ),
        reserved = reserved - hold.amount
    FROM (SELECT * FROM ledger_holds WHERE job_id = :job) AS hold
    WHERE ledger.budget = hold.budget AND ledger.period = hold.period
"""
_IS_PAID = """
    SELECT EXISTS (
        SELECT 1 FROM steps WHERE job_id = :job AND step = 'draw' AND is_done
    )
"""
_FORGET = "DELETE FROM ledger_holds WHERE job_id = :job"
_ORPHANS = """
    SELECT DISTINCT job_id FROM ledger_holds AS hold
    WHERE NOT EXISTS (
        SELECT 1 FROM jobs WHERE jobs.id = hold.job_id
        AND state NOT IN ('done', 'failed', 'cancelled')
    )
"""


class SqliteLedger:
    """Implements the port Ledger."""

    def __init__(self, *, db: Database) -> None:
        self._db = db

    async def standings(
        self, accounts: Sequence[Account]
    ) -> Mapping[Account, Standing]:
        """Give how each account stands."""

        def read(db: sqlite3.Connection) -> dict[Account, Standing]:
            return {account: _standing(db, account) for account in accounts}

        return await self._db.read(read)

    async def reconcile(self) -> int:
        """Free what is set aside for jobs that are over or gone; count them."""

        def write(db: sqlite3.Connection) -> int:
            jobs = [row["job_id"] for row in db.execute(_ORPHANS).fetchall()]
            for job in jobs:
                release(db, job)
            return len(jobs)

        return await self._db.write(write)


def reserve(db: sqlite3.Connection, job: JobId, holds: Sequence[Hold]) -> None:
    """Set aside what *job* takes. Raises: BudgetExceeded; take back what was written."""
    for hold in holds:
        account = {"budget": hold.account.budget, "period": hold.account.period}
        left = max(0, hold.limit - _standing(db, hold.account).used)
        if hold.amount > left:
            raise BudgetExceeded(hold.refusal(left), left=left, rule=hold.rule)
        amount = account | {"amount": hold.amount}
        db.execute(_OPEN, account)
        db.execute(_HOLD, amount | {"job": job, "unit": hold.unit.value})
        db.execute(_RESERVE, amount)


def settle(db: sqlite3.Connection, job: JobId, *, micros: int, pictures: int) -> None:
    """Spend so much of what was set aside for *job*, and free the rest.

    A job without anything set aside, or settled before, is left as it is.
    """
    db.execute(_SETTLE, {"job": job, "micros": micros, "pictures": pictures})
    db.execute(_FORGET, {"job": job})


def release(db: sqlite3.Connection, job: JobId) -> None:
    """Free all that is still set aside for *job*."""
    settle(db, job, micros=0, pictures=0)


def close(db: sqlite3.Connection, job: JobId) -> None:
    """Free what is still set aside for a job that is over, unless Ideogram drew for it.

    Then it was paid for, though no picture was recorded: all of it counts as spent.
    """
    (is_paid,) = db.execute(_IS_PAID, {"job": job}).fetchone()
    spent = _ALL if is_paid else 0
    settle(db, job, micros=spent, pictures=spent)


def _standing(db: sqlite3.Connection, account: Account) -> Standing:
    values = {"budget": account.budget, "period": account.period}
    row = db.execute(_STANDING, values).fetchone()
    if row is None:
        return Standing()
    return Standing(settled=row["settled"], reserved=row["reserved"])
