"""Months beside days, a person's figures in one index, a row for each word."""

from sqlite_utils import Database


def m021_shortcuts(database: Database) -> None:
    """Months beside days, a person's figures in one index, a row for each word.

    So that a report of a year, or of one person, reads little, and a deletion looks only
    for words whose row (`words.seq`) goes; 0 is none known yet. `totals.span` is a day, a
    month, or * for all time.
    """
    database.execute("ALTER TABLE daily_totals RENAME TO totals")
    database.execute("ALTER TABLE totals RENAME COLUMN day TO span")
    database.execute("""
        INSERT INTO totals
        SELECT
            kind, substr(span, 1, 7) AS month, platform, workspace_id, name,
            sum(images), sum(size_bytes), sum(micros)
        FROM totals WHERE length(span) = 10
        GROUP BY kind, month, platform, workspace_id, name
    """)
    database.execute("DROP INDEX generations_user")
    database.execute("""
        CREATE INDEX generations_person ON generations (
            user_id, platform, workspace_id, created_at, model, channel_id, style_type,
            size_bytes, cost_usd
        )
    """)
    database.execute("ALTER TABLE words ADD COLUMN seq INTEGER NOT NULL DEFAULT 0")
