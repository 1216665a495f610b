"""Totals kept beside the records, inside the transaction that writes or deletes some.

A report over a million records then reads what a report over a thousand does. Each row
counts under every kind, for its day, its month and all time. What a batch changes is added
up first: rows drawn together mostly count under the same. Money is kept in whole
millionths: sums of binary fractions drift.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence

ALL_TIME = "*"

_Key = tuple[str, str, str, str, str]  # kind, span, platform, workspace, name

_SELECT = """
    SELECT
        seq, substr(created_at, 1, 10) AS day, platform, workspace_id,
        '' AS "all", model, style_type AS style, channel_id AS channel, user_id AS user,
        coalesce(size_bytes, 0) AS size_bytes,
        CAST(round(cost_usd * 1000000) AS INTEGER) AS micros
    FROM generations WHERE seq IN (SELECT value FROM json_each(:seqs))
"""
_KINDS = ("all", "model", "style", "channel", "user")
_ADD = """
    INSERT INTO totals (
        images, size_bytes, micros, kind, span, platform, workspace_id, name
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
        images = images + excluded.images,
        size_bytes = size_bytes + excluded.size_bytes,
        micros = micros + excluded.micros
"""
_TAKE = """
    UPDATE totals SET
        images = images - ?, size_bytes = size_bytes - ?, micros = micros - ?
    WHERE kind = ? AND span = ? AND platform = ? AND workspace_id = ? AND name = ?
"""
_DELETE_EMPTY = """
    DELETE FROM totals
    WHERE kind = ? AND span = ? AND platform = ? AND workspace_id = ? AND name = ?
    AND images = 0
"""
# The rows of a day lie within these; deleted ones leave them as they are.
_WIDEN_DAY = """
    INSERT INTO generation_days (day, first_seq, last_seq) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET
        first_seq = min(first_seq, excluded.first_seq),
        last_seq = max(last_seq, excluded.last_seq)
"""


def add_to_totals(db: sqlite3.Connection, seqs: Sequence[int]) -> None:
    """Count the rows that were just written."""
    rows = _rows(db, seqs)
    db.executemany(_ADD, [(*sums, *key) for key, sums in _changes(rows).items()])
    days: dict[str, list[int]] = {}
    for row in rows:
        days.setdefault(row["day"], []).append(row["seq"])
    widths = [(day, min(met), max(met)) for day, met in days.items()]
    db.executemany(_WIDEN_DAY, widths)


def take_from_totals(db: sqlite3.Connection, seqs: Sequence[int]) -> None:
    """Count the rows no more, which are yet to be deleted or replaced."""
    changes = _changes(_rows(db, seqs))
    db.executemany(_TAKE, [(*sums, *key) for key, sums in changes.items()])
    db.executemany(_DELETE_EMPTY, list(changes))


def _rows(db: sqlite3.Connection, seqs: Sequence[int]) -> list[sqlite3.Row]:
    return db.execute(_SELECT, {"seqs": json.dumps(list(seqs))}).fetchall()


def _changes(rows: Iterable[sqlite3.Row]) -> dict[_Key, list[int]]:
    """Add up images, bytes and millionths of dollars of each kind and span."""
    changes: dict[_Key, list[int]] = {}
    for row in rows:
        day, platform, workspace = row["day"], row["platform"], row["workspace_id"]
        size_bytes, micros = row["size_bytes"], row["micros"]
        for kind in _KINDS:
            for span in (day, day[:7], ALL_TIME):
                key = kind, span, platform, workspace, row[kind]
                sums = changes.setdefault(key, [0, 0, 0])
                sums[0] += 1
                sums[1] += size_bytes
                sums[2] += micros
    return changes
