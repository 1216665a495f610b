"""Whether a kept file is still what it was: its name says so."""

import hashlib
from pathlib import Path


def holds_its_name(file: Path) -> bool:
    """Say whether the file is there and its bytes have the checksum of its name."""
    return has_checksum(file, file.stem)


def has_checksum(file: Path, sha256: str) -> bool:
    """Say whether the file is there and its bytes have that checksum."""
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False
