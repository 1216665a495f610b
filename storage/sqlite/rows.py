"""Rows to values and back. Rows go no further than this package. Pure."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from bot.domain.callback import Callback, CallbackState, DeliveryId, Event
from bot.domain.exchange import as_json, read_columns, read_time, time_text
from bot.domain.job import Job, JobId, JobState, Lineage, Step
from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.record import PostedMessage, Record, RecordId
from bot.domain.request import ImageRequest, MagicPrompt
from bot.domain.text import encodable
from bot.ports.jobs import StepLog

Parameters = dict[str, Any]

_AT_ONCE = ""  # sorts before every time
_REQUEST_NAMES = tuple(field.name for field in fields(ImageRequest))


def record_row(record: Record) -> Parameters:
    """Give the columns of the table `generations`."""
    columns = as_json(record)
    row = {
        name: encodable(value) if isinstance(value, str) else value
        for name, value in columns.items()
    }
    row["tags"] = json.dumps(columns["tags"])
    return row


def read_record(row: sqlite3.Row) -> Record:
    """Give the record of a row."""
    columns = dict(row)
    columns["tags"] = json.loads(columns["tags"])
    record = read_columns(columns)
    if columns["withheld"] is None:
        return record
    return replace(record, withheld=columns["withheld"])


def job_row(job: Job) -> Parameters:
    """Give the columns of the table `jobs`."""
    return {
        "id": job.id,
        "platform": job.person.platform.value,
        "workspace_id": job.person.workspace_id,
        "user_id": job.person.user_id,
        "place_workspace_id": job.place.workspace_id,
        "channel_id": job.place.channel_id,
        "thread_id": job.place.thread_id,
        "visibility": job.place.visibility.value,
        "request": _request_text(job.request),
        "lineage": _lineage_text(job.lineage),
        "return_address": json.dumps(dict(job.return_address)),
        "press_key": job.press_key,
        "callback_url": job.callback_url,
        "batch_id": job.batch_id,
        "line": job.line,
        "shows": json.dumps(job.shows),
        "resizes": json.dumps(job.resizes),
        "reviewed_in": job.reviewed_in,
        "keeps_unsafe": job.keeps_unsafe,
        "created_at": time_text(job.created_at),
        **job_changes(job),
    }


def job_changes(job: Job) -> Parameters:
    """Give the columns that change while a job is worked."""
    return {
        "id": job.id,
        "state": job.state.value,
        "not_before": _optional_time(job.not_before),
        "failures": job.failures,
        "calls": job.calls,
        "crashes": job.crashes,
        "is_cancel_requested": job.is_cancel_requested,
        "error": None if job.error is None else encodable(job.error),
        "error_kind": job.error_kind,
    }


def read_job(row: sqlite3.Row) -> Job:
    """Give the job of a row."""
    platform = Platform(row["platform"])
    not_before = row["not_before"]
    return Job(
        id=JobId(row["id"]),
        request=_read_request(json.loads(row["request"])),
        person=Person(
            platform=platform, workspace_id=row["workspace_id"], user_id=row["user_id"]
        ),
        place=Place(
            platform=platform,
            workspace_id=row["place_workspace_id"],
            channel_id=row["channel_id"],
            thread_id=row["thread_id"],
            visibility=Visibility(row["visibility"]),
        ),
        created_at=read_time(row["created_at"]),
        lineage=_read_lineage(row["lineage"]),
        return_address=json.loads(row["return_address"]),
        press_key=row["press_key"],
        callback_url=row["callback_url"],
        batch_id=row["batch_id"],
        line=row["line"],
        shows=tuple(json.loads(row["shows"])),
        resizes=tuple(json.loads(row["resizes"])),
        reviewed_in=row["reviewed_in"],
        keeps_unsafe=bool(row["keeps_unsafe"]),
        state=JobState(row["state"]),
        not_before=None if not_before is None else read_time(not_before),
        failures=row["failures"],
        calls=row["calls"],
        crashes=row["crashes"],
        is_cancel_requested=bool(row["is_cancel_requested"]),
        error=row["error"],
        error_kind=row["error_kind"],
    )


def callback_row(callback: Callback) -> Parameters:
    """Give the columns of the table `callbacks`; `host` is what is spared when it hangs."""
    return {
        "id": callback.id,
        "subject": callback.subject,
        "event": callback.event.value,
        "url": callback.url,
        "host": callback.host,
        "record_id": callback.record_id,
        "details": json.dumps(dict(callback.details)),
        "state": callback.state.value,
        "attempts": callback.attempts,
        "created_at": time_text(callback.created_at),
        "since": _optional_time(callback.since),
        "not_before": _optional_time(callback.not_before) or _AT_ONCE,
        "last_error": callback.last_error,
    }


def read_callback(row: sqlite3.Row) -> Callback:
    """Give the callback of a row."""
    since, not_before, record = row["since"], row["not_before"], row["record_id"]
    return Callback(
        id=DeliveryId(row["id"]),
        subject=row["subject"],
        event=Event(row["event"]),
        url=row["url"],
        created_at=read_time(row["created_at"]),
        record_id=None if record is None else RecordId(record),
        details=json.loads(row["details"]),
        state=CallbackState(row["state"]),
        attempts=row["attempts"],
        since=None if since is None else read_time(since),
        not_before=None if not_before == _AT_ONCE else read_time(not_before),
        last_error=row["last_error"],
    )


def read_messages(rows: Sequence[sqlite3.Row]) -> list[PostedMessage]:
    """Give the messages of rows, one for each picture shown, in their order."""
    shown: dict[tuple[str, str, bool], list[RecordId]] = {}
    for row in rows:
        message = row["channel_id"], row["message_id"], bool(row["shows_copies"])
        shown.setdefault(message, []).append(RecordId(row["record_id"]))
    return [
        PostedMessage(
            channel_id=channel_id,
            message_id=message_id,
            record_ids=tuple(ids),
            shows_copies=shows_copies,
        )
        for (channel_id, message_id, shows_copies), ids in shown.items()
    ]


def read_step(row: sqlite3.Row) -> StepLog:
    """Give the step of a row."""
    return StepLog(
        step=Step(row["step"]),
        is_done=bool(row["is_done"]),
        notes=json.loads(row["notes"]),
    )


def _request_text(request: ImageRequest) -> str:
    return json.dumps({name: getattr(request, name) for name in _REQUEST_NAMES})


def _read_request(stored: Mapping[str, Any]) -> ImageRequest:
    """Read what this or an earlier version wrote: what it did not know has its default."""
    known: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in stored.items()
        if name in _REQUEST_NAMES
    }
    known["magic_prompt"] = MagicPrompt(known["magic_prompt"])
    return ImageRequest(**known)


def _lineage_text(lineage: Lineage | None) -> str | None:
    if lineage is None:
        return None
    return json.dumps(
        {
            "parent_id": lineage.parent_id,
            "typed_prompt": lineage.typed_prompt,
            "changes": lineage.changes,
        }
    )


def _read_lineage(text: str | None) -> Lineage | None:
    if text is None:
        return None
    stored = json.loads(text)
    return Lineage(
        parent_id=stored["parent_id"],
        typed_prompt=stored["typed_prompt"],
        changes=tuple(stored["changes"]),
    )


def _optional_time(moment: datetime | None) -> str | None:
    return None if moment is None else time_text(moment)
