"""What is open to a workspace, what to the members of a channel, what is a person's."""

from sqlite_utils import Database


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
