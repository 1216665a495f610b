"""The one thread that writes: operations come in by a queue and share their commits.

Whatever waits in the queue is run inside one transaction, each operation in a savepoint
of its own, and answered after the one commit. So a hundred callers at once cost a few
syncs of the disk, and a caller alone waits for nobody.
"""

import asyncio
import contextlib
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import StorageError
from storage.faults import from_sqlite

log = logging.getLogger(__name__)

Operation = Callable[[sqlite3.Connection], Any]

# Longer transactions keep the first of their callers waiting for the last.
_MOST_TOGETHER = 200
# So many changed rows are copied from the log within a few milliseconds.
_OFTEN = 300


@dataclass(frozen=True, slots=True)
class _Call:
    """One operation and who waits for it."""

    operation: Operation
    answer: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one call."""

    call: _Call
    value: Any = None
    error: Exception | None = None


class Writer:
    """Owns the writing connection. `open` is called on the thread itself."""

    def __init__(self, *, path: Path, open: Callable[[], sqlite3.Connection]) -> None:  # noqa: A002 - reads well at the caller's
        self._path = path
        self._open = open
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="sqlite-writer")
        self._is_closed = False
        self._is_refusing = False
        self._copied = 0  # rows changed in all when the log was last copied

    async def start(self) -> None:
        """Open the database. Raises: StorageError."""
        self._thread.start()
        try:
            # Shielded: the thread tells it how opening went, also when nobody waits.
            await asyncio.shield(asyncio.wrap_future(self._opened))
        except BaseException:
            self._calls.put(None)
            raise

    async def run(self, operation: Operation) -> Any:
        """Give what *operation* returned, once it is durable.

        It runs to its end even when the caller is cancelled meanwhile, who hears of the
        cancellation after it: what stands after the call may rely on that.
        """
        if self._is_closed:
            raise StorageError("The database is closed; this program is ending.")
        answer = asyncio.get_running_loop().create_future()
        self._calls.put(_Call(operation, answer))
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            await _outlast(answer)
            raise

    async def stop(self) -> None:
        """Finish what waits, then close the database."""
        self._is_closed = True
        self._calls.put(None)
        await asyncio.to_thread(self._thread.join)

    # --- on the thread ------------------------------------------------------

    def _run(self) -> None:
        try:
            connection = self._open()
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            self._opened.set_exception(error)
            return
        self._opened.set_result(None)
        try:
            while calls := self._next():
                _answer(self._commit(connection, calls))
                self._copy_log(connection)
        finally:
            connection.close()

    def _next(self) -> list[_Call]:
        """Wait for a call, give it with all that wait behind it; nothing at the end."""
        first = self._calls.get()
        if first is None:
            return []
        calls = [first]
        while len(calls) < _MOST_TOGETHER:
            try:
                call = self._calls.get_nowait()
            except queue.Empty:
                break
            if call is None:
                self._calls.put(None)
                break
            calls.append(call)
        return calls

    def _commit(
        self, connection: sqlite3.Connection, calls: Sequence[_Call]
    ) -> list[_Outcome]:
        try:
            connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._outcome(connection, call) for call in calls]
            connection.execute("COMMIT")
            self._is_refusing = False
        except Exception as error:  # noqa: BLE001 - every caller must be answered
            # Disk full and the like end the whole transaction: nobody's work is kept.
            if connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
            return [_Outcome(call, error=self._refusal(error)) for call in calls]
        return outcomes

    def _copy_log(self, connection: sqlite3.Connection) -> None:
        """Copy the write-ahead log into the database while nobody waits.

        SQLite does it within the commit that finds the log long, for all the longer
        (https://www.sqlite.org/wal.html#ckpt).
        """
        if connection.total_changes - self._copied < _OFTEN or not self._calls.empty():
            return
        self._copied = connection.total_changes
        with contextlib.suppress(sqlite3.Error):  # the next one may do
            connection.execute("PRAGMA wal_checkpoint (PASSIVE)").fetchone()

    def _outcome(self, connection: sqlite3.Connection, call: _Call) -> _Outcome:
        connection.execute("SAVEPOINT one")
        try:
            value = call.operation(connection)
        except Exception as error:
            if not connection.in_transaction:
                raise
            connection.execute("ROLLBACK TO one")
            connection.execute("RELEASE one")
            return _Outcome(call, error=self._refusal(error))
        connection.execute("RELEASE one")
        return _Outcome(call, value=value)

    def _refusal(self, error: Exception) -> Exception:
        """Give what the caller is to hear: SQLite's errors in words, others as they are."""
        if not isinstance(error, sqlite3.Error):
            return error
        # Everybody asks again every few seconds: the first refusal says it.
        level = logging.DEBUG if self._is_refusing else logging.WARNING
        self._is_refusing = True
        log.log(level, "The database refused to write: %s", error)
        refusal = from_sqlite(error, self._path)
        refusal.__cause__ = error
        return refusal


async def _outlast(answer: asyncio.Future[Any]) -> None:
    """Wait for *answer*, however often the caller is cancelled: it takes milliseconds."""
    while not answer.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait([answer])
    answer.exception()  # heard, so that nobody complains about it


def _answer(outcomes: Sequence[_Outcome]) -> None:
    """Wake each caller's event loop once."""
    loops: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
    for outcome in outcomes:
        loops.setdefault(outcome.call.answer.get_loop(), []).append(outcome)
    for loop, answered in loops.items():
        try:
            loop.call_soon_threadsafe(_settle, answered)
        except RuntimeError:
            log.debug("An event loop ended before its database calls did")


def _settle(outcomes: Sequence[_Outcome]) -> None:
    for outcome in outcomes:
        answer = outcome.call.answer
        if outcome.error is None:
            answer.set_result(outcome.value)
        else:
            answer.set_exception(outcome.error)
