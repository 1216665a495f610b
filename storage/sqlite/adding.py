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
_FORGET_SWEEPS = "DELETE FROM sweeps WHERE older_than_s IS NOT NULL"
# What is withheld has no file because somebody wanted it so.
_BRING_BACK = """
    UPDATE generations SET stored_path = :path
    WHERE id = :id AND stored_path IS NULL AND sha256 = :sha256
    AND is_safe = 1 AND withheld IS NULL
"""


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
    if added:  # a sweep of all that is old was not meant for these
        db.execute(_FORGET_SWEEPS)
    if has_bucket:
        put_soon(db, [record.stored_path for record in added if record.stored_path])
    return added


def bring_back(
    db: sqlite3.Connection, records: Sequence[Record], *, has_bucket: bool
) -> int:
    """Give records that lost their file the one of *records*, where it was theirs."""
    found = []
    for one in records:
        row = {"id": one.id, "path": one.stored_path, "sha256": one.sha256}
        if one.stored_path and db.execute(_BRING_BACK, row).rowcount:
            found.append(one.stored_path)
    if has_bucket:
        put_soon(db, found)
    return len(found)


def _find(db: sqlite3.Connection, record: RecordId) -> Record | None:
    row = db.execute(_GET, {"id": record}).fetchone()
    return None if row is None else read_record(row)
