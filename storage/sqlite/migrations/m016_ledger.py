"""What is set aside for jobs, and what is spent: money, and pictures in an hour."""

from sqlite_utils import Database


def m016_ledger(database: Database) -> None:
    """Sums for each budget and period, and what each unfinished job has set aside."""
    database.execute("""
        CREATE TABLE ledger (
            budget TEXT NOT NULL,
            period TEXT NOT NULL,
            settled INTEGER NOT NULL CHECK (settled >= 0),
            reserved INTEGER NOT NULL CHECK (reserved >= 0),
            PRIMARY KEY (budget, period)
        ) WITHOUT ROWID
    """)
    database.execute("""
        CREATE TABLE ledger_holds (
            job_id TEXT NOT NULL,
            budget TEXT NOT NULL,
            period TEXT NOT NULL,
            unit TEXT NOT NULL CHECK (unit IN ('micros', 'pictures')),
            amount INTEGER NOT NULL CHECK (amount >= 0),
            PRIMARY KEY (job_id, budget, period)
        ) WITHOUT ROWID
    """)
