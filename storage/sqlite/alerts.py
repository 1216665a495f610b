"""Alerts, durable, in SQLite; when which is shown the core decides."""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.domain.alert import Alert, AlertId, AlertKind, Failed, Heard, JobEnd
from bot.domain.exchange import read_time, time_text
from bot.domain.job import Job, JobId
from bot.domain.people import Person, Platform
from bot.domain.text import without
from storage.sqlite.database import Database
from storage.sqlite.rows import Parameters, read_job

_AT_ONCE = 500  # ends heard in one transaction
_KEPT_FOR = timedelta(days=30)

_TARGETS = "SELECT target FROM alerting"
_HUSH = "DELETE FROM alerting"
_AIM = "INSERT INTO alerting (target) VALUES (:target)"
_FORGET_ENDS = "DELETE FROM alert_ends"
_HAS_ENDS = "SELECT EXISTS (SELECT 1 FROM alert_ends)"
_ENDS = """
    SELECT e.seq, e.job_id, e.has_failed, j.error_kind, j.error, j.request
    FROM alert_ends AS e LEFT JOIN jobs AS j ON j.id = e.job_id
    ORDER BY e.seq LIMIT :limit
"""
_DELETE_ENDS = "DELETE FROM alert_ends WHERE seq <= :seq"
_NEWEST = """
    SELECT * FROM alerts WHERE seq IN (SELECT max(seq) FROM alerts GROUP BY kind)
"""
_WRITE = """
    INSERT INTO alerts (
        id, kind, target, opened_at, last_at, count, error, flaps, worked_at, version
    ) VALUES (
        :id, :kind, :target, :opened_at, :last_at, :count, :error, :flaps, :worked_at,
        :version
    )
    ON CONFLICT (id) DO UPDATE SET
        last_at = excluded.last_at, count = excluded.count, error = excluded.error,
        worked_at = excluded.worked_at, version = excluded.version
"""
_ADD_FAILURE = """
    INSERT INTO alert_failures (job_id, alert_id) VALUES (:job_id, :alert_id)
    ON CONFLICT (job_id) DO NOTHING
"""
_LIVE = "SELECT * FROM alerts WHERE closed_at IS NULL OR version > shown ORDER BY seq"
_FIND = "SELECT * FROM alerts WHERE id = :id"
_LATEST = """
    SELECT job_id FROM alert_failures WHERE alert_id = :id ORDER BY seq DESC LIMIT :limit
"""
_PEOPLE = """
    SELECT j.platform, j.workspace_id, j.user_id
    FROM alert_failures AS f JOIN jobs AS j ON j.id = f.job_id
    WHERE f.alert_id = :id
    GROUP BY j.platform, j.workspace_id, j.user_id ORDER BY max(f.seq) DESC
"""
_SHOWN = """
    UPDATE alerts SET shown = :version, shown_at = :now, not_before = NULL, refusals = 0
    WHERE id = :id
"""
_PUT_OFF = """
    UPDATE alerts SET not_before = :until, refusals = :refusals WHERE id = :id
"""
_CLOSE = """
    UPDATE alerts SET
        closed_at = :now, not_before = NULL, refusals = 0,
        version = version + iif(worked_at IS NULL, 0, 1)
    WHERE id = :id
"""
_WRITE_NOTES = "UPDATE alerts SET notes = :notes WHERE id = :id"
_WRITE_OVER_NOTES = "UPDATE alerts SET over_notes = :notes WHERE id = :id"
_ASKED_PICTURES = """
    SELECT coalesce(sum(json_extract(j.request, '$.count')), 0)
    FROM alert_failures AS f JOIN jobs AS j ON j.id = f.job_id
    WHERE f.alert_id = :id AND f.state = 'failed'
"""
_ASK = "UPDATE alert_failures SET state = 'asked' WHERE alert_id = :id AND state = 'failed'"
_TRIED_BY = """
    UPDATE alerts SET
        tried_by = :user_id, tried = tried + :pictures, version = version + 1
    WHERE id = :id
"""
_ASKED = """
    SELECT f.alert_id, j.* FROM alert_failures AS f JOIN jobs AS j ON j.id = f.job_id
    WHERE f.state = 'asked' ORDER BY f.seq LIMIT :limit
"""
_TRIED = "UPDATE alert_failures SET state = 'tried' WHERE job_id = :job_id"
_FORGET_OLD = """
    DELETE FROM alerts WHERE closed_at < :moment AND NOT EXISTS (
        SELECT 1 FROM alert_failures WHERE alert_failures.alert_id = alerts.id
    )
"""
# What is shown elsewhere can no longer be changed.
_CLOSE_OTHERS = """
    UPDATE alerts SET closed_at = coalesce(closed_at, :now), shown = version
    WHERE target <> :target AND (closed_at IS NULL OR version > shown)
"""


