"""Where in an imported file its pictures are, on disk where they are many."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

from bot.domain.importing import Enclosed

_MAKE = """
    CREATE TABLE enclosed (path TEXT PRIMARY KEY, start INTEGER, size INTEGER)
    WITHOUT ROWID
"""
_ADD = "INSERT OR IGNORE INTO enclosed VALUES (:path, :start, :size)"
_FIND = """
    SELECT path, start, size FROM enclosed
    WHERE path IN (SELECT value FROM json_each(:paths)) ORDER BY start
"""


class EnclosedPictures:
    """The pictures met so far in one file."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(self, picture: Enclosed) -> None:
        """Remember a picture; of those with one path the first."""
        values = {"path": picture.path, "start": picture.start, "size": picture.size}
        self._db.execute(_ADD, values)

    def find(self, paths: Iterable[str]) -> list[Enclosed]:
        """Give the pictures for those of *paths* that there are."""
        rows = self._db.execute(_FIND, {"paths": json.dumps(list(paths))}).fetchall()
        return [Enclosed(path=path, start=at, size=size) for path, at, size in rows]


@contextmanager
def open_enclosed() -> Iterator[EnclosedPictures]:
    """Open a memory that is gone at the end of the block."""
    with closing(sqlite3.connect("", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = OFF")
        db.execute(_MAKE)
        yield EnclosedPictures(db)
