"""Sized copies of kept pictures, and the jobs that make them."""

from sqlite_utils import Database


def m017_copies(database: Database) -> None:
    """Sized copies of kept pictures, the jobs that make them, and which job posted what."""
    database.execute("ALTER TABLE jobs ADD COLUMN resizes TEXT NOT NULL DEFAULT '[]'")
    database.execute("ALTER TABLE posted ADD COLUMN job_id TEXT")
    database.execute("CREATE INDEX posted_job ON posted (job_id)")
    database.execute("""
        ALTER TABLE posted ADD COLUMN shows_copies INTEGER NOT NULL DEFAULT 0
    """)
    database.execute("""
        CREATE TABLE copies (
            seq INTEGER PRIMARY KEY,
            record_id TEXT NOT NULL REFERENCES generations (id) ON DELETE CASCADE,
            format TEXT NOT NULL,
            stored_path TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            size_bytes INTEGER NOT NULL,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            created_at TEXT NOT NULL,
            UNIQUE (record_id, format)
        )
    """)
    database.execute("CREATE INDEX copies_file ON copies (stored_path)")
