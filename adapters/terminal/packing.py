"""Records beside their pictures in one tar, which any tar unpacks.

`images/` holds each picture once, by its stored path; `records/` the records, some lines
of JSON a file, behind the pictures they name.
"""

import hashlib
import tarfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import BinaryIO

from adapters.terminal.forms import Format, text_of
from adapters.terminal.operations import Export
from adapters.terminal.unfinished import Unfinished
from bot.domain.exporting import Page
from bot.errors import NotFound

PICTURES, RECORDS = "images/", "records/"
_PIECE = 1024 * 1024
_LATEST = 8**11 - 1  # what the field for a time holds


@dataclass(slots=True, kw_only=True)
class Packed:
    """What went into the tar of a page, and the stored paths that could not."""

    pictures: int = 0
    lost: list[str] = field(default_factory=list)


async def pack(page: Page, out: Unfinished, export: Export, *, before: int) -> Packed:
    """Append a page that comes after *before* records: first its pictures.

    A picture that is missing or damaged is left out.
    """
    packed = Packed()
    drawn_at = {r.stored_path: r.created_at for r in reversed(page.records)}
    for path in page.pictures:
        if await _is_packed(path, drawn_at[path], out, export):
            packed.pictures += 1
        else:
            packed.lost.append(path)
    if page.records:
        content = text_of(Format.TAR, page.records, before=before).encode()
        name = f"{RECORDS}{before + 1:010}.jsonl"
        out.write(_header(name, len(content), page.records[-1].created_at))
        out.write(content + _padding(len(content)))
    return packed


def end_of_tar(size: int) -> bytes:
    """Give what ends a tar of that size."""
    end = 2 * tarfile.BLOCKSIZE
    return bytes(end + -(size + end) % tarfile.RECORDSIZE)


async def _is_packed(
    path: str, drawn_at: datetime, out: Unfinished, export: Export
) -> bool:
    begin = out.size
    try:
        async with export.picture(path) as file:
            with file.open("rb") as content:
                if _copy(path, content, drawn_at, out):
                    return True
    except (NotFound, FileNotFoundError, ValueError):  # a path that is none of ours
        pass
    out.rewind(begin)
    return False


def _copy(path: str, content: BinaryIO, drawn_at: datetime, out: Unfinished) -> bool:
    """Append a picture; False when its bytes have another checksum than its name."""
    size = content.seek(0, 2)
    content.seek(0)
    out.write(_header(f"{PICTURES}{path}", size, drawn_at))
    digest, copied = hashlib.sha256(), 0
    while piece := content.read(_PIECE):
        digest.update(piece)
        out.write(piece)
        copied += len(piece)
    out.write(_padding(size))
    return copied == size and digest.hexdigest() == PurePosixPath(path).stem


def _header(name: str, size: int, at: datetime) -> bytes:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mtime = min(max(0, int(at.timestamp())), _LATEST)
    return member.tobuf(format=tarfile.USTAR_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)
