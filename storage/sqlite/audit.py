"""The audit log, in SQLite: what rules refused, and what moderators decided.

A storm of refusals makes one row a minute, and each new row takes some old ones with it.
"""

import sqlite3
from datetime import datetime, timedelta

from bot.domain.audit import AuditEntry, AuditSearch, Deed
from bot.domain.exchange import read_time, time_text
from bot.domain.people import Person, Platform
from storage.sqlite.database import Database
from storage.sqlite.rows import Parameters

KEPT_FOR = timedelta(days=400)
_SWEPT_AT_ONCE = 20

_ADD = """
    INSERT INTO audit (
        at, minute, platform, workspace_id, user_id, channel_id, action, rule, details,
        times
    )
    VALUES (
        :at, :minute, :platform, :workspace_id, :user_id, :channel_id, :action, :rule,
        :details, :times
    )
    ON CONFLICT DO UPDATE SET times = times + excluded.times
"""
_ENTRIES = """
    SELECT * FROM audit
    WHERE (:since IS NULL OR at >= :since) AND (:until IS NULL OR at <= :until)
    AND (:user IS NULL OR user_id = :user)
    AND (:rule IS NULL OR rule = :rule OR substr(rule, 1, length(:rule) + 1) = :rule || ' ')
    AND (:cursor IS NULL OR seq < :cursor)
    ORDER BY seq DESC LIMIT :limit
"""
_FORGET = """
    DELETE FROM audit WHERE seq IN (
        SELECT seq FROM audit WHERE minute < :minute ORDER BY minute LIMIT :limit
    )
"""


class SqliteAudit:
    """Implements the port Audit."""

    def __init__(self, *, db: Database) -> None:
        self._db = db

    async def add(self, entry: AuditEntry) -> None:
        """Write *entry* down, durable when this returns; the oldest may go for it."""
        await self._db.write(lambda db: add_entry(db, entry))

    async def entries(self, search: AuditSearch) -> list[AuditEntry]:
        """Give a page, newest first."""
        values = {
            "since": time_text(search.since) if search.since else None,
            "until": time_text(search.until) if search.until else None,
            "user": search.user_id,
            "rule": search.rule,
            "cursor": search.cursor,
            "limit": search.limit,
        }

        def read(db: sqlite3.Connection) -> list[AuditEntry]:
            return [_read(row) for row in db.execute(_ENTRIES, values).fetchall()]

        return await self._db.read(read)

    async def forget(self, before: datetime, *, limit: int = 500) -> int:
        """Forget entries made before *before*, at most *limit*; count them."""
        values = {"minute": _minute(before), "limit": limit}
        return await self._db.write(lambda db: db.execute(_FORGET, values).rowcount)


def add_entry(db: sqlite3.Connection, entry: AuditEntry) -> None:
    """Write *entry* down inside a transaction; the oldest may go for it."""
    old = {"minute": _minute(entry.at - KEPT_FOR), "limit": _SWEPT_AT_ONCE}
    db.execute(_ADD, _row(entry))
    db.execute(_FORGET, old)


def _row(entry: AuditEntry) -> Parameters:
    return {
        "at": time_text(entry.at),
        "minute": _minute(entry.at),
        "platform": entry.person.platform.value,
        "workspace_id": entry.person.workspace_id,
        "user_id": entry.person.user_id,
        "channel_id": entry.channel_id,
        "action": entry.deed.value,
        "rule": entry.rule,
        "details": entry.details,
        "times": entry.times,
    }


def _read(row: sqlite3.Row) -> AuditEntry:
    return AuditEntry(
        number=row["seq"],
        at=read_time(row["at"]),
        person=Person(
            platform=Platform(row["platform"]),
            workspace_id=row["workspace_id"],
            user_id=row["user_id"],
        ),
        channel_id=row["channel_id"],
        deed=Deed(row["action"]),
        rule=row["rule"],
        details=row["details"],
        times=row["times"],
    )


def _minute(moment: datetime) -> str:
    return time_text(moment)[:16]
