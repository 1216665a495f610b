"""Records from a file: all of it is checked, then it is written down in batches.

Killed in the middle, the same import goes on: what is here already is passed by. Pictures
that the file holds are put in place just before the records that name them; one that was
left without its record by a crash is swept a day later.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from bot.domain.importing import Enclosed, Imported, Line, Source
from bot.domain.record import Record
from bot.errors import WrongInput
from storage.files.keys import EXTENSIONS, is_key
from storage.files.stored import Size, StoredFiles
from storage.keeping import KeptRecords
from storage.scratch import EnclosedPictures, Seen, open_enclosed, open_seen

OnWrong = Callable[[int, str], None]
Problem = tuple[int, str]

_BATCH = 200  # tens of milliseconds of the writer's time
_PIECE = 512 * 1024
_LARGEST = 64 * 1024 * 1024  # bytes of a picture: more than any that is downloaded
_TRIES = 3  # an old file may be swept in the instant before its record is written
_CHANGED = "The file was changed meanwhile. Import it again."


class Importer:
    """Takes records into a database and beside its files."""

    def __init__(self, *, records: KeptRecords, files: StoredFiles) -> None:
        self._records = records
        self._files = files

    async def take_in(self, source: Source, on_wrong: OnWrong) -> Imported:
        """Import everything; or nothing, when a line is wrong or its id is taken.

        *on_wrong* hears of each such line. Raises: WrongInput.
        """
        wrong = 0
        with open_seen() as seen, open_enclosed() as pictures:
            for lines in _batches(source.read()):
                problems = await self._problems(lines, seen, source)
                problems += await self._wrong_pictures(lines, pictures, source)
                wrong += len(problems)
                for number, text in sorted(problems):
                    on_wrong(number, text)
            if wrong:
                lines_are = "1 line is" if wrong == 1 else f"{wrong:,} lines are"
                raise WrongInput(f"Nothing was imported: {lines_are} wrong.")
            return await self._add(source, pictures)

    async def _problems(
        self, lines: Sequence[Line], seen: Seen, source: Source
    ) -> list[Problem]:
        taken = await self._records.conflicts(
            _records(lines), has_seed_keys=source.has_seed_keys
        )
        problems = []
        for line in lines:
            match line.content:
                case WrongInput() as error:
                    problems.append((line.number, error.text))
                case Record(id=record) if not record:
                    problems.append((line.number, "The id is empty."))
                case Record(id=record) if record in taken:
                    text = f"The record {record} is here already, with other contents."
                    problems.append((line.number, text))
                case Record(id=record) as new if seen.is_another(new):
                    text = f"The id {record} stands in this file twice, with other contents."
                    problems.append((line.number, text))
        return problems

    async def _wrong_pictures(
        self, lines: Sequence[Line], pictures: EnclosedPictures, source: Source
    ) -> list[Problem]:
        problems = []
        for line in lines:
            if isinstance(line.content, Enclosed):
                pictures.add(line.content)
                text = await asyncio.to_thread(_what_is_wrong, line.content, source)
                if text is not None:
                    problems.append((line.number, f"{line.content.path}: {text}"))
        return problems

    async def _add(self, source: Source, pictures: EnclosedPictures) -> Imported:
        total = Imported()
        for lines in _batches(source.read()):
            if any(isinstance(line.content, WrongInput) for line in lines):
                raise WrongInput(_CHANGED)
            if records := _records(lines):
                added = await self._add_batch(records, source, pictures)
                total = _sum(total, added)
        return total

    async def _add_batch(
        self, records: Sequence[Record], source: Source, pictures: EnclosedPictures
    ) -> Imported:
        sizes = {(r.stored_path, r.size_bytes) for r in records if r.stored_path}
        for tried in range(_TRIES):
            async with self._files.holding_whole(sizes) as whole:
                absent = (
                    _enclosed(sizes - whole, pictures) if tried < _TRIES - 1 else []
                )
                if not absent:
                    return await self._write_down(records, whole, source)
            for picture in absent:
                await self._store(picture, source)
        raise AssertionError  # the last try writes them down as they are

    async def _write_down(
        self, records: Sequence[Record], whole: set[Size], source: Source
    ) -> Imported:
        kept = [
            r if (r.stored_path, r.size_bytes) in whole else _without_file(r)
            for r in records
        ]
        added = await self._records.add(kept, has_seed_keys=source.has_seed_keys)
        old = {record.id for record in kept} - {record.id for record in added}
        back = [r for r in kept if r.id in old and r.stored_path]
        named = {record.id for record in records if record.stored_path}
        return Imported(
            imported=len(added),
            skipped=len(records) - len(added),
            without_file=sum(r.stored_path is None and r.id in named for r in added),
            brought_back=await self._records.bring_back(back) if back else 0,
        )

    async def _store(self, picture: Enclosed, source: Source) -> None:
        """Put a picture in its place: the month and the checksum of its path."""
        ending = picture.path.rpartition(".")[2]
        content_type = next(kind for kind, name in EXTENSIONS.items() if name == ending)
        with source.open_picture(picture) as content:
            async with self._files.receive() as incoming:
                while piece := await asyncio.to_thread(content.read, _PIECE):
                    await incoming.write(piece)
                stored = await incoming.store(
                    content_type, created_at=_month(picture.path)
                )
        if stored.path != picture.path:
            raise WrongInput(_CHANGED)


def _what_is_wrong(picture: Enclosed, source: Source) -> str | None:
    try:
        if not is_key(picture.path) or not _month(picture.path):
            return "It is not the name of a kept picture."
    except ValueError:
        return "It names a month that there is not."
    if picture.size > _LARGEST:
        return f"It is larger than {_LARGEST // 1024**2} MiB."
    digest = hashlib.sha256()
    with source.open_picture(picture) as content:
        while piece := content.read(_PIECE):
            digest.update(piece)
    sha256 = digest.hexdigest()
    folder, name = picture.path.split("/")[-2:]
    if name.partition(".")[0] != sha256 or folder != sha256[:2]:
        return "Its bytes do not have the checksum that its name says."
    return None


def _month(path: str) -> datetime:
    year, month = path.split("/")[:2]
    return datetime(int(year), int(month), 1, tzinfo=UTC)


def _enclosed(sizes: Iterable[Size], pictures: EnclosedPictures) -> list[Enclosed]:
    """Give the pictures of the file that are what their records say."""
    wanted = set(sizes)
    found = pictures.find({path for path, _ in wanted})
    return [p for p in found if wanted & {(p.path, p.size), (p.path, None)}]


def _records(lines: Iterable[Line]) -> list[Record]:
    return [line.content for line in lines if isinstance(line.content, Record)]


def _without_file(record: Record) -> Record:
    return replace(record, stored_path=None)


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while batch := list(islice(lines, _BATCH)):
        yield batch


def _sum(one: Imported, other: Imported) -> Imported:
    return Imported(
        imported=one.imported + other.imported,
        skipped=one.skipped + other.skipped,
        without_file=one.without_file + other.without_file,
        brought_back=one.brought_back + other.brought_back,
    )
