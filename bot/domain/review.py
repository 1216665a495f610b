"""A review: a job's pictures before a moderator, and what was decided. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.copy import Copy
from bot.domain.job import Job
from bot.domain.people import Visibility
from bot.domain.record import Record

# What the file of a picture in review is called beside its record, which has none so far.
# No format that people can ask for is spelled so.
IN_REVIEW = "in review"
UNSAFE = "unsafe"
REJECTED = "rejected by a moderator"  # the audit log tells by whom
CANCELLED = "never approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a moderator decided; the first one counts."""

    user_id: str  # of the job's platform
    at: datetime
    is_approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One job before the moderators; without a verdict it waits, or was cancelled."""

    job: Job
    verdict: Verdict | None = None
    is_cancelled: bool = False

    @property
    def is_open(self) -> bool:
        """Say whether there is something to decide."""
        return self.verdict is None and not self.is_cancelled


def in_review(record: Record) -> Copy:
    """Give the file of *record* as it hangs on it until it is approved."""
    if record.stored_path is None or record.sha256 is None:
        raise ValueError("a picture without a file needs no review")
    width, _, height = record.resolution.partition("x")
    return Copy(
        record_id=record.id,
        format=IN_REVIEW,
        stored_path=record.stored_path,
        sha256=record.sha256,
        size_bytes=record.size_bytes or 0,
        width=int(width) if width.isdecimal() else 0,
        height=int(height) if height.isdecimal() else 0,
        created_at=record.created_at,
    )


def unpublished(record: Record) -> Record:
    """Give *record* as it is until it is approved: without its file, for its owner alone."""
    return replace(
        record,
        stored_path=None,
        sha256=None,
        size_bytes=None,
        original_url=None,
        withheld=record.withheld or IN_REVIEW,
        place=replace(record.place, visibility=Visibility.OWNER),
    )
