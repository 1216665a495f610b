"""A file that is there whole or not at all: who reads it meanwhile sees the old one."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StorageError


def write_whole(output: Path, content: bytes) -> None:
    """Put *content* where *output* is. Raises: StorageError."""
    target = output.resolve()  # a link stays a link
    with as_unwritable(output):
        if target.exists() and not target.is_file():  # a device or pipe
            target.write_bytes(content)
            return
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        try:
            with part.open("wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def as_unwritable(output: Path) -> Iterator[None]:
    """Turn what a full disk or a missing folder says into a sentence."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"Cannot write {output}: {error.strerror or error}. "
            "Make room there, or name another file."
        ) from error
