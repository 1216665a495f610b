"""A memory of what was done once."""

import json
import sqlite3
from datetime import datetime

from bot.domain.exchange import time_text
from bot.ports.base import Clock
from storage.sqlite.database import Database

_ADD = "INSERT OR IGNORE INTO once (key, done_at) VALUES (:key, :done_at)"
_OLD = "SELECT key FROM once WHERE done_at < :moment LIMIT :limit"
_FORGET = "DELETE FROM once WHERE key IN (SELECT value FROM json_each(:keys))"


class SqliteOnce:
    """Implements the port Once."""

    def __init__(self, *, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def first(self, key: str) -> bool:
        """Give True exactly once for each *key*, also over restarts."""
        row = {"key": key, "done_at": time_text(self._clock.now())}
        return await self._db.write(lambda db: db.execute(_ADD, row).rowcount == 1)

    async def forget(self, before: datetime, *, limit: int = 500) -> int:
        """Forget what was done before *before*, at most *limit*; count it.

        Looked for by a reader: who writes does not wait while all are walked through.
        """
        values = {"moment": time_text(before), "limit": limit}

        def read(db: sqlite3.Connection) -> list[str]:
            return [row["key"] for row in db.execute(_OLD, values)]

        keys = {"keys": json.dumps(await self._db.read(read))}
        return await self._db.write(lambda db: db.execute(_FORGET, keys).rowcount)
