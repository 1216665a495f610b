"""How the program is doing, for whoever watches it. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Connection(StrEnum):
    """How an adapter stands to its platform."""

    CONNECTED = "connected"
    CONNECTING = "connecting"


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketHealth:
    """How the bucket is, and how many pictures wait on this machine for it."""

    is_away: bool
    waiting: int


class Status(StrEnum):
    """The whole, in a word."""

    OK = "ok"
    STARTING = "starting"
    DEGRADED = "degraded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One look at the program; an adapter that is not configured is None.

    `was_ok` says whether it has been ok before: what is missing then was lost.
    """

    is_worker_running: bool
    slack: Connection | None = None
    discord: Connection | None = None
    bucket: BucketHealth | None = None
    queued: int = 0
    running: int = 0
    was_ok: bool = False

    @property
    def status(self) -> Status:
        """Give the whole in a word: ok once all that is configured works.

        Without its bucket the bot does all it is there for, but is not well.
        """
        if not self._is_connected:
            return Status.DEGRADED if self.was_ok else Status.STARTING
        is_away = self.bucket is not None and self.bucket.is_away
        return Status.DEGRADED if is_away else Status.OK

    @property
    def http_status(self) -> int:
        """Give the status of the answer: 503 tells a load balancer to keep away."""
        return 200 if self._is_connected else 503

    def as_json(self) -> dict[str, Any]:
        """Give the body of `/healthz`; `bucket` is in it when there is one."""
        body: dict[str, Any] = {
            "status": self.status.value,
            "slack": self.slack,
            "discord": self.discord,
            "jobs": {"queued": self.queued, "running": self.running},
        }
        if self.bucket is not None:
            state = "away" if self.bucket.is_away else "connected"
            body["bucket"] = {"state": state, "waiting": self.bucket.waiting}
        return body

    @property
    def _is_connected(self) -> bool:
        connections = {self.slack, self.discord}
        return self.is_worker_running and Connection.CONNECTING not in connections
