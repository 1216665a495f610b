"""The shape of the database, one append-only step after another.

A step that was released is never edited: what it lacks is the next step. sqlite-utils
keeps the record of what was applied; a start applies what is missing, all or nothing.
"""

import sqlite3

from sqlite_utils import Database, Migrations

from bot.errors import StorageError


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database up to date. Raises: StorageError, sqlite3.Error."""
    database = Database(connection, execute_plugins=False)
    steps = migrations()
    if not _has_pending(database, steps):
        return
    # Two programs may start at once: the second waits here, then finds nothing to do.
    connection.execute("BEGIN IMMEDIATE")
    try:
        steps.apply(database)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def migrations() -> Migrations:
    """Give the steps in their order."""
    steps = Migrations("ideogram-bot")
    for step in STEPS:
        steps()(step)
    return steps


def _has_pending(database: Database, steps: Migrations) -> bool:
    known = {step.__name__ for step in STEPS}
    applied = {step.name for step in steps.applied(database)}
    if applied - known:
        raise StorageError(
            "The database was made by a newer version of this program. "
            "Install that version, or name another database in DATABASE_URL."
        )
    return applied != known


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


def m002_search(database: Database) -> None:
    """Tags in a table of their own, prompts in an index of three-letter parts.

    The index is written with the row, not by triggers, which slow batches to a third.
    It holds text whose case is folded already, beyond ASCII too.
    """
    database.execute("""
        CREATE TABLE generation_tags (
            tag TEXT NOT NULL,
            seq INTEGER NOT NULL REFERENCES generations (seq) ON DELETE CASCADE,
            PRIMARY KEY (tag, seq)
        ) WITHOUT ROWID
    """)
    database.execute("CREATE INDEX generation_tags_seq ON generation_tags (seq)")
    database.execute("""
        CREATE VIRTUAL TABLE generation_search USING fts5 (
            text, tokenize = 'trigram case_sensitive 1'
        )
    """)


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


def m004_posted(database: Database) -> None:
    """Which message shows which pictures, in the order shown."""
    database.execute("""
        CREATE TABLE posted (
            platform TEXT NOT NULL,
            workspace_id TEXT NOT NULL,
            channel_id TEXT NOT NULL,
            message_id TEXT NOT NULL,
            position INTEGER NOT NULL,
            record_id TEXT NOT NULL REFERENCES generations (id) ON DELETE CASCADE,
            PRIMARY KEY (platform, workspace_id, channel_id, message_id, position)
        ) WITHOUT ROWID
    """)
    database.execute("CREATE INDEX posted_record ON posted (record_id)")


def m005_once(database: Database) -> None:
    """What was done once."""
    database.execute("""
        CREATE TABLE once (
            key TEXT PRIMARY KEY,
            done_at TEXT NOT NULL
        ) WITHOUT ROWID
    """)


def m006_threads(database: Database) -> None:
    """Which pictures stand in a thread."""
    database.execute("""
        CREATE INDEX generations_thread ON generations (thread_id, seq)
        WHERE thread_id IS NOT NULL
    """)


def m007_totals(database: Database) -> None:
    """What reports add up, kept with the rows: by day, and in all (`day` is *).

    And which rows a day has: what was drawn in a time is looked for among those alone.
    """
    database.execute("""
        CREATE TABLE daily_totals (
            kind TEXT NOT NULL,
            day TEXT NOT NULL,
            platform TEXT NOT NULL,
            workspace_id TEXT NOT NULL,
            name TEXT NOT NULL,
            images INTEGER NOT NULL,
            size_bytes INTEGER NOT NULL,
            micros INTEGER NOT NULL,
            PRIMARY KEY (kind, day, platform, workspace_id, name)
        ) WITHOUT ROWID
    """)
    database.execute("""
        CREATE TABLE generation_days (
            day TEXT PRIMARY KEY,
            first_seq INTEGER NOT NULL,
            last_seq INTEGER NOT NULL
        ) WITHOUT ROWID
    """)
    database.execute("""
        WITH kinds (kind) AS (
            VALUES ('all'), ('model'), ('style'), ('channel'), ('user')
        )
        INSERT INTO daily_totals
        SELECT
            kind, substr(created_at, 1, 10) AS day, platform, workspace_id,
            CASE kind
                WHEN 'all' THEN '' WHEN 'model' THEN model WHEN 'style' THEN style_type
                WHEN 'channel' THEN channel_id ELSE user_id
            END AS name,
            count(*), coalesce(sum(size_bytes), 0),
            sum(CAST(round(cost_usd * 1000000) AS INTEGER))
        FROM generations CROSS JOIN kinds
        GROUP BY kind, day, platform, workspace_id, name
    """)
    database.execute("""
        INSERT INTO daily_totals
        SELECT
            kind, '*', platform, workspace_id, name, sum(images), sum(size_bytes),
            sum(micros)
        FROM daily_totals GROUP BY kind, platform, workspace_id, name
    """)
    database.execute("""
        INSERT INTO generation_days
        SELECT substr(created_at, 1, 10) AS day, min(seq), max(seq)
        FROM generations GROUP BY day
    """)


def m008_seen(database: Database) -> None:
    """What is open to a workspace, what to the members of a channel, what is a person's."""
    database.execute("""
        CREATE INDEX generations_open ON generations (platform, workspace_id)
        WHERE visibility = 'workspace'
    """)
    database.execute("""
        CREATE INDEX generations_members
        ON generations (platform, workspace_id, channel_id)
        WHERE visibility = 'members'
    """)
    database.execute("""
        CREATE INDEX generations_closed
        ON generations (platform, workspace_id, user_id)
        WHERE visibility <> 'workspace'
    """)


STEPS = (
    m001_generations,
    m002_search,
    m003_jobs,
    m004_posted,
    m005_once,
    m006_threads,
    m007_totals,
    m008_seen,
)
