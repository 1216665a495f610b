"""An incoming file in memory that remembers how it was written."""

import hashlib
from datetime import datetime

from bot.ports.files import StoredFile


class MemoryFile:
    """The port `Incoming`; `content` is what was written."""

    def __init__(self) -> None:
        self.content = b""
        self.largest_chunk = 0

    async def write(self, chunk: bytes) -> None:
        self.content += chunk
        self.largest_chunk = max(self.largest_chunk, len(chunk))

    async def store(self, content_type: str, *, created_at: datetime) -> StoredFile:
        digest = hashlib.sha256(self.content).hexdigest()
        return StoredFile(path=digest, sha256=digest, size_bytes=len(self.content))
