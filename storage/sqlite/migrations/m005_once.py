"""What was done once."""

from sqlite_utils import Database


def m005_once(database: Database) -> None:
    """What was done once."""
    database.execute("""
        CREATE TABLE once (
            key TEXT PRIMARY KEY,
            done_at TEXT NOT NULL
        ) WITHOUT ROWID
    """)
