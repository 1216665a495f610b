"""What the disk or the database says no with."""

import errno
import sqlite3
from pathlib import Path

import pytest

from bot.errors import StorageError
from storage.faults import as_storage_error, from_os, from_sqlite

PATH = Path("data/bot.db")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "full"),
        (errno.EDQUOT, "full"),
        (errno.EFBIG, "full"),
        (errno.EROFS, "cannot be written"),
        (errno.EACCES, "cannot be written"),
        (errno.ENOTDIR, "not a place for files"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_the_system_is_put_into_words(code, words):
    error = from_os(OSError(code, "Input/output error"), PATH)

    assert words in error.text
    assert str(PATH) in error.text
    assert error.retryable


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_BUSY, "locked"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "locked"),
        (sqlite3.SQLITE_FULL, "full"),
        (sqlite3.SQLITE_READONLY_DBMOVED, "cannot be written"),
        (sqlite3.SQLITE_IOERR_WRITE, "limit on the size"),
        (sqlite3.SQLITE_CORRUPT, "damaged"),
        (sqlite3.SQLITE_CANTOPEN, "cannot be opened"),
        (sqlite3.SQLITE_MISUSE, "failed"),
    ],
)
def test_sqlite_is_put_into_words(code, words):
    error = sqlite3.OperationalError("whatever")
    error.sqlite_errorcode = code

    assert words in from_sqlite(error, PATH).text


def test_the_cause_stays_for_the_log():
    with pytest.raises(StorageError) as caught, as_storage_error(PATH):
        raise PermissionError(errno.EACCES, "no")

    assert isinstance(caught.value.__cause__, PermissionError)
