"""The write-ahead log goes into the database file on a thread of its own.

SQLite by itself copies it within the commit that finds the log long, and everyone who
writes waits for that (https://www.sqlite.org/wal.html#ckpt). It still does when this
thread falls far behind.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

# A changed row costs one to five pages of the log.
_OFTEN = 500
# What is written during a checkpoint is left over; without it the log begins anew.
_ROUNDS = 3


class Checkpoints:
    """Copies the log each time a few hundred rows have changed.

    `open` is called on the thread itself.
    """

    def __init__(self, *, open: Callable[[], sqlite3.Connection]) -> None:  # noqa: A002 - reads well at the caller's
        self._open = open
        self._changes = 0
        self._is_wanted = threading.Event()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="sqlite-checkpoints")

    def start(self) -> None:
        """Wait for changes, on a thread."""
        self._thread.start()

    def after_commit(self, changes: int) -> None:
        """Hear how many rows the writer has changed in all."""
        if changes - self._changes >= _OFTEN:
            self._changes = changes
            self._is_wanted.set()

    def stop(self) -> None:
        """End the thread, after what it is at."""
        self._is_closed = True
        self._is_wanted.set()
        self._thread.join()

    # --- on the thread ------------------------------------------------------

    def _run(self) -> None:
        connection: sqlite3.Connection | None = None
        while self._is_wanted.wait() and not self._is_closed:
            self._is_wanted.clear()
            try:
                connection = connection or self._open()
                _copy(connection)
            except Exception as error:  # noqa: BLE001 - nobody waits; the next may do
                log.debug("The log was not copied into the database: %s", error)
        if connection is not None:
            connection.close()


def _copy(connection: sqlite3.Connection) -> None:
    """Copy all that can be copied without holding anybody up."""
    for _ in range(_ROUNDS):
        row = connection.execute("PRAGMA wal_checkpoint (PASSIVE)").fetchone()
        is_busy, in_log, copied = row
        if is_busy or in_log == copied:
            return
