"""One row a picture. `seq` is the order of writing: pages follow it."""

from sqlite_utils import Database


def m001_generations(database: Database) -> None:
    """One row a picture. `seq` is the order of writing: pages follow it."""
    database.execute("""
        CREATE TABLE generations (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            prompt TEXT NOT NULL,
            expanded_prompt TEXT,
            negative_prompt TEXT,
            model TEXT NOT NULL,
            style_type TEXT NOT NULL,
            aspect_ratio TEXT,
            seed INTEGER NOT NULL,
            resolution TEXT NOT NULL,
            is_safe INTEGER NOT NULL CHECK (is_safe IN (0, 1)),
            original_url TEXT,
            stored_path TEXT,
            created_at TEXT NOT NULL,
            size_bytes INTEGER,
            tags TEXT NOT NULL,
            job_id TEXT NOT NULL,
            parent_id TEXT,
            sha256 TEXT,
            prompt_hash TEXT NOT NULL,
            magic_prompt TEXT NOT NULL,
            color_palette TEXT,
            rendering_speed TEXT,
            attempts INTEGER NOT NULL,
            cost_usd REAL NOT NULL,
            platform TEXT NOT NULL,
            workspace_id TEXT NOT NULL,
            channel_id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            pinned INTEGER NOT NULL CHECK (pinned IN (0, 1)),
            visibility TEXT NOT NULL,
            thread_id TEXT
        )
    """)
    database.execute("CREATE INDEX generations_seed ON generations (seed)")
    database.execute("CREATE INDEX generations_model ON generations (model)")
    database.execute("CREATE INDEX generations_user ON generations (user_id)")
    database.execute("CREATE INDEX generations_job ON generations (job_id)")
    database.execute("CREATE INDEX generations_file ON generations (stored_path)")
    # What retention asks for, oldest first.
    database.execute("""
        CREATE INDEX generations_unpinned ON generations (created_at) WHERE pinned = 0
    """)
