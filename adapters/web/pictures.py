"""Kept pictures, streamed to those who may see them.

A picture's bytes never change, so a browser that has them need not ask again.
"""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from adapters.web.entries import PLACE
from adapters.web.view import file_name
from bot.chat.copies import file_name as copy_name
from bot.domain.copy import Copy
from bot.domain.people import Person
from bot.domain.record import Record, RecordId
from bot.errors import BotError
from bot.ports.files import Files
from bot.ports.records import Copies, Records

_KINDS = {
    b"\x89PNG\r\n\x1a\n": ("image/png", ".png"),
    b"\xff\xd8\xff": ("image/jpeg", ".jpg"),
    b"RIFF": ("image/webp", ".webp"),
}
_CACHE = "private, max-age=31536000, immutable"


class Pictures:
    """The files of records."""

    def __init__(self, *, records: Records, files: Files, copies: Copies) -> None:
        self._records = records
        self._files = files
        self._copies = copies

    async def response(self, record_id: str, person: Person) -> FileResponse | None:
        """Give the picture; None when there is none, or none for *person*."""
        record = await self._records.get(RecordId(record_id))
        if record is None or record.stored_path is None:
            return None
        if not record.is_visible_to(person, PLACE):
            return None
        return await self._response(record, record.stored_path)

    async def copy(
        self, record_id: str, form: str, person: Person
    ) -> FileResponse | None:
        """Give a sized copy; None when there is none, or none for *person*."""
        record = await self._records.get(RecordId(record_id))
        if record is None or not record.is_visible_to(person, PLACE):
            return None
        for copy in await self._copies.of_records([record.id]):
            if copy.format == form:
                return await self._response(record, copy.stored_path, copy)
        return None

    async def _response(
        self, record: Record, stored_path: str, copy: Copy | None = None
    ) -> FileResponse | None:
        async with AsyncExitStack() as held:
            try:
                path = await held.enter_async_context(self._files.on_disk(stored_path))
                kind = await asyncio.to_thread(_read_kind, path)
            except (BotError, OSError):
                return None
            if kind is None:
                return None
            held_on = held.pop_all()  # until the last byte is sent
            done = BackgroundTask(held_on.aclose)
            if copy:
                name = copy_name(record, copy)
                return _stream(path, kind[0], name, copy.sha256, done)
            name = file_name(record, kind[1])
            return _stream(path, kind[0], name, record.sha256 or record.id, done)


def _read_kind(path: Path) -> tuple[str, str] | None:
    """Tell a picture by its first bytes: its type and its file's suffix."""
    with path.open("rb") as file:
        head = file.read(16)
    kinds = (kind for magic, kind in _KINDS.items() if head.startswith(magic))
    return next(kinds, None)


def _stream(
    path: Path, media_type: str, name: str, tag: str, done: BackgroundTask
) -> FileResponse:
    return FileResponse(
        path,
        media_type=media_type,
        filename=name,
        content_disposition_type="inline",
        headers={"Cache-Control": _CACHE, "ETag": f'"{tag}"'},
        background=done,
    )
