"""An alert: failures of one kind told to the operator in one message. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

from bot.domain.job import JobId
from bot.domain.people import Person

AlertId = NewType("AlertId", str)


class AlertKind(StrEnum):
    """Why generations fail; each kind has an alert of its own."""

    API = "api"
    CONTENT = "content"
    MONEY = "money"
    KEY = "key"

    @property
    def has_end(self) -> bool:
        """Say whether a picture that is drawn shows that the trouble is over."""
        return self is not AlertKind.CONTENT


# The errors of Ideogram alone (bot/errors.py): a person's or a platform's are no alert.
KINDS = {
    "ProviderRefused": AlertKind.CONTENT,
    "KeyRejected": AlertKind.KEY,
    "OutOfCredit": AlertKind.MONEY,
    "ProviderError": AlertKind.API,
    "RequestRejected": AlertKind.API,
    "NothingDrawn": AlertKind.API,
    "ProviderBusy": AlertKind.API,
    "NotSent": AlertKind.API,
    "ProviderDown": AlertKind.API,
    "DownloadFailed": AlertKind.API,
    "PictureExpired": AlertKind.API,
    "PictureUnwelcome": AlertKind.API,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnd:
    """A job has ended: drawn, or failed with an error."""

    job_id: JobId
    has_failed: bool
    error_kind: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert; `target` is ALERT_TO as it was set then.

    `version` grows with what there is to tell, `shown` is what its message tells (0: there
    is none). `notes` and `over_notes` are the sender's, of the alert and of "works again".
    """

    id: AlertId
    kind: AlertKind
    target: str
    opened_at: datetime
    last_at: datetime
    count: int
    error: str
    flaps: int = 0  # how often it had been over just before, in a row
    worked_at: datetime | None = None  # the first success since the last failure
    closed_at: datetime | None = None
    version: int = 1
    shown: int = 0
    shown_at: datetime | None = None
    not_before: datetime | None = None  # the sender's next try
    refusals: int = 0  # of the sender, in a row
    tried_by: str | None = None
    tried: int = 0  # pictures
    notes: Mapping[str, Any] = field(default_factory=dict)
    over_notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What became of ends that were heard: alerts to be written, and whose failure is whose."""

    alerts: tuple[Alert, ...]
    failures: Mapping[JobId, AlertId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The latest failures of an alert, and who asked."""

    jobs: tuple[JobId, ...]
    people: tuple[Person, ...]
    more_people: int = 0


@dataclass(frozen=True, slots=True)
class Who:
    """A person of the platform the alert is shown on; each adapter names them its way."""

    user_id: str


Line = tuple[str | Who, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMessage:
    """A message to the operator; by its *key* it is found again. Texts are plain."""

    key: str
    alert: Alert
    failed: Failed
    title: str
    lines: tuple[Line, ...]
    is_over: bool = False

    @property
    def has_try_again(self) -> bool:
        """Say whether the button is shown."""
        return not self.is_over
