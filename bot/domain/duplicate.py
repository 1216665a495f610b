"""Which earlier picture may stand for a new request, and how long ago it was. Pure."""

from datetime import datetime, timedelta

from bot.domain.people import Person, Place, Visibility
from bot.domain.record import Record

_NAMES = (
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


def can_be_offered(record: Record, person: Person, place: Place) -> bool:
    """Say whether *record* may be posted in *place* by *person*.

    Stricter than being visible to them: the others in the place see it as well.
    """
    if not record.is_visible_to(person, place):
        return False
    if place.visibility is Visibility.OWNER:
        return True
    match record.place.visibility:
        case Visibility.WORKSPACE:
            return True
        case Visibility.MEMBERS:
            return record.place.channel_id == place.channel_id
        case Visibility.OWNER:
            return False


def ago(since: datetime, now: datetime) -> str:
    """Give `2 days ago`, `1 hour ago`, `a moment ago`."""
    for unit, name in _NAMES:
        if count := (now - since) // unit:
            return f"{count} {name}{'' if count == 1 else 's'} ago"
    return "a moment ago"
