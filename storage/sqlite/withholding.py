"""Why a record has no file: a column beside those that records are exported with."""

import sqlite3
from collections.abc import Sequence

from bot.domain.record import Record

_SET_WITHHELD = "UPDATE generations SET withheld = :withheld WHERE id = :id"


def write_withheld(db: sqlite3.Connection, records: Sequence[Record]) -> None:
    """Write down why records that were just written have no file."""
    rows = [{"id": record.id, "withheld": record.withheld} for record in records]
    db.executemany(_SET_WITHHELD, rows)
