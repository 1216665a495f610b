"""The bodies of callbacks: JSON with the same eight keys for every event. Pure."""

import json
from collections.abc import Sequence
from typing import Any

from bot.domain.callback import Callback
from bot.domain.exchange import as_json
from bot.domain.job import Job, JobState
from bot.domain.record import Record

_CANCELLED = "The job was cancelled."


def job_body(
    callback: Callback, job: Job, records: Sequence[Record], images: Sequence[str]
) -> bytes:
    """Give what tells of a job; *images* are links to the pictures of *records*."""
    return _body(
        event=callback.event,
        jobId=callback.subject,
        prompt=job.lineage.typed_prompt if job.lineage else job.request.prompt,
        images=list(images),
        resolution=_resolution(records) or job.request.resolution,
        records=[as_json(record) for record in records],
        error=job.error or (_CANCELLED if job.state is JobState.CANCELLED else None),
    )


def batch_body(
    callback: Callback, records: Sequence[Record], images: Sequence[str]
) -> bytes:
    """Give what tells of a batch; the callback's details say what is the batch's own.

    They may name its `prompt`, `resolution` and `error`, and anything further.
    """
    given = {
        "prompt": None,
        "images": list(images),
        "resolution": _resolution(records),
        "records": [as_json(record) for record in records],
        "error": None,
    }
    own = {k: v for k, v in callback.details.items() if k != "record_ids"}
    return _body(event=callback.event, jobId=callback.subject, **given | own)


def _resolution(records: Sequence[Record]) -> str | None:
    """Give the pictures' size; None when there is none, or more than one."""
    found = {record.resolution for record in records}
    return found.pop() if len(found) == 1 else None


def _body(**values: Any) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()
