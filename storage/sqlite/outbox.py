"""Writing callbacks down, inside the transaction of what they tell of.

So nothing happens of which nobody will be told, and nobody is told of what did not happen.
A callback that is there already stays as it is: its id says what it tells of.
"""

import sqlite3
from collections.abc import Sequence

from bot.domain.callback import (
    Callback,
    Event,
    end_id,
    event_of_end,
    ready_id,
)
from bot.domain.exchange import read_time
from bot.domain.job import Job, JobId
from bot.domain.record import Record
from storage.sqlite.rows import callback_row

_INSERT = """
    INSERT INTO callbacks (
        id, subject, event, url, host, record_id, details, state, attempts, created_at,
        since, not_before, last_error
    ) VALUES (
        :id, :subject, :event, :url, :host, :record_id, :details, :state, :attempts,
        :created_at, :since, :not_before, :last_error
    )
    ON CONFLICT (id) DO NOTHING
"""
_RECEIVER = """
    SELECT callback_url, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') AS now
    FROM jobs WHERE id = :job AND callback_url IS NOT NULL
"""


def add_callback(db: sqlite3.Connection, callback: Callback) -> bool:
    """Write *callback* down; False when it is there already."""
    return db.execute(_INSERT, callback_row(callback)).rowcount == 1


def add_ready(db: sqlite3.Connection, job: JobId, records: Sequence[Record]) -> None:
    """Write down that the pictures of *records* are kept, if somebody wants to know."""
    receiver = db.execute(_RECEIVER, {"job": job}).fetchone()
    if receiver is None:
        return
    for record in records:
        if record.stored_path is None:
            continue
        callback = Callback(
            id=ready_id(record.id),
            subject=job,
            event=Event.IMAGE_READY,
            url=receiver["callback_url"],
            created_at=read_time(receiver["now"]),
            record_id=record.id,
        )
        add_callback(db, callback)


def add_end(db: sqlite3.Connection, job: Job) -> None:
    """Write down that *job* has ended, if it has and somebody wants to know."""
    if not job.state.is_final:
        return
    receiver = db.execute(_RECEIVER, {"job": job.id}).fetchone()
    if receiver is None:
        return
    event = event_of_end(job.state)
    callback = Callback(
        id=end_id(job.id, event),
        subject=job.id,
        event=event,
        url=receiver["callback_url"],
        created_at=read_time(receiver["now"]),
    )
    add_callback(db, callback)
