"""Callbacks, durable, in SQLite; when which is sent the delivery knows."""

import json
import sqlite3
from collections.abc import Collection
from datetime import datetime, timedelta

from bot.domain.callback import Callback, CallbackState, DeliveryId
from bot.domain.exchange import time_text
from storage.sqlite.database import Database
from storage.sqlite.outbox import add_callback
from storage.sqlite.rows import Parameters, callback_row, read_callback

# The first pending one of each subject, a batch's after those of its lines. Those of
# receivers that are busy enough are left out here, so that one that hangs never fills the
# page. What is far away was put there by a clock that was set back since.
_DUE = """
    SELECT * FROM callbacks AS c
    WHERE state = 'pending' AND (not_before <= :until OR not_before > :latest)
    AND subject NOT IN (SELECT value FROM json_each(:busy))
    AND host NOT IN (SELECT value FROM json_each(:full))
    AND NOT EXISTS (
        SELECT 1 FROM callbacks AS earlier INDEXED BY callbacks_subject
        WHERE earlier.subject = c.subject AND earlier.state = 'pending'
        AND earlier.seq < c.seq
    )
    AND NOT EXISTS (
        SELECT 1 FROM jobs JOIN callbacks AS line ON line.subject = jobs.id
        WHERE jobs.batch_id = c.subject AND line.state = 'pending'
    )
    ORDER BY not_before, seq LIMIT :limit
"""
_SAVE = """
    UPDATE callbacks SET
        state = :state, attempts = :attempts, since = :since, not_before = :not_before,
        last_error = :last_error
    WHERE id = :id
"""
# A receiver that was not there for a day is not waited for once more for each event.
_SHARE_WAIT = """
    UPDATE callbacks SET since = :since
    WHERE subject = :subject AND state = 'pending' AND since IS NULL
"""
_FIND = "SELECT * FROM callbacks WHERE id = :id"
_OF = "SELECT * FROM callbacks WHERE subject = :subject ORDER BY seq"
_NEWEST = "SELECT * FROM callbacks ORDER BY seq DESC LIMIT :limit"
_FAILED = """
    SELECT * FROM callbacks
    WHERE state <> 'delivered' AND last_error IS NOT NULL ORDER BY seq DESC LIMIT :limit
"""
_RESEND = """
    UPDATE callbacks SET state = 'pending', attempts = 0, since = NULL, not_before = ''
    WHERE id = :id
"""


class SqliteCallbacks:
    """Implements the port Callbacks."""

    def __init__(self, *, db: Database) -> None:
        self._db = db

    async def add(self, callback: Callback) -> bool:
        """Write *callback* down; False when its id is there already."""
        return await self._db.write(lambda db: add_callback(db, callback))

    async def due(
        self,
        until: datetime,
        *,
        longest: timedelta = timedelta(hours=1),
        busy: Collection[str] = (),
        full: Collection[str] = (),
        limit: int = 50,
    ) -> list[Callback]:
        """Give the first pending one of each subject, if its time comes by *until*.

        No wait is longer than *longest*.
        """
        values = {
            "until": time_text(until),
            "latest": time_text(until + longest),
            "busy": json.dumps(list(busy)),
            "full": json.dumps(list(full)),
            "limit": limit,
        }
        return await self._read(_DUE, values)

    async def save(self, callback: Callback) -> None:
        """Write down how a try ended."""
        row = callback_row(callback)

        def write(db: sqlite3.Connection) -> None:
            db.execute(_SAVE, row)
            if callback.state is CallbackState.DEAD:
                db.execute(_SHARE_WAIT, row)

        await self._db.write(write)

    async def find(self, callback: DeliveryId) -> Callback | None:
        """Give a callback by its id."""
        found = await self._read(_FIND, {"id": callback})
        return found[0] if found else None

    async def of_subject(self, subject: str) -> list[Callback]:
        """Give a job's or a batch's callbacks in their order."""
        return await self._read(_OF, {"subject": subject})

    async def callbacks(
        self, *, is_failed: bool = False, limit: int = 100
    ) -> list[Callback]:
        """Give callbacks, newest first; with *is_failed* those not taken so far."""
        if is_failed:  # each of them is somebody's to look after
            return await self._read(_FAILED, {"limit": -1})
        return await self._read(_NEWEST, {"limit": limit})

    async def resend(self, callback: DeliveryId) -> Callback | None:
        """Make a callback pending again, now, for another day; None when it is gone."""

        def write(db: sqlite3.Connection) -> Callback | None:
            if not db.execute(_RESEND, {"id": callback}).rowcount:
                return None
            return read_callback(db.execute(_FIND, {"id": callback}).fetchone())

        return await self._db.write(write)

    async def _read(self, sql: str, values: Parameters) -> list[Callback]:
        def read(db: sqlite3.Connection) -> list[Callback]:
            return [read_callback(row) for row in db.execute(sql, values).fetchall()]

        return await self._db.read(read)
