"""Records from a file: all of it is checked, then it is written down in batches.

Killed in the middle, the same import goes on: what is here already is passed by.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from bot.domain.importing import Imported, Line, Source
from bot.domain.record import Record
from bot.errors import WrongInput
from storage.files.stored import StoredFiles
from storage.sqlite.adding import Seen, open_seen
from storage.sqlite.records import SqliteRecords

OnWrong = Callable[[int, str], None]

_BATCH = 200  # tens of milliseconds of the writer's time


class Importer:
    """Takes records into a database and beside its files."""

    def __init__(self, *, records: SqliteRecords, files: StoredFiles) -> None:
        self._records = records
        self._files = files

    async def take_in(self, source: Source, on_wrong: OnWrong) -> Imported:
        """Import everything; or nothing, when a line is wrong or its id is taken.

        *on_wrong* hears of each such line. Raises: WrongInput.
        """
        wrong = 0
        with open_seen() as seen:
            for lines in _batches(source.read()):
                problems = await self._problems(lines, seen, source)
                wrong += len(problems)
                for number, text in sorted(problems.items()):
                    on_wrong(number, text)
        if wrong:
            lines_are = "1 line is" if wrong == 1 else f"{wrong:,} lines are"
            raise WrongInput(f"Nothing was imported: {lines_are} wrong.")
        return await self._add(source)

    async def _problems(
        self, lines: Sequence[Line], seen: Seen, source: Source
    ) -> dict[int, str]:
        taken = await self._records.conflicts(
            _records(lines), has_seed_keys=source.has_seed_keys
        )
        problems = {}
        for line in lines:
            match line.content:
                case WrongInput() as error:
                    problems[line.number] = error.text
                case Record(id=record) if not record:
                    problems[line.number] = "The id is empty."
                case Record(id=record) if record in taken:
                    problems[line.number] = (
                        f"The record {record} is here already, with other contents."
                    )
                case Record(id=record) as new if seen.is_another(new):
                    problems[line.number] = (
                        f"The id {record} stands in this file twice, with other contents."
                    )
        return problems

    async def _add(self, source: Source) -> Imported:
        total = Imported()
        for lines in _batches(source.read()):
            records = _records(lines)
            if len(records) < len(lines):
                raise WrongInput("The file was changed meanwhile. Import it again.")
            total = _sum(total, await self._add_batch(records, source))
        return total

    async def _add_batch(self, records: Sequence[Record], source: Source) -> Imported:
        sizes = {(r.stored_path, r.size_bytes) for r in records if r.stored_path}
        async with self._files.holding_whole(sizes) as whole:
            kept = [
                r if (r.stored_path, r.size_bytes) in whole else _without_file(r)
                for r in records
            ]
            added = await self._records.add(kept, has_seed_keys=source.has_seed_keys)
        named = {record.id for record in records if record.stored_path}
        return Imported(
            imported=len(added),
            skipped=len(records) - len(added),
            without_file=sum(r.stored_path is None and r.id in named for r in added),
        )


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
    )
