"""What an import remembers while it reads, on disk where it is much.

SQLite is a tool here: these files are gone at the end, whichever database the records are
kept in.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

from bot.domain.exchange import as_json
from bot.domain.importing import Enclosed
from bot.domain.record import Record

_MAKE_SEEN = "CREATE TABLE seen (id TEXT PRIMARY KEY, digest BLOB) WITHOUT ROWID"
_SEE = "INSERT OR IGNORE INTO seen (id, digest) VALUES (:id, :digest)"
_SEEN = "SELECT digest FROM seen WHERE id = :id"
_MAKE_ENCLOSED = """
    CREATE TABLE enclosed (path TEXT PRIMARY KEY, start INTEGER, size INTEGER)
    WITHOUT ROWID
"""
_ADD = "INSERT OR IGNORE INTO enclosed VALUES (:path, :start, :size)"
_FIND = """
    SELECT path, start, size FROM enclosed
    WHERE path IN (SELECT value FROM json_each(:paths)) ORDER BY start
"""


class Seen:
    """The records met so far in one file."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def is_another(self, record: Record) -> bool:
        """Say whether its id was met before with other contents."""
        columns = json.dumps(as_json(record)).encode()
        met = {"id": record.id, "digest": hashlib.sha256(columns).digest()}
        if self._db.execute(_SEE, met).rowcount:
            return False
        (first,) = self._db.execute(_SEEN, met).fetchone()
        return bool(first != met["digest"])


class EnclosedPictures:
    """The pictures met so far in one file, and where in it they are."""

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
def open_seen() -> Iterator[Seen]:
    """Open a memory that is gone at the end of the block."""
    with _scratch(_MAKE_SEEN) as db:
        yield Seen(db)


@contextmanager
def open_enclosed() -> Iterator[EnclosedPictures]:
    """Open a memory that is gone at the end of the block."""
    with _scratch(_MAKE_ENCLOSED) as db:
        yield EnclosedPictures(db)


@contextmanager
def _scratch(table: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect("", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = OFF")
        db.execute(table)
        yield db