class SqliteAlerts:
    """Implements the port Alerts."""

    def __init__(self, *, db: Database) -> None:
        self._db = db

    async def aim(self, target: str | None, *, now: datetime) -> None:
        """Tell *target* from now on; None: nobody, and what was not heard is forgotten.

        An alert of which no job is left has outlived its use.
        """

        def write(db: sqlite3.Connection) -> None:
            db.execute(_FORGET_OLD, {"moment": time_text(now - _KEPT_FOR)})
            before = [row["target"] for row in db.execute(_TARGETS).fetchall()]
            if before == ([] if target is None else [target]):
                return
            db.execute(_HUSH)
            db.execute(_CLOSE_OTHERS, {"target": target or "", "now": time_text(now)})
            if target is None:
                db.execute(_FORGET_ENDS)
            else:
                db.execute(_AIM, {"target": target})

        await self._db.write(write)

    async def hear(
        self, fold: Callable[[Sequence[Alert], Sequence[JobEnd]], Heard]
    ) -> bool:
        """Let *fold* make of the next ends and the newest alert of each kind what it does.

        False when there were no ends. All of it is one transaction.
        """
        if not await self._db.read(lambda db: db.execute(_HAS_ENDS).fetchone()[0]):
            return False

        def write(db: sqlite3.Connection) -> bool:
            rows = db.execute(_ENDS, {"limit": _AT_ONCE}).fetchall()
            newest = [_read(row) for row in db.execute(_NEWEST).fetchall()]
            heard = fold(newest, [_read_end(row) for row in rows])
            db.executemany(_WRITE, [_row(alert) for alert in heard.alerts])
            failures = heard.failures.items()
            db.executemany(
                _ADD_FAILURE, [{"job_id": j, "alert_id": a} for j, a in failures]
            )
            if rows:
                db.execute(_DELETE_ENDS, {"seq": rows[-1]["seq"]})
            return bool(rows)

        return await self._db.write(write)

    async def live(self) -> list[Alert]:
        """Give those that are open, or of which more is to be shown, oldest first."""

        def read(db: sqlite3.Connection) -> list[Alert]:
            return [_read(row) for row in db.execute(_LIVE).fetchall()]

        return await self._db.read(read)

    async def find(self, alert: AlertId) -> Alert | None:
        """Give an alert by its id."""

        def read(db: sqlite3.Connection) -> Alert | None:
            row = db.execute(_FIND, {"id": alert}).fetchone()
            return None if row is None else _read(row)

        return await self._db.read(read)

    async def failed(self, alert: AlertId, *, jobs: int, people: int) -> Failed:
        """Give the latest failures, at most so many, and who asked for any."""

        def read(db: sqlite3.Connection) -> Failed:
            latest = db.execute(_LATEST, {"id": alert, "limit": jobs}).fetchall()
            asked = db.execute(_PEOPLE, {"id": alert}).fetchall()
            return Failed(
                jobs=tuple(JobId(row["job_id"]) for row in latest),
                people=tuple(_person(row) for row in asked[:people]),
                more_people=max(0, len(asked) - people),
            )

        return await self._db.read(read)

    async def shown(self, alert: AlertId, version: int, *, now: datetime) -> None:
        """Note that its message tells that version."""
        row = {"id": alert, "version": version, "now": time_text(now)}
        await self._do(_SHOWN, row)

    async def put_off(self, alert: AlertId, until: datetime, *, refusals: int) -> None:
        """Let the sender's next try wait until then."""
        row = {"id": alert, "until": time_text(until), "refusals": refusals}
        await self._do(_PUT_OFF, row)

    async def close(self, alert: AlertId, *, now: datetime) -> None:
        """Note that it is over; the next failure of its kind opens another."""
        await self._do(_CLOSE, {"id": alert, "now": time_text(now)})

    async def write_notes(
        self, alert: AlertId, notes: Mapping[str, Any], *, is_over: bool
    ) -> None:
        """Replace the sender's notes; durable when this returns."""
        row = {"id": alert, "notes": json.dumps(dict(notes))}
        await self._do(_WRITE_OVER_NOTES if is_over else _WRITE_NOTES, row)

    async def ask_again(self, alert: AlertId, person: Person) -> int:
        """Write down that all its failures not tried again so far shall be; count them.

        They are counted in pictures.
        """

        def write(db: sqlite3.Connection) -> int:
            (pictures,) = db.execute(_ASKED_PICTURES, {"id": alert}).fetchone()
            if db.execute(_ASK, {"id": alert}).rowcount:
                row = {"id": alert, "user_id": person.user_id, "pictures": pictures}
                db.execute(_TRIED_BY, row)
            return int(pictures)

        return await self._db.write(write)

    async def asked(self, *, limit: int = 50) -> list[tuple[AlertId, Job]]:
        """Give failed jobs that are to be tried again, oldest first."""

        def read(db: sqlite3.Connection) -> list[tuple[AlertId, Job]]:
            rows = db.execute(_ASKED, {"limit": limit}).fetchall()
            return [(AlertId(row["alert_id"]), read_job(row)) for row in rows]

        return await self._db.read(read)

    async def tried(self, job: JobId) -> None:
        """Note that a failed job was tried again."""
        await self._do(_TRIED, {"job_id": job})

    async def _do(self, sql: str, row: Parameters) -> None:
        await self._db.write(lambda db: db.execute(sql, row).rowcount)


