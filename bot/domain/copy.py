"""A sized copy of a kept picture, kept beside it."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.record import RecordId


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One copy; `format` is the text that asks for it (`instagram`, `800x600:webp`).

    There is one for each picture and format. It can be made again from the picture.
    """

    record_id: RecordId
    format: str
    stored_path: str  # relative to FILES_URL
    sha256: str
    size_bytes: int
    width: int
    height: int
    created_at: datetime
