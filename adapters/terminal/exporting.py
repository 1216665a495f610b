"""Records written out a page at a time, so that any number of them needs no memory.

A file is replaced once all of it is written. Cut off, the same export goes on where it was;
what is drawn or deleted meanwhile is in it, or not, as it was when its page was read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from adapters.terminal.forms import Format, closing, opening, text_of
from adapters.terminal.operations import Export
from adapters.terminal.packing import end_of_tar, pack
from adapters.terminal.replacing import as_unwritable
from adapters.terminal.unfinished import Note, Unfinished, growing, part_path
from bot.domain.exporting import Page
from bot.errors import WrongInput

Say = Callable[[str], None]

_PAGE = 500
_PAGE_WITH_PICTURES = 50  # they are written again after a crash


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is in the file; `lost` pictures are missing or damaged, and left out."""

    records: int
    pictures: int = 0
    lost: int = 0


async def write(export: Export, form: Format, out: TextIO) -> int:
    """Write every record to *out*; gives their number."""
    count = 0
    out.write(opening(form))
    async for page in export.pages(0, _PAGE):
        out.write(text_of(form, page.records, before=count))
        count += len(page.records)
    out.write(closing(form, count=count))
    return count


async def write_file(export: Export, form: Format, output: Path, say: Say) -> Written:
    """Write every record to a file, whole or not at all.

    *say* hears where it goes on, and of each picture that is left out.
    Raises: StorageError, WrongInput.
    """
    with as_unwritable(output):
        target, is_device = _target(output)
        if is_device:
            if form is Format.TAR:
                raise WrongInput(f"{output} is no file, and a tar needs one.")
            with target.open("w", encoding="utf-8", newline="") as out:
                return Written(records=await write(export, form, out))
        with growing(target, form=form, source=export.source) as part:
            return await _Writing(export=export, form=form, part=part, say=say).write(
                part_path(target)
            )


def _target(output: Path) -> tuple[Path, bool]:
    """Give the file behind a link, which stays one, and whether it is a device or pipe."""
    target = output.resolve()
    return target, target.exists() and not target.is_file()


@dataclass(slots=True, kw_only=True)
class _Writing:
    """One export to a file."""

    export: Export
    form: Format
    part: Unfinished
    say: Say
    note: Note = field(init=False)

    async def write(self, path: Path) -> Written:
        self.note = self.part.note
        if self.note.size:
            self.say(
                f"Going on after the first {self.note.records:,} records: an export to "
                f"this file was cut off. To begin anew, delete {path} first."
            )
        else:
            self.part.write(opening(self.form).encode())
        try:
            await self._write_pages()
        except BaseException:
            if self.part.note.size:
                self.say(
                    f"The first {self.part.note.records:,} records are written: the same "
                    "command goes on from there."
                )
            raise
        note = self.note
        return Written(records=note.records, pictures=note.pictures, lost=note.lost)

    async def _write_pages(self) -> None:
        is_tar = self.form is Format.TAR
        size = _PAGE_WITH_PICTURES if is_tar else _PAGE
        async for page in self.export.pages(self.note.position, size):
            await self._write_page(page)
            self.part.checkpoint(self.note)
        end = closing(self.form, count=self.note.records).encode()
        self.part.write(end_of_tar(self.part.size) if is_tar else end)

    async def _write_page(self, page: Page) -> None:
        note = self.note
        if self.form is Format.TAR:
            packed = await pack(page, self.part, self.export, before=note.records)
            for path in packed.lost:
                self.say(f"Missing or damaged, left out: {path}")
            note = replace(
                note,
                pictures=note.pictures + packed.pictures,
                lost=note.lost + len(packed.lost),
            )
        else:
            text = text_of(self.form, page.records, before=note.records)
            self.part.write(text.encode())
        self.note = replace(
            note, position=page.position, records=note.records + len(page.records)
        )