def _row(alert: Alert) -> Parameters:
    return {
        "id": alert.id,
        "kind": alert.kind.value,
        "target": alert.target,
        "opened_at": time_text(alert.opened_at),
        "last_at": time_text(alert.last_at),
        "count": alert.count,
        "error": alert.error,
        "flaps": alert.flaps,
        "worked_at": time_text(alert.worked_at) if alert.worked_at else None,
        "version": alert.version,
    }


def _read(row: sqlite3.Row) -> Alert:
    return Alert(
        id=AlertId(row["id"]),
        kind=AlertKind(row["kind"]),
        target=row["target"],
        opened_at=read_time(row["opened_at"]),
        last_at=read_time(row["last_at"]),
        count=row["count"],
        error=row["error"],
        flaps=row["flaps"],
        worked_at=_time(row["worked_at"]),
        closed_at=_time(row["closed_at"]),
        version=row["version"],
        shown=row["shown"],
        shown_at=_time(row["shown_at"]),
        not_before=_time(row["not_before"]),
        refusals=row["refusals"],
        tried_by=row["tried_by"],
        tried=row["tried"],
        notes=json.loads(row["notes"]),
        over_notes=json.loads(row["over_notes"]),
    )


def _read_end(row: sqlite3.Row) -> JobEnd:
    return JobEnd(
        job_id=JobId(row["job_id"]),
        has_failed=bool(row["has_failed"]),
        error_kind=row["error_kind"],
        error=row["error"] and _without_prompt(row["error"], row["request"]),
    )


def _without_prompt(error: str, request: str) -> str:
    """Give what went wrong without what was asked for: Ideogram's answer may quote it."""
    asked = json.loads(request)
    for words in (asked["prompt"], asked.get("negative_prompt")):
        error = without(error, words or "")
    return error


def _person(row: sqlite3.Row) -> Person:
    return Person(
        platform=Platform(row["platform"]),
        workspace_id=row["workspace_id"],
        user_id=row["user_id"],
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else read_time(text)
