"""What is on its way to a bucket, or has to go from it."""

from sqlite_utils import Database


def m009_transfers(database: Database) -> None:
    """What is on its way to a bucket, or has to go from it: one thing for each path."""
    database.execute("""
        CREATE TABLE transfers (
            path TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            failures INTEGER NOT NULL DEFAULT 0,
            not_before TEXT NOT NULL DEFAULT ''
        )
    """)
    database.execute("CREATE INDEX transfers_due ON transfers (kind, not_before)")
