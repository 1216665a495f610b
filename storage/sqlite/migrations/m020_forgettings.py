"""Who is being forgotten at this moment; gone once it is done."""

from sqlite_utils import Database


def m020_forgettings(database: Database) -> None:
    """Who is being forgotten at this moment; gone once it is done.

    A forgetting that was cut off goes on with the same pseudonym and the same counts.
    `pending` are files whose records are gone already.
    """
    database.execute("""
        CREATE TABLE forgettings (
            platform TEXT NOT NULL,
            workspace_id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            pseudonym TEXT NOT NULL,
            found TEXT NOT NULL,
            pending TEXT NOT NULL DEFAULT '[]',
            records INTEGER NOT NULL DEFAULT 0,
            files INTEGER NOT NULL DEFAULT 0,
            size_bytes INTEGER NOT NULL DEFAULT 0,
            jobs INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (platform, workspace_id, user_id)
        ) WITHOUT ROWID
    """)
