"""Values for the Slack tests: a job, a record, a picture on disk."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.domain.job import Job, JobId
from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.record import Record, RecordId
from bot.domain.request import ImageRequest, MagicPrompt
from bot.ports.chat import Picture

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ALICE = Person(platform=Platform.SLACK, workspace_id="T0TEAM", user_id="U1")
PUBLIC = Place(
    platform=Platform.SLACK,
    workspace_id="T0TEAM",
    channel_id="C0PUBLIC",
    visibility=Visibility.WORKSPACE,
)


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time


class Notes:
    """A post step's notes in memory; every version is kept."""

    def __init__(self) -> None:
        self.versions: list[dict[str, Any]] = [{}]

    @property
    def current(self) -> dict[str, Any]:
        return self.versions[-1]

    async def write(self, notes) -> None:
        self.versions.append(dict(notes))


def make_request(**changes: Any) -> ImageRequest:
    fields: dict[str, Any] = {"prompt": "a fox in a suit", "model": "V_2", "seed": 42}
    return ImageRequest(**fields | changes)


def make_job(**changes: Any) -> Job:
    fields: dict[str, Any] = {
        "id": JobId("0job"),
        "request": make_request(),
        "person": ALICE,
        "place": PUBLIC,
        "created_at": NOON,
        "return_address": {"kind": "command", "name": "alice"},
    }
    return Job(**fields | changes)


def make_record(**changes: Any) -> Record:
    fields: dict[str, Any] = {
        "id": RecordId("0job-1"),
        "prompt": "a fox in a suit",
        "expanded_prompt": None,
        "negative_prompt": None,
        "model": "V_2",
        "style_type": "GENERAL",
        "aspect_ratio": "ASPECT_1_1",
        "seed": 42,
        "resolution": "1024x1024",
        "is_safe": True,
        "original_url": None,
        "stored_path": "ab/cd.png",
        "created_at": NOON,
        "size_bytes": 10,
        "tags": (),
        "job_id": JobId("0job"),
        "parent_id": None,
        "sha256": None,
        "prompt_hash": "0",
        "magic_prompt": MagicPrompt.AUTO,
        "color_palette": None,
        "rendering_speed": None,
        "attempts": 1,
        "cost_usd": Decimal("0.08"),
        "person": ALICE,
        "place": PUBLIC,
    }
    return Record(**fields | changes)


def make_picture(
    folder: Path, number: int = 1, content: bytes | None = None, **changes: Any
) -> Picture:
    """Put a picture on disk and give it."""
    file = folder / f"picture{number}.png"
    file.write_bytes(content or b"\x89PNG" + bytes([number]) * 600_000)
    record = make_record(**{"id": RecordId(f"0job-{number}")} | changes)
    return Picture(record=record, file=file, content_type="image/png")


def make_unsafe_picture(number: int) -> Picture:
    record = make_record(id=RecordId(f"0job-{number}"), is_safe=False, stored_path=None)
    return Picture(record=record, file=None, content_type="")
