"""Pictures that a moderator has to approve, and why a record has no file."""

from sqlite_utils import Database


def m022_review(database: Database) -> None:
    """Where jobs are approved, what was decided by whom, and why files are withheld."""
    database.execute("ALTER TABLE jobs ADD COLUMN reviewed_in TEXT")
    database.execute(
        "ALTER TABLE jobs ADD COLUMN keeps_unsafe INTEGER NOT NULL DEFAULT 0"
    )
    database.execute("ALTER TABLE generations ADD COLUMN withheld TEXT")
    database.execute("""
        UPDATE generations SET withheld = 'unsafe'
        WHERE is_safe = 0 AND stored_path IS NULL
    """)
    database.execute("""
        CREATE TABLE reviews (
            job_id TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
            decided_by TEXT NOT NULL,
            decided_at TEXT NOT NULL,
            is_approved INTEGER NOT NULL
        ) WITHOUT ROWID
    """)
