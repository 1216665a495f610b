"""Which message shows which pictures, in the order shown."""

from sqlite_utils import Database


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
