"""What a page of a search, and a report, cost when a million pictures are on record.

    python -m bench.search [--count 1000000] [--rounds 300] [--file FILE]

Builds the records (with --file: keeps them there, and finds them the next time), then asks
each kind of question through `SqliteRecords.search`, beside bare SQL for the plain ones.
Every question differs from the one before; a first third of them warms up. CPU time is
printed beside what the clock says: on a machine that others use only that is comparable.
"""

import argparse
import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.million import Asker, build, is_built
from bot.domain.people import Person, Platform
from bot.domain.record import Search
from storage.sqlite.database import open_database
from storage.sqlite.records import SqliteRecords

BY_WORDS = """
    SELECT g.* FROM generation_search AS s CROSS JOIN generations AS g ON g.seq = s.rowid
    WHERE s.text MATCH ? ORDER BY s.rowid DESC LIMIT 20
"""
BY_TAG = """
    SELECT g.* FROM generation_tags AS t CROSS JOIN generations AS g ON g.seq = t.seq
    WHERE t.tag = ? ORDER BY t.seq DESC LIMIT 20
"""
BY_TWO_TAGS = """
    SELECT g.* FROM generation_tags AS t
    CROSS JOIN generation_tags AS u ON u.tag = ? AND u.seq = t.seq
    CROSS JOIN generations AS g ON g.seq = t.seq
    WHERE t.tag = ? ORDER BY t.seq DESC LIMIT 20
"""
BY_SEED = "SELECT * FROM generations WHERE seed = ? ORDER BY seq DESC LIMIT 20"
NEWEST = "SELECT * FROM generations ORDER BY seq DESC LIMIT 20"

SCAN = "SELECT model, count(*), sum(size_bytes) FROM generations GROUP BY +model"
YEAR = datetime(2025, 1, 1, tzinfo=UTC)
ONE = Person(platform=Platform.SLACK, workspace_id="T1", user_id="T1U1")

Bare = Callable[[Search], tuple[str, Sequence[object]]]
BARE: dict[str, Bare] = {
    "newest": lambda _: (NEWEST, ()),
    "word": lambda s: (BY_WORDS, (f'"{s.words}"',)),
    "part of a word": lambda s: (BY_WORDS, (f'"{s.words}"',)),
    "no hit": lambda s: (BY_WORDS, (f'"{s.words}"',)),
    "tag": lambda s: (BY_TAG, s.tags),
    "two tags": lambda s: (BY_TWO_TAGS, s.tags),
    "seed": lambda s: (BY_SEED, (s.seed,)),
}


async def ask(path: Path, rounds: int) -> None:
    with closing(sqlite3.connect(path)) as bare:
        asker = Asker(bare, random.Random(2))
        start = time.perf_counter()
        async with open_database(path) as db:
            print(f"opened, updates included, in {time.perf_counter() - start:.1f} s")
            records = SqliteRecords(db=db)
            print(
                f"\n{'a page of 20, ms':44}    p50      p99      max  CPU p50  CPU p99"
                "  bare p50  p99"
            )
            for name, make in asker.kinds():
                searches = [make() for _ in range(rounds)]
                both = [pair async for pair in _ours(records, searches)]
                plain = list(_bare(bare, BARE[name], searches)) if name in BARE else []
                times, cpu = zip(*both[rounds // 3 :], strict=True)
                print(_line(name, times, plain[rounds // 3 :], cpu))
            await report(records, bare)


async def report(records: SqliteRecords, bare: sqlite3.Connection) -> None:
    """Print what totals cost, beside one scan that groups by the model alone."""
    kinds: dict[str, dict[str, Any]] = {
        "report of all time": {},
        "report of a year": {"since": YEAR, "until": YEAR + timedelta(days=365)},
        "report of a workspace": {"workspace": (Platform.SLACK, "T1")},
        "report of a person": {"person": ONE},
    }
    for name, narrowed in kinds.items():
        times = []
        for _ in range(7):
            start = time.perf_counter()
            await records.report(**narrowed)
            times.append(time.perf_counter() - start)
        print(_line(name, times, ()))
    start = time.perf_counter()
    bare.execute(SCAN).fetchall()
    print(f"{'bare scan by model':44}{(time.perf_counter() - start) * 1000:8.2f}")


async def _ours(
    records: SqliteRecords, searches: Sequence[Search]
) -> AsyncIterator[tuple[float, float]]:
    """Give how long each took, and how much CPU time of all threads it cost."""
    for search in searches:
        start, worked = time.perf_counter(), time.process_time()
        await records.search(search)
        yield time.perf_counter() - start, time.process_time() - worked


def _bare(
    db: sqlite3.Connection, query: Bare, searches: Sequence[Search]
) -> Iterator[float]:
    for search in searches:
        sql, values = query(search)
        start = time.perf_counter()
        db.execute(sql, values).fetchall()
        yield time.perf_counter() - start


def _line(
    name: str,
    ours: Sequence[float],
    bare: Sequence[float],
    cpu: Sequence[float] = (),
) -> str:
    worked = f"{_at(cpu, 0.5):9.2f} {_at(cpu, 0.99):8.2f}" if cpu else ""
    beside = f"{_at(bare, 0.5):9.2f} {_at(bare, 0.99):7.2f}" if bare else ""
    numbers = f"{_at(ours, 0.5):8.2f} {_at(ours, 0.99):8.2f} {_at(ours, 1):8.2f}"
    return f"{name:44}{numbers}{worked}{beside}"


def _at(seconds: Sequence[float], share: float) -> float:
    times = sorted(seconds)
    return times[min(len(times) - 1, int(len(times) * share))] * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=300, help="questions of a kind")
    parser.add_argument("--file", type=Path, help="keep the records here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.file or Path(folder, "bot.db")
        if not is_built(path):
            start = time.perf_counter()
            build(path, options.count)
            print(f"{options.count:,} records in {time.perf_counter() - start:.0f} s")
        print(f"{path.stat().st_size / 2**20:,.0f} MiB")
        asyncio.run(ask(path, options.rounds))


if __name__ == "__main__":
    main()
