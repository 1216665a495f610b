"""Which pictures stand in a thread."""

from sqlite_utils import Database


def m006_threads(database: Database) -> None:
    """Which pictures stand in a thread."""
    database.execute("""
        CREATE INDEX generations_thread ON generations (thread_id, seq)
        WHERE thread_id IS NOT NULL
    """)
