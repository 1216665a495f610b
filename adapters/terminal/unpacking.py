"""What is in a tar of records and pictures, read from its own bytes: nothing is unpacked.

Only plain files are taken, as packing.py writes them, and folders passed by. Links, devices
and everything else that a tar may hold is named as wrong.
"""

import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from adapters.terminal.packing import PICTURES, RECORDS
from bot.domain.importing import Enclosed
from bot.errors import WrongInput

_PLAIN = {tarfile.REGTYPE, tarfile.AREGTYPE}
_CUT_OFF = "The tar is cut off here."
_NO_TAR = "It is no tar, or damaged from here on."


@dataclass(frozen=True, slots=True)
class Lines:
    """A member with records."""

    name: str
    text: TextIO


Member = Lines | Enclosed | WrongInput


def members(tar: BinaryIO) -> Iterator[tuple[int, Member]]:
    """Give the members that matter, counted from 1."""
    end = os.fstat(tar.fileno()).st_size
    at = number = 0
    while True:
        number += 1
        tar.seek(at)
        try:
            header = tarfile.TarInfo.frombuf(
                tar.read(tarfile.BLOCKSIZE), "utf-8", "surrogateescape"
            )
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]  # typeshed has none
            return
        except tarfile.HeaderError as error:
            yield number, WrongInput(_CUT_OFF if at >= end else f"{_NO_TAR} ({error})")
            return
        start = at + tarfile.BLOCKSIZE
        if header.size < 0 or start + header.size > end:
            yield number, WrongInput(f"{_shown(header.name)}: {_CUT_OFF}")
            return
        at = start + header.size + -header.size % tarfile.BLOCKSIZE
        if header.type != tarfile.DIRTYPE:
            yield number, _member(header, tar, start)


@contextmanager
def open_picture(file: Path, picture: Enclosed) -> Iterator[BinaryIO]:
    """Open the bytes of a picture in the tar. Raises: WrongInput."""
    try:
        with file.open("rb") as tar:
            # A raw file and a buffer over it read as any file does.
            yield cast("BinaryIO", _part(tar, picture.start, picture.size))
    except OSError as error:
        reason = error.strerror or error
        raise WrongInput(f"{file} cannot be read: {reason}.") from error


def _member(header: tarfile.TarInfo, tar: BinaryIO, start: int) -> Member:
    name = header.name.removeprefix("./")
    if header.type not in _PLAIN:
        return WrongInput(f"{_shown(name)}: It is no plain file.")
    if name.startswith(PICTURES):
        path = name.removeprefix(PICTURES)
        return Enclosed(path=_shown(path), start=start, size=header.size)
    if name.startswith(RECORDS) and name.endswith(".jsonl"):
        text = io.TextIOWrapper(
            _part(tar, start, header.size),
            encoding="utf-8",
            errors="surrogateescape",
            newline="\n",
        )
        return Lines(name, text)
    return WrongInput(f"{_shown(name)}: It is neither below {PICTURES} nor {RECORDS}.")


def _shown(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def _part(tar: BinaryIO, start: int, size: int) -> io.BufferedReader:
    return io.BufferedReader(_Part(tar, start, size))


class _Part(io.RawIOBase):
    """Some bytes of a file, wherever its own position is."""

    def __init__(self, tar: BinaryIO, start: int, size: int) -> None:
        super().__init__()
        self._tar = tar
        self._at = start
        self._end = start + size

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a Buffer
        """Read what fits."""
        size = min(len(buffer), self._end - self._at)
        content = os.pread(self._tar.fileno(), size, self._at)
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)
