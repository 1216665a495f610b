"""Where a picture lies below FILES_URL: by month and by its content. Pure.

`2026/11/ab/abcdef….png`: the sha256 of the bytes is the name, so that the same bytes are
one file, however many records have them.
"""

import re
from datetime import UTC, datetime
from pathlib import PurePosixPath

from bot.errors import NotFound, StorageError

EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}

_KEY = re.compile(r"\d{4}/\d{2}/[0-9a-f]{2}/[0-9a-f]{64}\.(png|jpg|webp)")


def stored_path(sha256: str, content_type: str, created_at: datetime) -> str:
    """Give the path of a picture. Raises: StorageError for what is no picture."""
    extension = EXTENSIONS.get(content_type)
    if extension is None:
        raise StorageError(
            f"Only PNG, JPEG and WebP pictures are kept, not {content_type}."
        )
    month = created_at.astimezone(UTC)
    return f"{month.year:04}/{month.month:02}/{sha256[:2]}/{sha256}.{extension}"


def is_key(path: str) -> bool:
    """Say whether *path* is one that `stored_path` gives; others are none of ours."""
    return _KEY.fullmatch(path) is not None


def sha256_of(key: str) -> str:
    """Give the checksum that the name of a picture promises."""
    return PurePosixPath(key).stem


def content_type(key: str) -> str:
    """Give the type of a picture by its name."""
    ending = PurePosixPath(key).suffix.removeprefix(".")
    return next(kind for kind, known in EXTENSIONS.items() if known == ending)


def inside(path: str) -> PurePosixPath:
    """Give *path* when it stays below the root. Raises: NotFound."""
    parts = PurePosixPath(path)
    is_safe = path and not parts.is_absolute() and ".." not in parts.parts
    if not is_safe or "\\" in path or "\0" in path:
        raise NotFound("The record names a file that is not among the kept pictures.")
    return parts
