"""Jobs and the checkpoints of their steps."""

from sqlite_utils import Database


def m003_jobs(database: Database) -> None:
    """Jobs and the checkpoints of their steps."""
    database.execute("""
        CREATE TABLE jobs (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            platform TEXT NOT NULL,
            workspace_id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            place_workspace_id TEXT NOT NULL,
            channel_id TEXT NOT NULL,
            thread_id TEXT,
            visibility TEXT NOT NULL,
            request TEXT NOT NULL,
            lineage TEXT,
            return_address TEXT NOT NULL,
            press_key TEXT,
            state TEXT NOT NULL,
            created_at TEXT NOT NULL,
            not_before TEXT,
            failures INTEGER NOT NULL,
            calls INTEGER NOT NULL,
            crashes INTEGER NOT NULL,
            is_cancel_requested INTEGER NOT NULL,
            error TEXT,
            error_kind TEXT,
            is_told INTEGER NOT NULL DEFAULT 0
        )
    """)
    database.execute("CREATE INDEX jobs_state ON jobs (state)")
    database.execute("CREATE INDEX jobs_untold ON jobs (state) WHERE is_told = 0")
    database.execute("""
        CREATE INDEX jobs_press ON jobs (press_key) WHERE press_key IS NOT NULL
    """)
    database.execute("""
        CREATE TABLE steps (
            job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
            step TEXT NOT NULL,
            is_done INTEGER NOT NULL,
            notes TEXT NOT NULL,
            PRIMARY KEY (job_id, step)
        ) WITHOUT ROWID
    """)
