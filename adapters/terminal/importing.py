"""Records read from a file one by one, each line with what is wrong about it."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TextIO

from adapters.terminal.forms import Format
from adapters.terminal.unpacking import Lines, members, open_picture
from bot.domain.exchange import COLUMNS, as_json, from_csv_row, from_json
from bot.domain.importing import Line, Source
from bot.domain.record import Record
from bot.domain.seed import from_seed_json
from bot.errors import WrongInput

_PIECE = 16 * 1024
_LONGEST_ITEM = 8 * 1024 * 1024  # characters of one record; what is longer is none
_BETWEEN = " \t\r\n"
_NO_TEXT = re.compile("[\udc80-\udcff]")  # what stands for bytes that are not UTF-8


def open_source(file: Path, form: Format | None) -> Source:
    """Give the records of *file*, in the form its name ends with. Raises: WrongInput."""
    form = form_of(file, form)
    if not file.is_file():  # it is read twice: a pipe will not do
        raise WrongInput(f"{file} is not a file that can be read.")
    if form is Format.TAR:
        return Source(
            read=partial(_read_tar, file), open_picture=partial(open_picture, file)
        )
    return Source(read=partial(_read, file, form), has_seed_keys=form is Format.JSON)


def form_of(file: Path, form: Format | None) -> Format:
    """Give *form*, or the one that the name ends with. Raises: WrongInput."""
    try:
        return form or Format(file.suffix.lower().removeprefix("."))
    except ValueError:
        forms = ", ".join(Format)
        raise WrongInput(
            f"The name {file.name} does not say what is in it: add --format ({forms})."
        ) from None


def _read(file: Path, form: Format) -> Iterator[Line]:
    readers: dict[Format, Callable[[TextIO], Iterator[Line]]] = {
        Format.JSONL: _read_lines,
        Format.CSV: _read_csv,
        Format.JSON: _read_list,
    }
    newline = "\n" if form is Format.JSONL else ""
    # What is not UTF-8 is kept as a mark, for the line that has it to be named.
    with (
        _readable(file),
        file.open(
            encoding="utf-8-sig", errors="surrogateescape", newline=newline
        ) as text,
    ):
        yield from readers[form](text)


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise WrongInput(f"{file} cannot be read: {reason}.") from error


def _read_tar(file: Path) -> Iterator[Line]:
    """Read the records and pictures of a tar; its members are counted as lines."""
    with _readable(file), file.open("rb") as tar:
        for number, content in members(tar):
            if not isinstance(content, Lines):
                yield Line(number, content)
                continue
            for line in _read_lines(content.text):
                yield _inside(content.name, number, line)


def _inside(name: str, number: int, line: Line) -> Line:
    """Give a line of a member as what the member holds."""
    if not isinstance(line.content, WrongInput):
        return Line(number, line.content)
    text = f"{name}, line {line.number}: {line.content.text}"
    return Line(number, WrongInput(text))


def _read_lines(text: TextIO) -> Iterator[Line]:
    for number in count(1):
        line = text.readline(_LONGEST_ITEM)
        if not line:
            return
        if len(line) == _LONGEST_ITEM and not line.endswith("\n"):
            yield Line(number, WrongInput("From here on it is too long for a record."))
            return
        if line.strip():
            yield _line(number, line, partial(_from_text, line))


def _from_text(line: str) -> Record:
    value = json.loads(line)
    if not isinstance(value, dict):
        raise WrongInput("It is no JSON object.")
    _require_known(value, COLUMNS)
    return from_json(value)


def _read_csv(text: TextIO) -> Iterator[Line]:
    csv.field_size_limit(_LONGEST_ITEM)
    rows = csv.reader(text, strict=True)
    header: list[str] | None = None
    while True:
        number = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            yield Line(number, WrongInput(f"It is no line of CSV: {error}."))
            continue
        if header is None:
            header = row
            if wrong := _wrong_header(header):
                yield Line(1, WrongInput(wrong))
                return
        elif row:
            cells = "".join(row)
            yield _line(number, cells, partial(_from_row, header, row))
    if header is None:
        yield Line(1, WrongInput("The line with the names of the columns is missing."))


def _wrong_header(header: list[str]) -> str | None:
    """Say what is wrong with the names of the columns; None when nothing is."""
    if unknown := [name for name in header if name not in COLUMNS]:
        return (
            f"There is no column {unknown[0][:40]}. The first line of CSV names the "
            "columns, as export --format csv writes them."
        )
    if missing := [name for name in COLUMNS if name not in header]:
        return f"The column {missing[0]} is missing."
    return None


def _from_row(header: list[str], row: list[str]) -> Record:
    if len(row) != len(header):
        raise WrongInput(f"It has {len(row)} cells, the first line has {len(header)}.")
    return from_csv_row(header, row)


def _read_list(text: TextIO) -> Iterator[Line]:
    """Read a JSON array an item at a time; its items are counted as lines."""
    decoder = json.JSONDecoder()
    rest = text.read(_PIECE).lstrip(_BETWEEN)
    if not rest.startswith("["):
        yield Line(1, WrongInput("It is no JSON array."))
        return
    rest, number = rest[1:], 1
    while True:
        rest = rest.lstrip(_BETWEEN)
        try:
            value, end = decoder.raw_decode(rest)
            # The end of a number or of what was read so far may be no end.
            after = rest[end:].lstrip(_BETWEEN)
        except (ValueError, RecursionError):
            after = ""
        if not after and (more := _more(text, rest)):
            rest += more
            continue
        if rest.startswith("]") and not rest[1:].strip(_BETWEEN):
            return
        if not after.startswith((",", "]")):
            yield Line(number, WrongInput("From here on it is no JSON."))
            return
        yield _line(number, rest[:end], partial(_from_seed, value))
        number += 1
        rest = after.removeprefix(",")


def _more(text: TextIO, rest: str) -> str:
    return text.read(_PIECE) if len(rest) < _LONGEST_ITEM else ""


def _from_seed(value: Any) -> Record:
    if not isinstance(value, dict):
        raise WrongInput("It is no JSON object.")
    return from_seed_json(value)


def _require_known(names: Any, known: Any) -> None:
    if unknown := [name for name in names if name not in known]:
        raise WrongInput(f"There is no column {unknown[0]}.")


def _line(number: int, text: str, read: Callable[[], Record]) -> Line:
    if _NO_TEXT.search(text):
        return Line(number, WrongInput("It is not UTF-8."))
    try:
        record = read()
        if "\\u" in text:  # an escape may stand for half a character
            json.dumps(as_json(record), ensure_ascii=False).encode()
        return Line(number, record)
    except UnicodeEncodeError:
        return Line(number, WrongInput("It holds half a character: it is not UTF-8."))
    except WrongInput as error:
        return Line(number, error)
    except (ValueError, RecursionError):
        return Line(number, WrongInput("It is no JSON."))
