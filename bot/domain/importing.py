"""What an import reads, and when a record that is here already is the same one.

Pure. A source is read twice: once to check all of it, once to write it down.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import BinaryIO

from bot.domain.exchange import as_json, as_seed_json
from bot.domain.record import Record
from bot.errors import WrongInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """A picture inside an imported file, and the stored path it is for."""

    path: str
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a file, or what is wrong with it; lines count from 1.

    In a tar its members are counted, and pictures stand among them.
    """

    number: int
    content: Record | Enclosed | WrongInput


def _open_none(picture: Enclosed) -> AbstractContextManager[BinaryIO]:
    raise AssertionError(picture)  # what holds none is not asked for one


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file of records; `read` begins anew each time.

    With `has_seed_keys` it knows the seed document's keys only, the rest is made up.
    `open_picture` gives the bytes of a picture that it holds.
    """

    read: Callable[[], Iterator[Line]]
    has_seed_keys: bool = False
    open_picture: Callable[[Enclosed], AbstractContextManager[BinaryIO]] = _open_none


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did.

    `without_file` of the new records lost their stored path; `brought_back` of those that
    were here have their lost picture again.
    """

    imported: int = 0
    skipped: int = 0
    without_file: int = 0
    brought_back: int = 0


def is_same(kept: Record, new: Record, *, has_seed_keys: bool) -> bool:
    """Say whether *new* is the record that is here already.

    A file that only one of the two knows of makes no difference.
    """
    if kept.stored_path is None or new.stored_path is None:
        kept, new = replace(kept, stored_path=None), replace(new, stored_path=None)
    if has_seed_keys:
        return as_seed_json(kept) == as_seed_json(new)
    return as_json(kept) == as_json(new)
