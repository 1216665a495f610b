"""Totals over the records: images, bytes and money, whole and by group."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from bot.domain.exchange import time_text
from bot.domain.people import Person, Platform
from bot.domain.record import Report, Totals
from storage.sqlite.rows import Parameters

# One statement, so that all groups are of the same moment. Money is added up in whole
# millionths: sums of binary fractions drift.
_REPORT = """
    WITH chosen AS (
        SELECT
            model, user_id, channel_id, substr(created_at, 1, 10) AS day, size_bytes,
            CAST(round(cost_usd * 1000000) AS INTEGER) AS micros
        FROM generations
        WHERE (:since IS NULL OR created_at >= :since)
        AND (:until IS NULL OR created_at < :until)
        AND (:platform IS NULL OR platform = :platform)
        AND (:workspace_id IS NULL OR workspace_id = :workspace_id)
        AND (:user_id IS NULL OR user_id = :user_id)
        AND (:in_platform IS NULL OR platform = :in_platform)
        AND (:in_workspace IS NULL OR workspace_id = :in_workspace)
    ),
    grouped AS (
        SELECT
            model, user_id, channel_id, day, count(*) AS images,
            coalesce(sum(size_bytes), 0) AS size_bytes, sum(micros) AS micros
        FROM chosen GROUP BY model, user_id, channel_id, day
    )
    SELECT 'model' AS kind, model AS name, sum(images) AS images,
        sum(size_bytes) AS size_bytes, sum(micros) AS micros
    FROM grouped GROUP BY model
    UNION ALL
    SELECT 'user', user_id, sum(images), sum(size_bytes), sum(micros)
    FROM grouped GROUP BY user_id
    UNION ALL
    SELECT 'channel', channel_id, sum(images), sum(size_bytes), sum(micros)
    FROM grouped GROUP BY channel_id
    UNION ALL
    SELECT 'day', day, sum(images), sum(size_bytes), sum(micros)
    FROM grouped GROUP BY day
"""


def make_report(
    db: sqlite3.Connection,
    *,
    since: datetime | None,
    until: datetime | None,
    person: Person | None,
    workspace: tuple[Platform, str] | None,
) -> Report:
    """Total the records from *since* to before *until*."""
    values: Parameters = {
        "since": since and time_text(since),
        "until": until and time_text(until),
        "platform": person and person.platform.value,
        "workspace_id": person and person.workspace_id,
        "user_id": person and person.user_id,
        "in_platform": workspace and workspace[0].value,
        "in_workspace": workspace and workspace[1],
    }
    groups: dict[str, dict[str, Totals]] = {
        kind: {} for kind in ("model", "user", "channel", "day")
    }
    for row in db.execute(_REPORT, values):
        groups[row["kind"]][row["name"]] = _totals(row)
    return Report(
        total=_sum(groups["model"].values()),
        by_model=groups["model"],
        by_user=groups["user"],
        by_channel=groups["channel"],
        by_day=groups["day"],
    )


def _totals(row: sqlite3.Row) -> Totals:
    return Totals(
        images=row["images"],
        size_bytes=row["size_bytes"],
        cost_usd=Decimal(row["micros"]).scaleb(-6),
    )


def _sum(parts: Iterable[Totals]) -> Totals:
    parts = list(parts)
    return Totals(
        images=sum(part.images for part in parts),
        size_bytes=sum(part.size_bytes for part in parts),
        cost_usd=sum((part.cost_usd for part in parts), Decimal(0)),
    )
