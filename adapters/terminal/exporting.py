"""Records written out one by one, so that any number of them needs no memory.

A file is replaced once all of it is written: who reads it meanwhile sees the old one whole.
"""

import csv
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from bot.domain.exchange import as_csv_row, as_json, as_seed_json, csv_header
from bot.domain.record import Record
from bot.errors import StorageError


class Format(StrEnum):
    """How records are written; `json` is the seed document's list."""

    JSONL = "jsonl"
    JSON = "json"
    CSV = "csv"


async def write(records: AsyncIterator[Record], form: Format, out: TextIO) -> int:
    """Write every record to *out*; gives their number."""
    match form:
        case Format.JSONL:
            return await _write_lines(records, out)
        case Format.JSON:
            return await _write_list(records, out)
        case Format.CSV:
            return await _write_csv(records, out)


async def write_file(records: AsyncIterator[Record], form: Format, output: Path) -> int:
    """Write every record to a file, whole or not at all; gives their number.

    Raises: StorageError.
    """
    try:
        with _replacing(output) as out:
            return await write(records, form, out)
    except OSError as error:
        reason = error.strerror or error
        raise StorageError(
            f"Cannot write {output}: {reason}. Name another file with --output."
        ) from error


async def _write_lines(records: AsyncIterator[Record], out: TextIO) -> int:
    count = 0
    async for record in records:
        out.write(f"{json.dumps(as_json(record), ensure_ascii=False)}\n")
        count += 1
    return count


async def _write_list(records: AsyncIterator[Record], out: TextIO) -> int:
    count = 0
    async for record in records:
        out.write(",\n" if count else "[\n")
        out.write(json.dumps(as_seed_json(record), ensure_ascii=False))
        count += 1
    out.write("\n]\n" if count else "[]\n")
    return count


async def _write_csv(records: AsyncIterator[Record], out: TextIO) -> int:
    rows = csv.writer(_Lines(out))
    rows.writerow(csv_header())
    count = 0
    async for record in records:
        rows.writerow(as_csv_row(record))
        count += 1
    return count


class _Lines:
    """Ends rows with a newline alone; asked for that, csv leaves a lone CR unquoted."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, row: str) -> int:
        """Write one row."""
        return self._out.write(row.removesuffix("\r\n") + "\n")


@contextmanager
def _replacing(output: Path) -> Iterator[TextIO]:
    """Open what becomes *output* at the end of the block; a device or pipe as it is."""
    target = output.resolve()  # a link stays a link
    if target.exists() and not target.is_file():
        with target.open("w", encoding="utf-8", newline="") as out:
            yield out
        return
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
