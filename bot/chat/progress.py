"""How a job stands, for the private note of the person who asked."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """What the job is doing; the last three are final."""

    QUEUED = "queued"
    DRAWING = "drawing"
    POSTING = "posting"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Say whether no other note follows."""
        return self in {Stage.DONE, Stage.FAILED, Stage.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One note: *text* is a finished plain sentence."""

    stage: Stage
    text: str
