"""What a backup, a restore or a check of the files did. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What was copied; the files named in `lost` are missing or damaged at the source."""

    records: int
    files: int
    size_bytes: int
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a check of the files found, by stored path; `repaired` of them are settled."""

    checked: int
    missing: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    orphaned: tuple[str, ...] = ()
    repaired: int = 0

    @property
    def is_well(self) -> bool:
        """Say whether every record that names a file has it now."""
        return self.repaired == len(self.missing) + len(self.damaged)
