"""Which failures make one alert, and when it is shown, changed or over.

Pure: what happened and the time go in, a decision comes out. A burst is one message; so is
a trouble that goes on for days; one that comes and goes is told ever more rarely.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.alert import KINDS, Alert, AlertId, AlertKind, Heard, JobEnd
from bot.domain.job import JobId
from bot.domain.people import Platform
from bot.ids import job_id

SETTLE = timedelta(seconds=3)  # a burst is over by then
EDIT_EVERY = timedelta(seconds=5)
CALM = timedelta(seconds=5)  # without a failure, and with a success: it works again
LONGEST_CALM = timedelta(minutes=10)
FLAPS_WITHIN = timedelta(minutes=30)
QUIET = timedelta(minutes=10)  # after which refused prompts are told anew
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
FARTHEST = timedelta(hours=1)  # what is further away was put there by a wrong clock


class Act(StrEnum):
    """What is done with an alert."""

    POST = "post"
    EDIT = "edit"
    TELL_OVER = "tell over"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Due:
    """Do *act*, not before *at*."""

    act: Act
    at: datetime

    def is_now(self, now: datetime) -> bool:
        """Say whether the time has come; also after the clock was set back."""
        return not timedelta(0) < self.at - now <= FARTHEST


def hear(
    newest: Sequence[Alert], ends: Sequence[JobEnd], *, target: str, now: datetime
) -> Heard:
    """Put *ends* into alerts; *newest* has the newest one of each kind."""
    before = {alert.kind: alert for alert in newest}
    changed: dict[AlertId, Alert] = {}
    failures: dict[JobId, AlertId] = {}
    for end in ends:
        kind = KINDS.get(end.error_kind or "") if end.has_failed else None
        if kind is not None:
            alert = _add(before.get(kind), end, kind, target, now)
            failures[end.job_id] = alert.id
            before[kind] = changed[alert.id] = alert
        elif not end.has_failed:
            for alert in [*before.values()]:
                if _is_open(alert) and alert.kind.has_end and alert.worked_at is None:
                    worked = replace(alert, worked_at=now)
                    before[alert.kind] = changed[alert.id] = worked
    return Heard(alerts=tuple(changed.values()), failures=failures)


def due(alert: Alert) -> Due | None:
    """Say what is to be done with an alert next, and when; None: wait for what comes."""
    found = _due(alert)
    if found is None or alert.not_before is None:
        return found
    return Due(found.act, max(found.at, alert.not_before))


def wait_after(refusals: int, asked_for: timedelta | None) -> timedelta:
    """Say how long to leave a sender alone that failed so often in a row."""
    if asked_for:
        return min(asked_for, FARTHEST)
    return min(FIRST_WAIT * (1 << min(refusals - 1, 10)), LONGEST_WAIT)


def _due(alert: Alert) -> Due | None:
    if alert.shown == 0:
        return Due(Act.POST, alert.opened_at + SETTLE)
    if alert.version > alert.shown:
        since = alert.shown_at or alert.opened_at
        return Due(Act.EDIT, since + EDIT_EVERY)
    if not _is_open(alert):
        return None
    if not alert.kind.has_end:
        return Due(Act.CLOSE, alert.last_at + QUIET)
    if alert.worked_at is None:
        return None
    return Due(Act.TELL_OVER, alert.last_at + calm(alert.flaps))


def calm(flaps: int) -> timedelta:
    """Say how long nothing may have failed for the trouble to be over."""
    return min(CALM * (1 << min(flaps, 10)), LONGEST_CALM)


def _is_open(alert: Alert) -> bool:
    return alert.closed_at is None


def _add(
    before: Alert | None, end: JobEnd, kind: AlertKind, target: str, now: datetime
) -> Alert:
    error = end.error or ""
    if before is not None and _is_open(before) and before.target == target:
        return replace(
            before,
            count=before.count + 1,
            last_at=now,
            error=error,
            worked_at=None,
            version=before.version + 1,
        )
    return Alert(
        id=AlertId(job_id(Platform.TERMINAL, f"alert:{end.job_id}")),
        kind=kind,
        target=target,
        opened_at=now,
        last_at=now,
        count=1,
        error=error,
        flaps=_flaps(before, now),
    )


def _flaps(before: Alert | None, now: datetime) -> int:
    if before is None or before.closed_at is None:
        return 0
    return before.flaps + 1 if now - before.closed_at < FLAPS_WITHIN else 0
