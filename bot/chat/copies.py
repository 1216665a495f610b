"""How sized copies are named and told of, wherever they are shown. Pure."""

import re
from pathlib import PurePath

from bot.domain.copy import Copy
from bot.domain.record import Record

_MAX_WORDS = 5
_LONGEST = 40
_KIB = 1024


def file_name(record: Record, copy: Copy) -> str:
    """Give the name people save a copy under: `fox-instagram-1080x1080.png`."""
    words = re.findall(r"[a-z0-9]+", record.prompt.lower())[:_MAX_WORDS]
    start = "-".join(words)[:_LONGEST].strip("-") or "picture"
    size = f"{copy.width}x{copy.height}"
    parts = dict.fromkeys([start, copy.format.partition(":")[0], size])
    return f"{'-'.join(parts)}{PurePath(copy.stored_path).suffix}"


def describe(copy: Copy) -> str:
    """Give format and size in words: `instagram, 1080x1080, PNG, 812 KiB`."""
    kind = PurePath(copy.stored_path).suffix.removeprefix(".").upper()
    size = f"{copy.width}x{copy.height}"
    name = copy.format.partition(":")[0]
    kib = max(1, round(copy.size_bytes / _KIB))
    return ", ".join(dict.fromkeys([name, size, kind, f"{kib:,} KiB"]))
