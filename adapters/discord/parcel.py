"""What a job's message holds: files that fit the place, caption and buttons.

Files are streamed from the disk; only what has to be made smaller is held in memory, one
picture at a time being decoded.
"""

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import discord

from adapters.discord.buttons import Spot, picture_spots
from adapters.discord.caption import alt_text, caption, caption_of_copies
from bot.chat import copies
from bot.domain.job import Job
from bot.domain.record import RecordId
from bot.errors import PlatformRefused
from bot.opening import opened
from bot.ports.chat import Picture
from bot.postprocess.fit import fit

MIB = 1024 * 1024
DEFAULT_LIMIT = 10 * MIB  # reference.mdx, "Uploading Files"
_REQUEST_LIMIT = 25 * MIB - 64 * 1024  # the same; some room for caption and buttons
CONTENT_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file of a message: a path, or bytes made from it."""

    source: Path | bytes
    filename: str
    description: str

    def open(self) -> discord.File:
        """Give the library's own value; the file is read while it is sent."""
        source = self.source
        return discord.File(
            io.BytesIO(source) if isinstance(source, bytes) else source,
            filename=self.filename,
            description=self.description,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message, ready to be sent any number of times."""

    uploads: tuple[Upload, ...]
    embed: discord.Embed
    spots: tuple[Spot, ...]
    record_ids: tuple[RecordId, ...]

    @asynccontextmanager
    async def files(self) -> AsyncIterator[list[discord.File]]:
        """Open the files for one request."""
        async with AsyncExitStack() as stack:
            yield [
                await stack.enter_async_context(opened(upload.open))
                for upload in self.uploads
            ]


class Packing:
    """Makes parcels."""

    def __init__(self) -> None:
        self._decoding = asyncio.Semaphore(1)

    async def __call__(
        self, job: Job, pictures: Sequence[Picture], *, limit: int
    ) -> Parcel:
        """Pack the pictures that have a file, each in at most *limit* bytes.

        Raises: PlatformRefused when one cannot be made to fit.
        """
        shown = [(p, p.file) for p in pictures if p.file is not None]
        if (
            not job.resizes
            or await _total([file for _, file in shown]) > _REQUEST_LIMIT
        ):
            limit = min(limit, _REQUEST_LIMIT // max(1, len(shown)))
        uploads = [await self.upload(p, file, limit) for p, file in shown]
        records = [picture.record for picture, _ in shown]
        smaller = sum(isinstance(u.source, bytes) for u in uploads)
        return Parcel(
            uploads=tuple(uploads),
            embed=caption(
                job,
                records,
                withheld=len(pictures) - len(shown),
                smaller=smaller,
            )
            if not job.resizes
            else caption_of_copies(job, pictures, smaller=smaller),
            spots=() if job.resizes else picture_spots([r.id for r in records]),
            record_ids=tuple(dict.fromkeys(record.id for record in records)),
        )

    async def upload(self, picture: Picture, file: Path, limit: int) -> Upload:
        """Give one file in at most *limit* bytes. Raises: PlatformRefused."""
        size = (await asyncio.to_thread(file.stat)).st_size
        if size <= limit:
            return _named(picture, file, picture.content_type)
        async with self._decoding:
            fitted = await asyncio.to_thread(fit, file, max_bytes=limit)
        if fitted is None:
            raise PlatformRefused(
                "The picture is kept, but it is too large to be shown here and could not "
                "be made smaller."
            )
        return _named(picture, fitted.content, fitted.content_type)


async def _total(files: Sequence[Path]) -> int:
    return await asyncio.to_thread(lambda: sum(file.stat().st_size for file in files))


def _named(picture: Picture, source: Path | bytes, content_type: str) -> Upload:
    record, name = picture.record, Path(picture.record.id)
    if picture.copy:
        name = Path(copies.file_name(record, picture.copy))
    # So named, it is blurred until somebody clicks on it.
    mark = "" if record.is_safe else "SPOILER_"
    return Upload(
        source=source,
        filename=f"{mark}{name.stem}.{_ENDINGS[content_type]}",
        description=alt_text(record),
    )
