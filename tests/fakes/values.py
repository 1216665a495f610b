"""Records and jobs for the tests; what is not named is ordinary."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bot.domain.job import Job, JobId, JobState
from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.record import Record, RecordId
from bot.domain.request import ImageRequest, MagicPrompt

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PERSON = Person(platform=Platform.SLACK, workspace_id="T1", user_id="U1")
PLACE = Place(
    platform=Platform.SLACK,
    workspace_id="T1",
    channel_id="C1",
    visibility=Visibility.WORKSPACE,
)
_REQUEST = ImageRequest(prompt="a fox", model="V_2", seed=42)
_JOB = Job(
    id=JobId("0000000000000001"),
    request=_REQUEST,
    person=PERSON,
    place=PLACE,
    created_at=NOON,
    return_address={"response_url": "https://hooks.slack.com/commands/T1/1/secret"},
    state=JobState.DONE,
    calls=1,
)
_RECORD = Record(
    id=RecordId("0000000000000001-1"),
    prompt="a fox",
    expanded_prompt="a fox in the snow",
    negative_prompt=None,
    model="V_2",
    style_type="AUTO",
    aspect_ratio="ASPECT_1_1",
    seed=42,
    resolution="1024x1024",
    is_safe=True,
    original_url="https://ideogram.ai/fox.png",
    stored_path="ab/fox.png",
    created_at=NOON,
    size_bytes=1_500_000,
    tags=("campaign", "fox"),
    job_id=_JOB.id,
    parent_id=None,
    sha256="ab" * 32,
    prompt_hash="cd" * 32,
    magic_prompt=MagicPrompt.AUTO,
    color_palette=None,
    rendering_speed=None,
    attempts=1,
    cost_usd=Decimal("0.08"),
    person=PERSON,
    place=PLACE,
)


def make_job(**changes: Any) -> Job:
    """Give a job of Slack that is done, with *changes*."""
    return replace(_JOB, **changes)


def make_record(**changes: Any) -> Record:
    """Give the record of that job, with *changes*."""
    return replace(_RECORD, **changes)
