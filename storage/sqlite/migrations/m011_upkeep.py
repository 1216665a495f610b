"""Sweeps that were begun, and messages that are yet to be taken back."""

from sqlite_utils import Database


def m011_upkeep(database: Database) -> None:
    """Sweeps that were begun, and messages that are yet to be taken back.

    A sweep's row goes when it has come to its end: one that was cut off goes on by it. Its
    `unlinking` are the files whose records the last batch has deleted.
    """
    database.execute("""
        CREATE TABLE sweeps (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            asked_at TEXT NOT NULL,
            older_than_s INTEGER,
            unlinking TEXT NOT NULL DEFAULT '[]'
        )
    """)
    database.execute("""
        CREATE TABLE take_backs (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            platform TEXT NOT NULL,
            workspace_id TEXT NOT NULL,
            channel_id TEXT NOT NULL,
            message_id TEXT NOT NULL,
            notes TEXT NOT NULL,
            not_before TEXT NOT NULL,
            failures INTEGER NOT NULL DEFAULT 0,
            UNIQUE (platform, workspace_id, channel_id, message_id)
        )
    """)
    database.execute("CREATE INDEX take_backs_due ON take_backs (not_before)")
