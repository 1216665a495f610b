"""Messages whose pictures are deleted: written down with the deletion, settled later."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.exchange import time_text
from bot.domain.people import Platform
from bot.domain.record import PostedMessage, RecordId
from bot.ports.upkeep import TakeBack
from storage.sqlite.database import Database
from storage.sqlite.writing import delete_records

# What the post step noted (Slack: the files) is lost once its job is deleted.
_SHOWN = """
    SELECT DISTINCT
        p.platform, p.workspace_id, p.channel_id, p.message_id,
        coalesce(s.notes, '{}') AS notes
    FROM posted AS p
    JOIN generations AS g ON g.id = p.record_id
    LEFT JOIN steps AS s ON s.job_id = coalesce(p.job_id, g.job_id) AND s.step = 'post'
    WHERE p.record_id IN (SELECT value FROM json_each(:ids))
"""
_TAKE_BACK = """
    INSERT INTO take_backs (
        platform, workspace_id, channel_id, message_id, notes, not_before
    )
    SELECT :platform, :workspace_id, :channel_id, :message_id, :notes, ''
    WHERE NOT EXISTS (
        SELECT 1 FROM posted
        WHERE platform = :platform AND workspace_id = :workspace_id
        AND channel_id = :channel_id AND message_id = :message_id
    )
    ON CONFLICT DO NOTHING
"""
# What is far away was put there by a clock that was set back since.
_DUE = """
    SELECT * FROM take_backs WHERE not_before <= :now OR not_before > :latest
    ORDER BY not_before, number LIMIT :limit
"""
_SETTLE = "DELETE FROM take_backs WHERE number = :number"
_PUT_OFF = """
    UPDATE take_backs SET not_before = :until, failures = :failures
    WHERE number = :number
"""


def delete_and_take_back(
    db: sqlite3.Connection, records: Sequence[RecordId], *, unless_pinned: bool
) -> list[str]:
    """Delete records, note which messages show nothing any more; give the unused paths."""
    shown = db.execute(_SHOWN, {"ids": json.dumps(list(records))}).fetchall()
    paths = delete_records(db, records, unless_pinned=unless_pinned)
    db.executemany(_TAKE_BACK, [dict(message) for message in shown])
    return paths


class SqliteTakeBacks:
    """Implements the port TakeBacks."""

    def __init__(self, *, db: Database) -> None:
        self._db = db

    async def due(
        self, now: datetime, *, longest: timedelta = timedelta(hours=1), limit: int = 20
    ) -> list[TakeBack]:
        """Give those whose time has come, oldest first; no wait is longer than *longest*."""
        latest = time_text(now + longest)
        values = {"now": time_text(now), "latest": latest, "limit": limit}

        def read(db: sqlite3.Connection) -> list[TakeBack]:
            return [_read(row) for row in db.execute(_DUE, values).fetchall()]

        return await self._db.read(read)

    async def settle(self, number: int) -> None:
        """Forget one: it is done, or never will be."""
        values = {"number": number}
        await self._db.write(lambda db: db.execute(_SETTLE, values).rowcount)

    async def put_off(self, number: int, until: datetime, *, failures: int) -> None:
        """Let one wait until then."""
        values = {"number": number, "until": time_text(until), "failures": failures}
        await self._db.write(lambda db: db.execute(_PUT_OFF, values).rowcount)


def _read(row: sqlite3.Row) -> TakeBack:
    message = PostedMessage(
        channel_id=row["channel_id"], message_id=row["message_id"], record_ids=()
    )
    return TakeBack(
        number=row["number"],
        platform=Platform(row["platform"]),
        message=message,
        notes=json.loads(row["notes"]),
        failures=row["failures"],
    )
