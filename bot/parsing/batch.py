"""A file of many requests: a prompt a line, a CSV table, or JSON Lines. Pure.

Columns and keys are named like the flags. Everything is read before anything is said, so
that every wrong line is named at once.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from bot.domain.batch import MAX_BYTES
from bot.domain.models import Models
from bot.domain.request import ImageRequest
from bot.errors import WrongInput
from bot.parsing.flags import FLAGS
from bot.parsing.refusal import NOTHING_DRAWN, excerpt, refusing, sentences
from bot.parsing.resolve import parse_request, read_flags
from bot.parsing.suggest import closest, did_you_mean
from bot.parsing.values import read_tags

MAX_LINES = 5000
_PROMPT = "prompt"
_OWN_FLAG = re.compile(
    r"(?<=\s)(?:--|—|–)(?P<name>campaign|delay|callback-url)(?:\s+|=)"
    r'(?P<value>"[^"]*"|\S+)',
    re.IGNORECASE,
)
_DELAY = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(ms|s|m|h)?")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
_LONGEST_DELAY_S = 3600
_COLUMNS = {
    _PROMPT: _PROMPT,
    **{
        name: flag.name
        for flag in FLAGS
        for name in (flag.name, flag.option, *flag.aliases)
    },
}


class Form(StrEnum):
    """How a batch is written."""

    TEXT = "txt"
    CSV = "csv"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One request and the line of the file it stands on, counted from 1."""

    number: int
    request: ImageRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongLine:
    """A line that cannot be drawn, and why."""

    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """A whole file, read; nothing may be queued while there is a wrong line."""

    right: tuple[Line, ...]
    wrong: tuple[WrongLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    number: int
    prompt: str = ""
    options: Mapping[str, str] | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFlags:
    """What is said about a batch as a whole; `lines` are flags for each of its lines."""

    lines: str = ""
    campaign: str = ""
    delay: timedelta | None = None
    callback_url: str | None = None


_FORMS = {
    ".csv": Form.CSV,
    ".tsv": Form.CSV,
    ".jsonl": Form.JSONL,
    ".ndjson": Form.JSONL,
    ".json": Form.JSONL,
}
_POSITION = re.compile(r"^Character \d+: ")  # in a line that nobody typed so


def read_batch_flags(text: str) -> BatchFlags:
    """Read `--campaign spring --delay 5s --ar 16:9`. Raises: WrongInput."""
    own: dict[str, str] = {}

    def take(match: re.Match[str]) -> str:
        name = match["name"].lower()
        if name in own:
            raise WrongInput(f"--{name} is there twice. Keep one of them.")
        own[name] = match["value"].strip('"')
        return " "

    with refusing(NOTHING_DRAWN):
        lines = _OWN_FLAG.sub(take, f" {text} ").strip()
        read_flags(lines)
        return BatchFlags(
            lines=lines,
            campaign=_campaign(own.get("campaign", "")),
            delay=_delay(own["delay"]) if "delay" in own else None,
            callback_url=own.get("callback-url"),
        )


def _campaign(typed: str) -> str:
    tags = read_tags(typed)
    if len(tags) > 1:
        raise WrongInput("A campaign has one name: leave the comma out.")
    return tags[0] if tags else ""


def _delay(typed: str) -> timedelta | None:
    found = _DELAY.fullmatch(typed.lower())
    if not found or float(found[1]) * _SECONDS[found[2] or "s"] > _LONGEST_DELAY_S:
        raise WrongInput(
            f"{excerpt(typed)} is no delay: write 5s, 0.5s or 2m, at most 1h."
        )
    return timedelta(seconds=float(found[1]) * _SECONDS[found[2] or "s"]) or None


def form_of(name: str) -> Form:
    """Tell the form by the name of a file; text where it does not say."""
    ending = PurePath(name.lower()).suffix
    return _FORMS.get(ending, Form.TEXT)


def read_batch(
    content: bytes,
    form: Form,
    *,
    models: Models,
    default_model: str,
    flags: str = "",
    tags: tuple[str, ...] = (),
) -> Lines:
    """Read the file; *flags* hold where a line says nothing, *tags* are added to each.

    Raises: WrongInput when it is no such file at all, or holds nothing.
    """
    text = _decoded(content)
    rows = list(_rows(text, form))
    if not rows:
        raise WrongInput("There is no line in it. Write one prompt a line.")
    if len(rows) > MAX_LINES:
        raise WrongInput(
            f"It has {len(rows):,} lines; {MAX_LINES:,} are possible. Split it."
        )
    right: list[Line] = []
    wrong: list[WrongLine] = []
    for row in rows:
        try:
            request = _request(row, models, default_model, flags)
        except WrongInput as error:
            text = error.text.removesuffix(f" {NOTHING_DRAWN}")  # is said once for all
            wrong.append(WrongLine(number=row.number, text=text))
        else:
            request = replace(request, tags=_with(request.tags, tags))
            right.append(Line(number=row.number, request=request))
    if flags and not right and len(wrong) > 1 and len({one.text for one in wrong}) == 1:
        said = _POSITION.sub("", wrong[0].text)
        raise WrongInput(f"The flags for all lines are wrong: {said} {NOTHING_DRAWN}")
    return Lines(right=tuple(right), wrong=tuple(wrong))


def _decoded(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise WrongInput(f"It is larger than {MAX_BYTES // 1024**2} MiB. Split it.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongInput("It is no text in UTF-8. Save it as UTF-8.") from None


def _request(row: _Row, models: Models, default_model: str, flags: str) -> ImageRequest:
    if row.problem:
        raise WrongInput(row.problem)
    return parse_request(
        row.prompt,
        options=row.options or {},
        models=models,
        default_model=default_model,
        defaults=flags,
    )


def _with(tags: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*tags, *more)))


def _rows(text: str, form: Form) -> Iterator[_Row]:
    match form:
        case Form.TEXT:
            return _text_rows(text)
        case Form.CSV:
            return _csv_rows(text)
        case Form.JSONL:
            return _jsonl_rows(text)


def _lines_of(text: str) -> list[str]:
    """Give the lines as editors count them; what else Unicode breaks lines at is text."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _text_rows(text: str) -> Iterator[_Row]:
    for number, line in enumerate(_lines_of(text), start=1):
        if line.strip():
            yield _Row(number=number, prompt=line)


# --- tables -----------------------------------------------------------------


def _csv_rows(text: str) -> Iterator[_Row]:
    head = text.partition("\n")[0]
    # Spreadsheets of some countries write semicolons.
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = _columns(next(reader, []))
        began = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _csv_row(began, columns, cells)
            began = reader.line_num + 1
    except csv.Error as error:
        raise WrongInput(
            f"Line {reader.line_num} is no CSV: {error}. Check its quotes."
        ) from error


def _columns(head: list[str]) -> list[str]:
    columns = [_column(name) for name in head]
    if _PROMPT not in columns:
        raise WrongInput(
            "The first line must name the columns, and one of them is prompt. The others "
            f"are named like flags: {', '.join(flag.name for flag in FLAGS)}."
        )
    twice = next((one for one in columns if columns.count(one) > 1), None)
    if twice:
        raise WrongInput(f"The column {twice} is there twice. Keep one of them.")
    return columns


def _column(typed: str) -> str:
    name = typed.strip().lower().lstrip("-").replace("_", "-")
    if name in _COLUMNS:
        return _COLUMNS[name]
    raise WrongInput(
        sentences(
            f"There is no column {excerpt(typed.strip())}.",
            did_you_mean(closest(name, _COLUMNS)),
            f"Possible: {', '.join(dict.fromkeys(_COLUMNS.values()))}.",
        )
    )


def _csv_row(number: int, columns: list[str], cells: list[str]) -> _Row:
    if len(cells) > len(columns):
        more = f"{len(cells)} cells, but there are {len(columns)} columns."
        return _Row(number=number, problem=f"It has {more} Quote cells with commas.")
    options = dict(zip(columns, cells, strict=False))
    return _Row(number=number, prompt=options.pop(_PROMPT, ""), options=options)


# --- JSON Lines ---------------------------------------------------------------


def _jsonl_rows(text: str) -> Iterator[_Row]:
    # Not splitlines: other line ends than \n may stand inside a JSON text.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _jsonl_row(number, line)


def _jsonl_row(number: int, line: str) -> _Row:
    try:
        item = json.loads(line, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return _Row(number=number, problem="It is no JSON.")
    if not isinstance(item, _Pairs):
        return _Row(number=number, problem="It is no JSON object.")
    try:
        options = _options(item)
    except WrongInput as error:
        return _Row(number=number, problem=error.text)
    return _Row(number=number, prompt=options.pop(_PROMPT, ""), options=options)


class _Pairs(tuple[tuple[str, Any], ...]):
    """A JSON object as it is written: a key may be there twice."""

    __slots__ = ()


def _options(pairs: _Pairs) -> dict[str, str]:
    options: dict[str, str] = {}
    for name, value in pairs:
        column = _column(name)
        if column in options:
            raise WrongInput(f"It says {column} twice. Keep one of them.")
        options[column] = _text(name, value)
    return options


def _text(name: str, value: Any) -> str:
    """Give a JSON value as a person would type it; null is nothing."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str() | int():
            return str(value)
        case list() if all(isinstance(one, str | int) for one in value):
            return ",".join(str(one) for one in value)
        case _:
            raise WrongInput(
                f"{excerpt(name)} is neither a text, a number, true or false, nor a list "
                "of texts."
            )
