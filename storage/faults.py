"""What the disk or the database says no with, as StorageError.

One sentence names what is wrong, one the remedy. No OSError and no sqlite3 exception
leaves this package.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StorageError

_FULL = "The disk that holds {path} is full. Free some space there, then try again."
_READ_ONLY = (
    "{path} cannot be written. Give the user that runs this bot the right to write there, "
    "or choose another place in the settings."
)
_NO_FOLDER = (
    "{path} is not a place for files: a part of that path is missing or no folder. "
    "Correct the path in the settings."
)
_BROKEN = (
    "{path} is damaged or no database. Put it aside or bring back a copy from before, "
    "then start again."
)
_LOCKED = (
    "The database {path} is locked by another program. End that program, or try again "
    "in a moment."
)
_CANNOT_OPEN = (
    "The database {path} cannot be opened. Check that its folder exists and that the user "
    "that runs this bot may write there."
)

_BY_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,  # a limit on the size of files: RLIMIT_FSIZE, or the disk's own
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.ENOTDIR: _NO_FOLDER,
    errno.EEXIST: _NO_FOLDER,
    errno.EISDIR: _NO_FOLDER,
    errno.ENOENT: _NO_FOLDER,
    errno.ENAMETOOLONG: _NO_FOLDER,
}

# https://www.sqlite.org/rescode.html; the low byte is the primary code.
_BY_SQLITE_CODE = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _CANNOT_OPEN,
    sqlite3.SQLITE_CORRUPT: _BROKEN,
    sqlite3.SQLITE_NOTADB: _BROKEN,
}
# Writing failed for another reason than a full disk: a limit or a quota, as a rule.
_WRITE_FAILED = (
    "The disk refused to write the database {path}. Check that it has space left and "
    "that no limit on the size of files stands in the way."
)


# The last ones: what readers and writers share (bot.db-shm) could not be made or grown.
_NO_ROOM_TO_WRITE = {
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMMAP,
}


def from_os(error: OSError, path: Path) -> StorageError:
    """Give the error for what the system refused to do at *path*."""
    text = _BY_ERRNO.get(error.errno or 0)
    if text is None:
        reason = error.strerror or type(error).__name__
        text = (
            f"The disk refused to work on {{path}}: {reason}. Check it, then try again."
        )
    return StorageError(text.format(path=path))


def from_sqlite(error: sqlite3.Error, path: Path) -> StorageError:
    """Give the error for what SQLite refused to do with the database at *path*."""
    code = getattr(error, "sqlite_errorcode", 0) or 0
    text = _BY_SQLITE_CODE.get(code & 0xFF)
    if code in _NO_ROOM_TO_WRITE:
        text = _WRITE_FAILED
    if text is None:
        name = getattr(error, "sqlite_errorname", None) or type(error).__name__
        text = f"The database {{path}} failed ({name}). Look for the reason in the log."
    return StorageError(text.format(path=path))


@contextmanager
def as_storage_error(path: Path) -> Iterator[None]:
    """Turn what the disk or SQLite raises in this block into StorageError."""
    try:
        yield
    except sqlite3.Error as error:
        raise from_sqlite(error, path) from error
    except OSError as error:
        raise from_os(error, path) from error
