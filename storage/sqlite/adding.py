"""Adding records that come from elsewhere: nothing that is here is ever changed."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager

from bot.domain.importing import is_same
from bot.domain.record import Record, RecordId
from bot.errors import WrongInput
from storage.sqlite.rows import read_record, record_row
from storage.sqlite.transfers import put_soon
from storage.sqlite.writing import write_new

_GET = "SELECT * FROM generations WHERE id = :id"
_MAKE_SEEN = "CREATE TABLE seen (id TEXT PRIMARY KEY, digest BLOB) WITHOUT ROWID"
_SEE = "INSERT OR IGNORE INTO seen (id, digest) VALUES (:id, :digest)"
_SEEN = "SELECT digest FROM seen WHERE id = :id"


class Seen:
    """The records met so far in one file, on disk where they are many."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def is_another(self, record: Record) -> bool:
        """Say whether its id was met before with other contents."""
        row = json.dumps(record_row(record)).encode()
        met = {"id": record.id, "digest": hashlib.sha256(row).digest()}
        self._db.execute(_SEE, met)
        (first,) = self._db.execute(_SEEN, met).fetchone()
        return bool(first != met["digest"])


@contextmanager
def open_seen() -> Iterator[Seen]:
    """Open a memory that is gone at the end of the block."""
    with closing(sqlite3.connect("", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = OFF")
        db.execute(_MAKE_SEEN)
        yield Seen(db)


def find_conflicts(
    db: sqlite3.Connection, records: Iterable[Record], *, has_seed_keys: bool
) -> set[RecordId]:
    """Give the ids that are here with other contents."""
    return {
        record.id
        for record in records
        if (kept := _find(db, record.id))
        and not is_same(kept, record, has_seed_keys=has_seed_keys)
    }


def add_records(
    db: sqlite3.Connection,
    records: Sequence[Record],
    *,
    has_seed_keys: bool,
    has_bucket: bool = False,
) -> list[Record]:
    """Write down those whose id is not here yet; give them.

    With *has_bucket* their files are brought there. Raises: WrongInput.
    """
    if conflicts := find_conflicts(db, records, has_seed_keys=has_seed_keys):
        ids = ", ".join(sorted(conflicts))
        raise WrongInput(f"Meanwhile other records took these ids: {ids}.")
    added = write_new(db, records)
    if has_bucket:
        put_soon(db, [record.stored_path for record in added if record.stored_path])
    return added


def _find(db: sqlite3.Connection, record: RecordId) -> Record | None:
    row = db.execute(_GET, {"id": record}).fetchone()
    return None if row is None else read_record(row)
