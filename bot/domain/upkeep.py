"""What a backup or a restore did. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What was copied; the files named in `lost` are missing or damaged at the source."""

    records: int
    files: int
    size_bytes: int
    lost: tuple[str, ...] = ()
