"""Everything that is kept, for an export: also while a run adds to it and deletes."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from bot.domain.exporting import Page
from bot.ports.files import Files
from storage.keeping import KeptRecords


class Exporter:
    """Reads records and pictures; *database* is where the records are."""

    def __init__(self, *, records: KeptRecords, files: Files, database: Path) -> None:
        self._records = records
        self._files = files
        self._database = database

    @property
    def source(self) -> str:
        """Name the database, for an export to know whether it may go on."""
        return str(self._database.resolve())

    def pages(self, after: int, size: int) -> AsyncIterator[Page]:
        """Give the records after that position, oldest first, up to *size* at a time."""
        return self._records.pages(after=after, size=size)

    def picture(self, path: str) -> AbstractAsyncContextManager[Path]:
        """Give a kept picture as a file, for the time of the block. Raises: NotFound."""
        return self._files.on_disk(path)
