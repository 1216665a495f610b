"""What the operator's rules decided about whom: one line for each refusal and each verdict."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.people import Person


class Deed(StrEnum):
    """What was done."""

    REFUSED = "refused"  # by a rule, before anything was paid
    APPROVED = "approved"  # by a moderator
    REJECTED = "rejected"  # by a moderator


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who was told what by which rule, where and when; `person` is who it was about.

    `details` hold no word of a prompt, unless the policy asks for prompts. The same more
    than once in a minute is one entry, counted in `times`.
    """

    at: datetime
    person: Person
    channel_id: str
    deed: Deed
    rule: str
    details: str = ""
    times: int = 1
    number: int = 0  # given by the store


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSearch:
    """Which entries; those before the one numbered *cursor*."""

    since: datetime | None = None
    until: datetime | None = None
    user_id: str | None = None
    rule: str | None = None
    limit: int = 50
    cursor: int | None = None
