"""Jobs and records for the tests of the stores: complete, and changed in one word."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bot.domain.job import Job, JobId, Lineage
from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.record import Record, RecordId
from bot.domain.request import ImageRequest, MagicPrompt

NOON = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)

ANN = Person(platform=Platform.SLACK, workspace_id="T1", user_id="U1")
BOB = Person(platform=Platform.SLACK, workspace_id="T1", user_id="U2")
GENERAL = Place(
    platform=Platform.SLACK,
    workspace_id="T1",
    channel_id="C1",
    thread_id="1700000000.000100",
    visibility=Visibility.WORKSPACE,
)

REQUEST = ImageRequest(
    prompt="a fox in a suit",
    model="V_2",
    negative_prompt="text, blur",
    style_type="DESIGN",
    aspect_ratio="ASPECT_16_9",
    seed=42,
    magic_prompt=MagicPrompt.OFF,
    color_palette="JUNGLE",
    count=2,
    tags=("campaign", "fox"),
    formats=("og-image",),
    is_private=True,
)


def make_job(job_id: str = "job0", **changes: Any) -> Job:
    """Give a job with every field filled in."""
    values: dict[str, Any] = {
        "id": JobId(job_id),
        "request": REQUEST,
        "person": ANN,
        "place": GENERAL,
        "created_at": NOON,
        "lineage": Lineage(
            parent_id="parent-1", typed_prompt="a fox", changes=("seed 1 to 42",)
        ),
        "return_address": {"response_url": "https://hooks.slack.test/1"},
    }
    return Job(**values | changes)


def make_record(record_id: str = "job0-1", **changes: Any) -> Record:
    """Give a record with every field filled in but the file."""
    values: dict[str, Any] = {
        "id": RecordId(record_id),
        "prompt": "a fox in a suit",
        "expanded_prompt": "A dapper fox in a grey suit",
        "negative_prompt": "text, blur",
        "model": "V_2",
        "style_type": "DESIGN",
        "aspect_ratio": "ASPECT_16_9",
        "seed": 42,
        "resolution": "1280x720",
        "is_safe": True,
        "original_url": "https://ideogram.test/1.png",
        "stored_path": None,
        "created_at": NOON,
        "size_bytes": 1_500_000,
        "tags": ("campaign", "fox"),
        "job_id": JobId("job0"),
        "parent_id": RecordId("parent-1"),
        "sha256": "ab" * 32,
        "prompt_hash": "cd" * 32,
        "magic_prompt": MagicPrompt.OFF,
        "color_palette": "JUNGLE",
        "rendering_speed": None,
        "attempts": 1,
        "cost_usd": Decimal("0.08"),
        "person": ANN,
        "place": GENERAL,
        "is_pinned": False,
    }
    return Record(**values | changes)
