"""The same request found again, and jobs that show what was drawn before."""

from sqlite_utils import Database


def m012_duplicates(database: Database) -> None:
    """The same request found again, and jobs that show what was drawn before."""
    database.execute("CREATE INDEX generations_same ON generations (prompt_hash)")
    database.execute("ALTER TABLE jobs ADD COLUMN shows TEXT NOT NULL DEFAULT '[]'")
