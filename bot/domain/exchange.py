"""A record as text forms: JSON with every column, the seed document's JSON, CSV.

The names and types are those of the table `generations`; JSON and CSV come back exactly.
Pure; one record at a time, so that a file of any size needs no memory.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from bot.domain.job import JobId
from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.record import Record, RecordId
from bot.domain.request import MAX_SEED, MagicPrompt
from bot.errors import WrongInput

Member = TypeVar("Member", bound=StrEnum)

COLUMNS: Mapping[str, tuple[type, ...]] = {
    "id": (str,),
    "prompt": (str,),
    "expanded_prompt": (str, type(None)),
    "negative_prompt": (str, type(None)),
    "model": (str,),
    "style_type": (str,),
    "aspect_ratio": (str, type(None)),
    "seed": (int,),
    "resolution": (str,),
    "is_safe": (bool,),
    "original_url": (str, type(None)),
    "stored_path": (str, type(None)),
    "created_at": (str,),
    "size_bytes": (int, type(None)),
    "tags": (list,),
    "job_id": (str,),
    "parent_id": (str, type(None)),
    "sha256": (str, type(None)),
    "prompt_hash": (str,),
    "magic_prompt": (str,),
    "color_palette": (str, type(None)),
    "rendering_speed": (str, type(None)),
    "attempts": (int,),
    "cost_usd": (float, int),
    "platform": (str,),
    "workspace_id": (str,),
    "channel_id": (str,),
    "user_id": (str,),
    "pinned": (bool,),
    "visibility": (str,),
    "thread_id": (str, type(None)),
}
_NULLABLE = tuple(name for name, types in COLUMNS.items() if type(None) in types)
# What no record of a picture passes; sums of a million of them still fit a column.
_MOST: Mapping[str, float] = {
    "seed": MAX_SEED,
    "size_bytes": 2**40,
    "attempts": 2**31,
    "cost_usd": 10**6,
}
_OPTIONAL_IN_SEED = ("expandedPrompt", "negativePrompt", "sizeBytes", "tags")
# A spreadsheet takes a cell that begins so for a formula, and people type prompts:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


_READERS: Mapping[type, Callable[[str], Any]] = {
    bool: lambda cell: bool(int(cell)),
    int: int,
    float: float,
    list: json.loads,
}


def time_text(moment: datetime) -> str:
    """Give *moment* as ISO 8601 in UTC, always as long, so that text sorts by time."""
    text = moment.astimezone(UTC).isoformat(timespec="microseconds")
    return text.removesuffix("+00:00") + "Z"


def read_time(text: str) -> datetime:
    """Give the moment of *text*; without a zone it is UTC. Raises: ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)


def as_json(record: Record) -> dict[str, Any]:
    """Give every column, by the names and types of the table."""
    return {
        "id": record.id,
        "prompt": record.prompt,
        "expanded_prompt": record.expanded_prompt,
        "negative_prompt": record.negative_prompt,
        "model": record.model,
        "style_type": record.style_type,
        "aspect_ratio": record.aspect_ratio,
        "seed": record.seed,
        "resolution": record.resolution,
        "is_safe": record.is_safe,
        "original_url": record.original_url,
        "stored_path": record.stored_path,
        "created_at": time_text(record.created_at),
        "size_bytes": record.size_bytes,
        "tags": list(record.tags),
        "job_id": record.job_id,
        "parent_id": record.parent_id,
        "sha256": record.sha256,
        "prompt_hash": record.prompt_hash,
        "magic_prompt": record.magic_prompt.value,
        "color_palette": record.color_palette,
        "rendering_speed": record.rendering_speed,
        "attempts": record.attempts,
        "cost_usd": float(record.cost_usd),
        "platform": record.person.platform.value,
        "workspace_id": record.person.workspace_id,
        "channel_id": record.place.channel_id,
        "user_id": record.person.user_id,
        "pinned": record.is_pinned,
        "visibility": record.place.visibility.value,
        "thread_id": record.place.thread_id,
    }


def from_json(columns: Mapping[str, Any]) -> Record:
    """Give the record of `as_json` back. Raises: WrongInput, naming the column."""
    for name, types in COLUMNS.items():
        # Text of the right kind needs no more than this, and most of it is text.
        if types[0] is not str or type(columns.get(name)) is not str:
            _check(columns, name, types)
    _require_id(columns["id"])
    # No value and an empty one are the same, as CSV cannot tell them apart.
    return read_columns({**columns, **{n: None for n in _NULLABLE if columns[n] == ""}})


def _require_id(text: str) -> None:
    """Refuse an id that nobody could type, or that would end a button's value."""
    if not text.isprintable() or any(c.isspace() for c in text) or ":" in text:
        raise WrongInput("The id must be printable, without spaces and colons.")


