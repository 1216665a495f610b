"""A file that grows out of sight until it is whole, and goes on growing after a crash.

Beside FILE lie `.FILE.part`, locked while it is written, and `.FILE.part.note`: up to where
it is whole. Whoever finds both cuts the part there and goes on.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bot.errors import WrongInput

_BETWEEN_NOTES = 8 * 1024 * 1024  # bytes that are written once more after a crash


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Up to where a part is whole: *size* bytes, all up to *position* of its source."""

    form: str
    source: str
    position: int = 0
    records: int = 0
    pictures: int = 0
    lost: int = 0
    size: int = 0


class Unfinished:
    """The part, open; `note` is the last one that was written down."""

    def __init__(self, *, handle: int, part: Path, note: Note) -> None:
        self._out = os.fdopen(handle, "r+b")
        self._part = part
        self.note = note
        self.rewind(note.size)

    @property
    def size(self) -> int:
        """Give the bytes written so far."""
        return self._out.tell()

    def write(self, content: bytes) -> None:
        """Append *content*."""
        self._out.write(content)

    def rewind(self, size: int) -> None:
        """Take back what was written behind *size*."""
        self._out.seek(size)
        self._out.truncate()

    def checkpoint(self, note: Note) -> None:
        """Write down that all so far is whole; now and then, for it takes a while."""
        if self.size - self.note.size < _BETWEEN_NOTES:
            return
        self._sync()
        note = replace(note, size=self.size)
        path, new = note_path(self._part), note_path(self._part).with_suffix(".new")
        new.write_text(json.dumps(asdict(note)), encoding="utf-8")
        new.replace(path)
        self.note = note

    def finish(self, target: Path) -> None:
        """Put it in its place."""
        self._sync()
        self._part.replace(target)
        note_path(self._part).unlink(missing_ok=True)
        _sync_folder(target.parent)

    def give_up(self) -> None:
        """Close it; nothing is left when there is nothing to go on from."""
        if not self.note.size and _is_same(self._out.fileno(), self._part):
            self._part.unlink(missing_ok=True)
            note_path(self._part).unlink(missing_ok=True)
        self._out.close()  # and with it the lock goes

    def _sync(self) -> None:
        self._out.flush()
        os.fsync(self._out.fileno())


@contextmanager
def growing(target: Path, *, form: str, source: str) -> Iterator[Unfinished]:
    """Open what becomes *target*, where an earlier one was cut off if it was the same.

    It takes the place of *target* at the end of the block; cut off, it stays for the
    next. Raises: WrongInput when another one is at work.
    """
    part = part_path(target)
    handle = _locked(part)
    if handle is None:
        raise WrongInput(
            f"Another export writes {target} at this moment. Wait for it, or name "
            "another file."
        )
    begun = _read_note(note_path(part), os.fstat(handle).st_size)
    new = Note(form=form, source=source)
    is_same = begun and (begun.form, begun.source) == (form, source)
    unfinished = Unfinished(
        handle=handle, part=part, note=begun if begun and is_same else new
    )
    try:
        yield unfinished
        unfinished.finish(target)
    finally:
        unfinished.give_up()


def part_path(target: Path) -> Path:
    """Give the file that becomes *target*."""
    return target.with_name(f".{target.name}.part")


def note_path(part: Path) -> Path:
    """Give the note beside *part*."""
    return part.with_name(f"{part.name}.note")


def _locked(part: Path) -> int | None:
    while True:
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        if _is_same(handle, part):
            return handle
        os.close(handle)  # moved to its place by who was writing it


def _is_same(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _read_note(path: Path, size: int) -> Note | None:
    """Give the note, unless it is of another part or none."""
    try:
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        note = Note(**values)
        is_right = all(
            isinstance(value, type(getattr(Note(form="", source=""), name)))
            for name, value in asdict(note).items()
        )
    except (OSError, ValueError, TypeError):
        return None
    return note if is_right and 0 <= note.size <= size else None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
