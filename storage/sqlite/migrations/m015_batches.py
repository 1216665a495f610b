"""Batches, and which job is a line of which."""

from sqlite_utils import Database


def m015_batches(database: Database) -> None:
    """Batches, and which job is a line of which; the lines go with the batch."""
    database.execute("""
        CREATE TABLE batches (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            platform TEXT NOT NULL,
            workspace_id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            place_workspace_id TEXT NOT NULL,
            channel_id TEXT NOT NULL,
            thread_id TEXT,
            visibility TEXT NOT NULL,
            created_at TEXT NOT NULL,
            lines INTEGER NOT NULL,
            state TEXT NOT NULL,
            delay_s REAL,
            callback_url TEXT,
            return_address TEXT NOT NULL,
            notes TEXT NOT NULL,
            is_over INTEGER NOT NULL DEFAULT 0
        )
    """)
    database.execute("CREATE INDEX batches_open ON batches (state) WHERE is_over = 0")
    database.execute(
        "ALTER TABLE jobs ADD COLUMN batch_id TEXT REFERENCES batches (id)"
    )
    database.execute("ALTER TABLE jobs ADD COLUMN line INTEGER")
    database.execute("""
        CREATE INDEX jobs_batch ON jobs (batch_id, state, line)
        WHERE batch_id IS NOT NULL
    """)
