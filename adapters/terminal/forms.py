"""Records as the text of a file, a page at a time. Pure."""

import csv
import io
import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from bot.domain.exchange import as_csv_row, as_json, as_seed_json, csv_header
from bot.domain.record import Record


class Format(StrEnum):
    """How records are written; `json` is the seed document's list, `tar` has pictures."""

    JSONL = "jsonl"
    JSON = "json"
    CSV = "csv"
    TAR = "tar"


def is_tar(file: Path) -> bool:
    """Say whether the name is that of a tar."""
    return file.suffix.lower() == ".tar"


def opening(form: Format) -> str:
    """Give what stands before the first record."""
    match form:
        case Format.CSV:
            return _csv([csv_header()])
        case Format.JSON:
            return "["
        case Format.JSONL | Format.TAR:
            return ""
        case _:
            assert_never(form)


def text_of(form: Format, records: Sequence[Record], *, before: int) -> str:
    """Give the text of *records*, which come after *before* others."""
    match form:
        case Format.CSV:
            return _csv([as_csv_row(record) for record in records])
        case Format.JSON:
            items = [
                json.dumps(as_seed_json(record), ensure_ascii=False)
                for record in records
            ]
            begin = ",\n" if before else "\n"
            return begin + ",\n".join(items) if items else ""
        case Format.JSONL | Format.TAR:
            lines = [json.dumps(as_json(r), ensure_ascii=False) for r in records]
            return "".join(f"{line}\n" for line in lines)
        case _:
            assert_never(form)


def closing(form: Format, *, count: int) -> str:
    """Give what stands behind the last of *count* records."""
    if form is Format.JSON:
        return "\n]\n" if count else "]\n"
    return ""


def _csv(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(_Lines(out)).writerows(rows)
    return out.getvalue()


class _Lines:
    """Ends rows with a newline alone; asked for that, csv leaves a lone CR unquoted."""

    def __init__(self, out: io.StringIO) -> None:
        self._out = out

    def write(self, row: str) -> int:
        """Write one row."""
        return self._out.write(row.removesuffix("\r\n") + "\n")
