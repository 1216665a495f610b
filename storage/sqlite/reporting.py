"""Totals over the records: images, bytes and money, whole and by group.

Whole months and days come from the totals that are kept beside the records, the beginning
and end of a day that is cut from the rows of that day, and one person's from an index that
holds all that is added up.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from bot.domain.exchange import time_text
from bot.domain.people import Person, Platform
from bot.domain.record import Report, Totals
from storage.sqlite.rows import Parameters
from storage.sqlite.totals import ALL_TIME

_MIDNIGHT = "T00:00:00.000000Z"
_KINDS = ("model", "user", "channel", "workspace", "style", "day")

_DAYS = "SELECT day FROM generation_days WHERE day >= :first AND day < :end"
_IN_SPANS = """
    SELECT
        kind, name, sum(images) AS images, sum(size_bytes) AS size_bytes,
        sum(micros) AS micros
    FROM totals
    WHERE kind IN ('model', 'user', 'channel', 'style')
    AND span IN (SELECT value FROM json_each(:spans))
    AND (:platform IS NULL OR (platform = :platform AND workspace_id = :workspace_id))
    GROUP BY kind, name
    UNION ALL
    SELECT 'workspace', workspace_id, sum(images), sum(size_bytes), sum(micros)
    FROM totals
    WHERE kind = 'all' AND span IN (SELECT value FROM json_each(:spans))
    AND (:platform IS NULL OR (platform = :platform AND workspace_id = :workspace_id))
    GROUP BY workspace_id
    UNION ALL
    SELECT 'day', span, sum(images), sum(size_bytes), sum(micros)
    FROM totals
    WHERE kind = 'all' AND span IN (SELECT value FROM json_each(:days))
    AND (:platform IS NULL OR (platform = :platform AND workspace_id = :workspace_id))
    GROUP BY span
"""
_ROWS_OF_A_DAY = """
    SELECT
        model, user_id AS user, channel_id AS channel, workspace_id AS workspace,
        style_type AS style, substr(created_at, 1, 10) AS day,
        coalesce(size_bytes, 0) AS size_bytes,
        CAST(round(cost_usd * 1000000) AS INTEGER) AS micros
    FROM generations
    WHERE substr(created_at, 1, 10) = :day
    AND (:since IS NULL OR created_at >= :since)
    AND (:until IS NULL OR created_at < :until)
    AND seq BETWEEN (SELECT first_seq FROM generation_days WHERE day = :day)
    AND (SELECT last_seq FROM generation_days WHERE day = :day)
    AND (:platform IS NULL OR (platform = :platform AND workspace_id = :workspace_id))
"""
_ROWS_OF_A_PERSON = """
    SELECT
        model, user_id AS user, channel_id AS channel, workspace_id AS workspace,
        style_type AS style, substr(created_at, 1, 10) AS day,
        coalesce(size_bytes, 0) AS size_bytes,
        CAST(round(cost_usd * 1000000) AS INTEGER) AS micros
    FROM generations
    WHERE user_id = :user_id AND platform = :platform AND workspace_id = :workspace_id
    AND created_at >= :first AND created_at < :end
"""


class _Sums:
    """Adds up what the statements give."""

    def __init__(self) -> None:
        self._sums: dict[str, dict[str, list[int]]] = {kind: {} for kind in _KINDS}

    def add(
        self, kind: str, name: str, images: int, size_bytes: int, micros: int
    ) -> None:
        sums = self._sums[kind].setdefault(name, [0, 0, 0])
        sums[0] += images
        sums[1] += size_bytes
        sums[2] += micros

    def add_rows(self, rows: Sequence[sqlite3.Row]) -> None:
        """Add one picture a row, whose columns are the kinds, its bytes and its price."""
        for place, kind in enumerate(_KINDS):
            groups = self._sums[kind]
            for row in rows:
                sums = groups.setdefault(row[place], [0, 0, 0])
                sums[0] += 1
                sums[1] += row[-2]
                sums[2] += row[-1]

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
            bounds = {"first": values["since"] or "", "end": values["until"] or "~"}
            sums.add_rows(db.execute(_ROWS_OF_A_PERSON, values | bounds).fetchall())
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
    return first, end, cut


def spans(days: Iterable[str], *, first: str, end: str) -> list[str]:
    """Give the months that lie within these bounds, and of *days* those of no such month."""
    return list(
        dict.fromkeys(
            day[:7] if first <= f"{day[:7]}-01" and f"{day[:7]}-31" < end else day
            for day in days
        )
    )


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
    first, end, cut = split(since, until)
    days = [row["day"] for row in db.execute(_DAYS, {"first": first, "end": end})]
    is_all = since is None and until is None
    added_up = [ALL_TIME] if is_all else spans(days, first=first, end=end)
    asked = {"days": json.dumps(days), "spans": json.dumps(added_up)}
    for row in db.execute(_IN_SPANS, values | asked):
        sums.add(*row)
    for day in cut:
        sums.add_rows(db.execute(_ROWS_OF_A_DAY, values | {"day": day}).fetchall())


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
