"""How the program is doing, for whoever watches it. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Connection(StrEnum):
    """How an adapter stands to its platform."""

    CONNECTED = "connected"
    CONNECTING = "connecting"


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
    queued: int = 0
    running: int = 0
    was_ok: bool = False

    @property
    def status(self) -> Status:
        """Give the whole in a word: ok once all that is configured works."""
        if self.is_worker_running and Connection.CONNECTING not in {
            self.slack,
            self.discord,
        }:
            return Status.OK
        return Status.DEGRADED if self.was_ok else Status.STARTING

    @property
    def http_status(self) -> int:
        """Give the status of the answer: 503 tells a load balancer to keep away."""
        return 200 if self.status is Status.OK else 503

    def as_json(self) -> dict[str, Any]:
        """Give the body of `/healthz`."""
        return {
            "status": self.status.value,
            "slack": self.slack,
            "discord": self.discord,
            "jobs": {"queued": self.queued, "running": self.running},
        }
