"""A record: one picture that was drawn, with all it takes to draw it again."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NewType

from bot.domain.job import JobId
from bot.domain.people import Person, Place, Visibility
from bot.domain.request import MagicPrompt

RecordId = NewType("RecordId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row of the table `generations`."""

    id: RecordId
    prompt: str
    expanded_prompt: str | None  # None when it is the prompt as typed
    negative_prompt: str | None
    model: str
    style_type: str
    aspect_ratio: str | None  # None when a resolution was asked for
    seed: int
    resolution: str
    is_safe: bool
    original_url: str | None
    stored_path: str | None  # relative to FILES_URL; None when nothing was kept
    created_at: datetime
    size_bytes: int | None
    tags: tuple[str, ...]
    job_id: JobId
    parent_id: RecordId | None
    sha256: str | None
    prompt_hash: str
    magic_prompt: MagicPrompt
    color_palette: str | None
    rendering_speed: str | None
    attempts: int
    cost_usd: Decimal
    person: Person
    place: Place  # its visibility says who may see the picture
    is_pinned: bool = False
    withheld: str | None = field(default=None, compare=False)  # why it has no file

    @property
    def final_prompt(self) -> str:
        """Give the prompt that was drawn."""
        return self.expanded_prompt or self.prompt

    def is_visible_to(self, person: Person, place: Place) -> bool:
        """Say whether *person*, typing in *place*, may see this picture.

        Who types in a private channel is a member of it; from elsewhere membership is not
        known, so the picture stays inside. One's own is always visible in its workspace.
        """
        if (self.person.platform, self.person.workspace_id) != (
            person.platform,
            person.workspace_id,
        ):
            return False
        if self.person.user_id == person.user_id:
            return True
        match self.place.visibility:
            case Visibility.WORKSPACE:
                return True
            case Visibility.MEMBERS:
                return self.place.channel_id == place.channel_id
            case Visibility.OWNER:
                return False


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedMessage:
    """A message on a platform that shows pictures; `record_ids` in the order shown.

    With `shows_copies` it shows sized copies of them.
    """

    channel_id: str
    message_id: str
    record_ids: tuple[RecordId, ...]
    shows_copies: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to look for; all that is given must hold. Newest first."""

    words: str | None = None
    seed: int | None = None
    tags: tuple[str, ...] = ()
    model: str | None = None
    user_id: str | None = None
    channel_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    seen_by: tuple[Person, Place] | None = None  # None: the operator, who sees all
    limit: int = 20
    cursor: RecordId | None = None  # the last record seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Images, bytes and money of a group of records."""

    images: int = 0
    size_bytes: int = 0
    cost_usd: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Totals, whole and by group."""

    total: Totals
    by_model: dict[str, Totals]
    by_user: dict[str, Totals]
    by_channel: dict[str, Totals]
    by_day: dict[str, Totals]
    by_workspace: dict[str, Totals] = field(default_factory=dict)
    by_style: dict[str, Totals] = field(default_factory=dict)
