"""Callbacks: whom to tell of a job, and what was not told yet."""

from sqlite_utils import Database


def m014_callbacks(database: Database) -> None:
    """Whom to tell of a job, and what was not told yet; it goes with the job."""
    database.execute("ALTER TABLE jobs ADD COLUMN callback_url TEXT")
    database.execute("""
        CREATE TABLE callbacks (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            subject TEXT NOT NULL,
            event TEXT NOT NULL,
            url TEXT NOT NULL,
            host TEXT NOT NULL,
            record_id TEXT,
            details TEXT NOT NULL,
            state TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            created_at TEXT NOT NULL,
            since TEXT,
            not_before TEXT NOT NULL,
            last_error TEXT
        )
    """)
    database.execute("CREATE INDEX callbacks_subject ON callbacks (subject, seq)")
    database.execute("""
        CREATE INDEX callbacks_due ON callbacks (not_before) WHERE state = 'pending'
    """)
    database.execute("CREATE INDEX callbacks_state ON callbacks (state, seq)")
    database.execute("""
        CREATE TRIGGER callbacks_go_with_their_job AFTER DELETE ON jobs
        BEGIN DELETE FROM callbacks WHERE subject = old.id; END
    """)
