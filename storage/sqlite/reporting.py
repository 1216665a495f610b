"""Totals over the records: images, bytes and money, whole and by group.

Whole days come from the totals that are kept beside the records, the beginning and end of
a day that is cut from the rows of that day, and one person's from that person's rows.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from bot.domain.exchange import time_text
from bot.domain.people import Person, Platform
from bot.domain.record import Report, Totals
from storage.sqlite.rows import Parameters

_MIDNIGHT = "T00:00:00.000000Z"
_KINDS = ("model", "user", "channel", "workspace", "style", "day")

_IN_ALL = """
    SELECT kind, name, images, size_bytes, micros
    FROM daily_totals
    WHERE kind IN ('model', 'user', 'channel', 'style') AND day = '*'
    AND (:platform IS NULL OR (platform = :platform AND workspace_id = :workspace_id))
    UNION ALL
    SELECT 'workspace', workspace_id, images, size_bytes, micros
    FROM daily_totals
    WHERE kind = 'all' AND day = '*'
    AND (:platform IS NULL OR (platform = :platform AND workspace_id = :workspace_id))
    UNION ALL
    SELECT 'day', day, sum(images), sum(size_bytes), sum(micros)
    FROM daily_totals
    WHERE kind = 'all' AND day <> '*'
    AND (:platform IS NULL OR (platform = :platform AND workspace_id = :workspace_id))
    GROUP BY day
"""
_IN_DAYS = """
    SELECT
        kind, name, sum(images) AS images, sum(size_bytes) AS size_bytes,
        sum(micros) AS micros
    FROM daily_totals
    WHERE kind IN ('model', 'user', 'channel', 'style')
    AND day >= :first AND day < :end
    AND (:platform IS NULL OR (platform = :platform AND workspace_id = :workspace_id))
    GROUP BY kind, name
    UNION ALL
    SELECT 'workspace', workspace_id, sum(images), sum(size_bytes), sum(micros)
    FROM daily_totals
    WHERE kind = 'all' AND day >= :first AND day < :end
    AND (:platform IS NULL OR (platform = :platform AND workspace_id = :workspace_id))
    GROUP BY workspace_id
    UNION ALL
    SELECT 'day', day, sum(images), sum(size_bytes), sum(micros)
    FROM daily_totals
    WHERE kind = 'all' AND day >= :first AND day < :end
    AND (:platform IS NULL OR (platform = :platform AND workspace_id = :workspace_id))
    GROUP BY day
"""
_ROWS_OF_A_DAY = """
    SELECT
        model, user_id AS user, channel_id AS channel, workspace_id AS workspace,
        style_type AS style, substr(created_at, 1, 10) AS day, count(*) AS images,
        coalesce(sum(size_bytes), 0) AS size_bytes,
        sum(CAST(round(cost_usd * 1000000) AS INTEGER)) AS micros
    FROM generations
    WHERE substr(created_at, 1, 10) = :day
    AND (:since IS NULL OR created_at >= :since)
    AND (:until IS NULL OR created_at < :until)
    AND seq BETWEEN (SELECT first_seq FROM generation_days WHERE day = :day)
    AND (SELECT last_seq FROM generation_days WHERE day = :day)
    AND (:platform IS NULL OR (platform = :platform AND workspace_id = :workspace_id))
    GROUP BY model, user_id, channel_id, workspace_id, style_type, day
"""
_ROWS_OF_A_PERSON = """
    SELECT
        model, user_id AS user, channel_id AS channel, workspace_id AS workspace,
        style_type AS style, substr(created_at, 1, 10) AS day, count(*) AS images,
        coalesce(sum(size_bytes), 0) AS size_bytes,
        sum(CAST(round(cost_usd * 1000000) AS INTEGER)) AS micros
    FROM generations
    WHERE user_id = :user_id AND platform = :platform AND workspace_id = :workspace_id
    AND (:since IS NULL OR created_at >= :since)
    AND (:until IS NULL OR created_at < :until)
    GROUP BY model, user_id, channel_id, workspace_id, style_type, day
"""


class _Sums:
    """Adds up what the statements give."""

    def __init__(self) -> None:
        self._sums: dict[str, dict[str, list[int]]] = {kind: {} for kind in _KINDS}

    def add(self, kind: str, name: str, row: sqlite3.Row) -> None:
        sums = self._sums[kind].setdefault(name, [0, 0, 0])
        for place, column in enumerate(("images", "size_bytes", "micros")):
            sums[place] += row[column]

    def groups(self, kind: str) -> dict[str, Totals]:
        return {
            name: Totals(
                images=images,
                size_bytes=size_bytes,
                cost_usd=Decimal(micros).scaleb(-6),
            )
            for name, (images, size_bytes, micros) in sorted(self._sums[kind].items())
        }


def make_report(
    db: sqlite3.Connection,
    *,
    since: datetime | None,
    until: datetime | None,
    person: Person | None,
    workspace: tuple[Platform, str] | None,
) -> Report:
    """Total the records from *since* to before *until*."""
    if person and workspace and (person.platform, person.workspace_id) != workspace:
        return _report(_Sums())
    if person:
        workspace = (person.platform, person.workspace_id)
    values: Parameters = {
        "since": since and time_text(since),
        "until": until and time_text(until),
        "platform": workspace and workspace[0].value,
        "workspace_id": workspace and workspace[1],
        "user_id": person and person.user_id,
    }
    sums = _Sums()
    with _one_moment(db):
        if person:
            _add_rows(sums, db.execute(_ROWS_OF_A_PERSON, values))
        else:
            _add_totals(sums, db, values)
    return _report(sums)


def split(since: str | None, until: str | None) -> tuple[str, str, set[str]]:
    """Give the first of the whole days, the one after their last, and the days cut.

    A day whose beginning is cut off sorts before its "~", the next day behind it.
    """
    first, end, cut = "", "~", set()
    if since is not None:
        first = since[:10] if since.endswith(_MIDNIGHT) else f"{since[:10]}~"
    if until is not None:
        end = until[:10]
    for moment in (since, until):
        if moment is not None and not moment.endswith(_MIDNIGHT):
            cut.add(moment[:10])
    return max(first, "0"), end, cut


@contextmanager
def _one_moment(db: sqlite3.Connection) -> Iterator[None]:
    """Let all statements see the records of the same moment."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("COMMIT")


def _add_totals(sums: _Sums, db: sqlite3.Connection, values: Parameters) -> None:
    since, until = values["since"], values["until"]
    if since is None and until is None:
        for row in db.execute(_IN_ALL, values):
            sums.add(row["kind"], row["name"], row)
        return
    first, end, cut = split(since, until)
    days = {"first": first, "end": end}
    for row in db.execute(_IN_DAYS, values | days):
        sums.add(row["kind"], row["name"], row)
    for day in cut:
        _add_rows(sums, db.execute(_ROWS_OF_A_DAY, values | {"day": day}))


def _add_rows(sums: _Sums, rows: sqlite3.Cursor) -> None:
    for row in rows:
        for kind in _KINDS:
            sums.add(kind, row[kind], row)


def _report(sums: _Sums) -> Report:
    by_day = sums.groups("day")
    return Report(
        total=Totals(
            images=sum(part.images for part in by_day.values()),
            size_bytes=sum(part.size_bytes for part in by_day.values()),
            cost_usd=sum((part.cost_usd for part in by_day.values()), Decimal(0)),
        ),
        by_model=sums.groups("model"),
        by_user=sums.groups("user"),
        by_channel=sums.groups("channel"),
        by_day=by_day,
        by_workspace=sums.groups("workspace"),
        by_style=sums.groups("style"),
    )
