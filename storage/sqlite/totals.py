"""Totals kept beside the records, inside the transaction that writes or deletes one.

A report over a million records then reads what a report over a thousand does. Money is
kept in whole millionths: sums of binary fractions drift.
"""

import sqlite3

# A row counts under every kind, once for its day and once for all time.
_ADD = """
    WITH
    kinds (kind) AS (VALUES ('all'), ('model'), ('style'), ('channel'), ('user')),
    spans (is_whole) AS (VALUES (0), (1))
    INSERT INTO daily_totals (
        kind, day, platform, workspace_id, name, images, size_bytes, micros
    )
    SELECT
        kind, iif(is_whole, '*', substr(created_at, 1, 10)), platform, workspace_id,
        CASE kind
            WHEN 'all' THEN '' WHEN 'model' THEN model WHEN 'style' THEN style_type
            WHEN 'channel' THEN channel_id ELSE user_id
        END,
        :times, :times * coalesce(size_bytes, 0),
        :times * CAST(round(cost_usd * 1000000) AS INTEGER)
    FROM generations CROSS JOIN kinds CROSS JOIN spans
    WHERE seq = :seq
    ON CONFLICT DO UPDATE SET
        images = images + excluded.images,
        size_bytes = size_bytes + excluded.size_bytes,
        micros = micros + excluded.micros
"""
_DELETE_EMPTY = """
    DELETE FROM daily_totals
    WHERE images = 0 AND (kind, day, platform, workspace_id, name) IN (
        WITH
        kinds (kind) AS (VALUES ('all'), ('model'), ('style'), ('channel'), ('user')),
        spans (is_whole) AS (VALUES (0), (1))
        SELECT
            kind, iif(is_whole, '*', substr(created_at, 1, 10)), platform, workspace_id,
            CASE kind
                WHEN 'all' THEN '' WHEN 'model' THEN model WHEN 'style' THEN style_type
                WHEN 'channel' THEN channel_id ELSE user_id
            END
        FROM generations CROSS JOIN kinds CROSS JOIN spans
        WHERE seq = :seq
    )
"""
# The rows of a day lie within these; deleted ones leave them as they are.
_WIDEN_DAY = """
    INSERT INTO generation_days (day, first_seq, last_seq)
    SELECT substr(created_at, 1, 10), seq, seq FROM generations WHERE seq = :seq
    ON CONFLICT DO UPDATE SET
        first_seq = min(first_seq, excluded.first_seq),
        last_seq = max(last_seq, excluded.last_seq)
"""


def add_to_totals(db: sqlite3.Connection, seq: int | None) -> None:
    """Count the row that was just written."""
    db.execute(_ADD, {"seq": seq, "times": 1})
    db.execute(_WIDEN_DAY, {"seq": seq})


def take_from_totals(db: sqlite3.Connection, seq: int) -> None:
    """Count the row no more, which is yet to be deleted or replaced."""
    db.execute(_ADD, {"seq": seq, "times": -1})
    db.execute(_DELETE_EMPTY, {"seq": seq})