def read_columns(columns: Mapping[str, Any]) -> Record:
    """Give the record of columns whose types are known to be right. Raises: WrongInput."""
    platform = _member(Platform, columns["platform"], "platform")
    workspace_id = columns["workspace_id"]
    return Record(
        id=RecordId(columns["id"]),
        prompt=columns["prompt"],
        expanded_prompt=columns["expanded_prompt"],
        negative_prompt=columns["negative_prompt"],
        model=columns["model"],
        style_type=columns["style_type"],
        aspect_ratio=columns["aspect_ratio"],
        seed=columns["seed"],
        resolution=columns["resolution"],
        is_safe=bool(columns["is_safe"]),
        original_url=columns["original_url"],
        stored_path=columns["stored_path"],
        created_at=_time(columns["created_at"]),
        size_bytes=columns["size_bytes"],
        tags=tuple(columns["tags"]),
        job_id=JobId(columns["job_id"]),
        parent_id=columns["parent_id"],
        sha256=columns["sha256"],
        prompt_hash=columns["prompt_hash"],
        magic_prompt=_member(MagicPrompt, columns["magic_prompt"], "magic_prompt"),
        color_palette=columns["color_palette"],
        rendering_speed=columns["rendering_speed"],
        attempts=columns["attempts"],
        cost_usd=Decimal(str(columns["cost_usd"])),
        person=Person(
            platform=platform, workspace_id=workspace_id, user_id=columns["user_id"]
        ),
        place=Place(
            platform=platform,
            workspace_id=workspace_id,
            channel_id=columns["channel_id"],
            thread_id=columns["thread_id"],
            visibility=_member(Visibility, columns["visibility"], "visibility"),
        ),
        is_pinned=bool(columns["pinned"]),
    )


def as_seed_json(record: Record) -> dict[str, Any]:
    """Give the seed document's keys, without the optional ones that are empty.

    A required text that there is none of (the address of an unsafe picture) is "".
    """
    whole = {
        "id": record.id,
        "prompt": record.prompt,
        "expandedPrompt": record.expanded_prompt,
        "negativePrompt": record.negative_prompt,
        "model": record.model,
        "styleType": record.style_type,
        "aspectRatio": record.aspect_ratio or "",
        "seed": record.seed,
        "resolution": record.resolution,
        "isSafe": record.is_safe,
        "originalUrl": record.original_url or "",
        "storedPath": record.stored_path or "",
        "createdAt": time_text(record.created_at),
        "sizeBytes": record.size_bytes,
        "tags": list(record.tags),
    }
    empty: tuple[object, ...] = (None, "", [])
    return {
        key: value
        for key, value in whole.items()
        if key not in _OPTIONAL_IN_SEED or value not in empty
    }


def csv_header() -> list[str]:
    """Give the names of the columns."""
    return list(COLUMNS)


def as_csv_row(record: Record) -> list[str]:
    """Give the cells of one line; an empty cell is no value, tags are JSON."""
    return [_cell(value) for value in as_json(record).values()]


def from_csv_row(header: Sequence[str], row: Sequence[str]) -> Record:
    """Give the record of a line back. Raises: WrongInput, naming the column."""
    cells = dict(zip(header, row, strict=False))
    return from_json(
        {
            name: _value(cells[name], types, name)
            for name, types in COLUMNS.items()
            if name in cells
        }
    )


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(int(value))
        case list():
            return json.dumps(value, ensure_ascii=False)
        case str() if value.startswith(_FORMULA):
            return f"'{value}"
        case _:
            return str(value)


def _value(cell: str, types: tuple[type, ...], name: str) -> Any:
    if not cell and type(None) in types:
        return None
    if types[0] is str:
        return cell.removeprefix("'")
    try:
        return _READERS[types[0]](cell)
    except ValueError as error:
        raise _wrong(name) from error


def _check(columns: Mapping[str, Any], name: str, types: tuple[type, ...]) -> None:
    if name not in columns:
        raise WrongInput(f"The column {name} is missing.")
    value: Any = columns[name]
    is_number_for_bool = isinstance(value, bool) and bool not in types
    if is_number_for_bool or not isinstance(value, types):
        raise _wrong(name)
    if isinstance(value, list) and not all(isinstance(tag, str) for tag in value):
        raise _wrong(name)
    most = _MOST.get(name, math.inf)
    if isinstance(value, int | float) and not 0 <= value <= most:  # NaN, too
        raise WrongInput(f"The column {name} must be from 0 to {most:,}.")


def _wrong(name: str) -> WrongInput:
    return WrongInput(f"The column {name} holds a value of the wrong kind.")


def _member(kind: type[Member], value: str, name: str) -> Member:
    try:
        return kind(value)
    except ValueError as error:
        allowed = ", ".join(kind)
        raise WrongInput(f"The column {name} must be one of {allowed}.") from error


def _time(text: str) -> datetime:
    try:
        return read_time(text)
    except (ValueError, OverflowError) as error:
        raise WrongInput(
            "The column created_at must be a time such as 2026-11-20T10:31:00Z."
        ) from error
