"""Ids: a job's from the platform's event, a record's from its job.

Derived, not drawn, so that an event that is repeated finds the job that exists,
and a step that is repeated writes the row that exists.
"""

import hashlib

from bot.domain.job import JobId
from bot.domain.people import Platform
from bot.domain.record import RecordId

# Crockford's base 32: no i, l, o, u, so that an id can be read out and typed.
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 16  # 80 bits


def job_id(platform: Platform, event_id: str) -> JobId:
    """Give the id of the job that the event makes: 16 characters."""
    digest = hashlib.sha256(f"{platform}\n{event_id}".encode()).digest()
    number = int.from_bytes(digest[:10], "big")
    return JobId(
        "".join(_DIGITS[number >> 5 * i & 31] for i in reversed(range(_LENGTH)))
    )


def record_id(job: JobId, index: int) -> RecordId:
    """Give the id of the picture at *index* (the first is 0) of a job."""
    return RecordId(f"{job}-{index + 1}")
