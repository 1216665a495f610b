"""What the operator's rules refused, and what moderators decided."""

from sqlite_utils import Database


def m018_audit(database: Database) -> None:
    """One row for the same in one minute, so that a storm of refusals stays small."""
    database.execute("""
        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            minute TEXT NOT NULL,
            platform TEXT NOT NULL,
            workspace_id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            channel_id TEXT NOT NULL,
            action TEXT NOT NULL,
            rule TEXT NOT NULL,
            details TEXT NOT NULL,
            times INTEGER NOT NULL CHECK (times > 0),
            UNIQUE (
                minute, platform, workspace_id, user_id, channel_id, action, rule, details
            )
        )
    """)
    database.execute("CREATE INDEX audit_by_user ON audit (user_id, seq)")
