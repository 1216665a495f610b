"""What alerts say. Pure; plain text without markup, and never a prompt."""

from datetime import datetime

from bot.domain.alert import Alert, AlertKind, AlertMessage, Failed, Line, Who
from bot.domain.people import Person

MOST_JOBS, MOST_PEOPLE = 10, 5
_LONGEST_ERROR = 400
_TITLES = {
    AlertKind.API: "Ideogram does not draw",
    AlertKind.CONTENT: "Ideogram's safety check refuses",
    AlertKind.MONEY: "The account at Ideogram has no money left",
    AlertKind.KEY: "Ideogram refuses the key",
}
_OVER = {
    AlertKind.API: "Ideogram draws again",
    AlertKind.CONTENT: "Ideogram draws again",
    AlertKind.MONEY: "The account at Ideogram is paid for again",
    AlertKind.KEY: "Ideogram takes the key again",
}


def message(alert: Alert, failed: Failed) -> AlertMessage:
    """Give the message of an alert as it stands."""
    lines: list[Line] = [(_cut(alert.error),)] if alert.error else []
    lines += [_jobs(alert, failed), *_people(alert, failed), _times(alert)]
    if alert.tried_by is not None:
        lines.append(("Tried again by ", Who(alert.tried_by), f", {_drawn(alert)}."))
    if alert.closed_at is not None and alert.worked_at is not None:
        lines.append((f"It works again since {_moment(alert.worked_at)}.",))
    return AlertMessage(
        key=str(alert.id),
        alert=alert,
        failed=failed,
        title=f"{_TITLES[alert.kind]}: {_count(alert)} failed.",
        lines=tuple(lines),
    )


def over(alert: Alert, failed: Failed) -> AlertMessage:
    """Give the message that the trouble of an alert is over."""
    told: Line = (f"{_count(alert)} had failed since {_moment(alert.opened_at)}.",)
    if not alert.tried_by:
        told += (" Try again, below the alert, draws them now.",)
    return AlertMessage(
        key=f"{alert.id}-over",
        alert=alert,
        failed=failed,
        title=f"{_OVER[alert.kind]}.",
        lines=(told,),
        is_over=True,
    )


def _count(alert: Alert) -> str:
    return f"{alert.count} generation" + ("" if alert.count == 1 else "s")


def _drawn(alert: Alert) -> str:
    return "1 picture" if alert.tried == 1 else f"{alert.tried} pictures"


def _jobs(alert: Alert, failed: Failed) -> Line:
    more = alert.count - len(failed.jobs)
    listed = ", ".join(failed.jobs)
    word = "Job" if alert.count == 1 else "Jobs"
    return (f"{word}: {listed}" + (f" and {more} more" if more > 0 else ""),)


def _people(alert: Alert, failed: Failed) -> list[Line]:
    if not failed.people:
        return []
    parts: list[str | Who] = ["Asked for by "]
    for number, person in enumerate(failed.people):
        parts += [", "] if number else []
        parts.append(_name(alert, person))
    parts.append(f" and {failed.more_people} more" if failed.more_people else "")
    return [tuple(part for part in parts if part)]


def _name(alert: Alert, person: Person) -> str | Who:
    if alert.target.startswith(f"{person.platform}:"):
        return Who(person.user_id)
    return f"{person.user_id} ({person.platform})"


def _times(alert: Alert) -> Line:
    since = f"Since {_moment(alert.opened_at)}"
    if alert.count == 1:
        return (f"{since}.",)
    return (f"{since}, last at {_moment(alert.last_at)}.",)


def _moment(at: datetime) -> str:
    return f"{at:%d %b %H:%M:%S} UTC"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_ERROR else f"{text[: _LONGEST_ERROR - 1]}…"
