"""Adding records that come from elsewhere: nothing that is here is ever changed."""

import sqlite3
from collections.abc import Iterable, Sequence

from bot.domain.importing import is_same
from bot.domain.record import Record, RecordId
from bot.errors import WrongInput
from storage.sqlite.rows import read_record
from storage.sqlite.transfers import put_soon
from storage.sqlite.writing import write_new

_GET = "SELECT * FROM generations WHERE id = :id"


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
