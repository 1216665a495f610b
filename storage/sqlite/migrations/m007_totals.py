"""What reports add up, kept with the rows: by day, and in all (`day` is *)."""

from sqlite_utils import Database


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
