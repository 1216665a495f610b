"""A sweep of many pictures while the bot works, beside bare scripts that do the same.

    python -m bench.retention [--pictures 100000] [--batch 1] [--pause-ms 10]

In process: the bot's own stores and dispatcher on one event loop. Meanwhile the loop is
watched, single inserts are timed, and commands are sent to the dispatcher, where all is
that an acknowledgement waits for. Takes some half an hour and 2 GB of disk.
"""

import argparse
import asyncio
import hashlib
import itertools
import math
import os
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import uvloop

from bot.chat.commands import Generate, Origin
from bot.chat.replies import Accepted
from bot.domain.job import JobId
from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.record import Record, RecordId
from bot.domain.request import MagicPrompt
from bot.errors import StorageError
from bot.loading import load_settings
from bot.policy.retention import Limits
from bot.service import keep_out_of_collections
from bot.settings import Settings
from bot.stores import Stores, open_stores
from bot.wiring import make_core, open_images
from storage import retention as sweeping
from storage.files.keys import stored_path

NOW = datetime.now(UTC)
OLD, YOUNG = NOW - timedelta(days=60), NOW - timedelta(days=1)
KEPT = 1000  # young pictures that stay
_ADDED = 500
_SETTLES_S = 10
_PERSON = Person(platform=Platform.SLACK, workspace_id="T1", user_id="U1")
_PLACE = Place(
    platform=Platform.SLACK,
    workspace_id="T1",
    channel_id="C1",
    visibility=Visibility.WORKSPACE,
)
_numbers = itertools.count()


@dataclass(slots=True)
class Watched:
    """Seconds, as they were measured."""

    stalls: list[float] = field(default_factory=list)
    inserts: list[float] = field(default_factory=list)
    acks: list[float] = field(default_factory=list)
    failures: int = 0

    def line(self) -> str:
        return (
            f"longest stall {_ms(_longest(self.stalls))}, "
            f"insert p50 {_ms(_median(self.inserts))} "
            f"longest {_ms(_longest(self.inserts))}, "
            f"ack p50 {_ms(_median(self.acks))} p99 {_ms(p99(self.acks))} "
            f"of {len(self.acks)}, {self.failures} failed"
        )


def p99(times: list[float]) -> float:
    if not times:
        return math.nan
    return sorted(times)[min(len(times) - 1, round(len(times) * 0.99))]


def _longest(times: list[float]) -> float:
    return max(times, default=math.nan)


def _median(times: list[float]) -> float:
    return statistics.median(times) if times else math.nan


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


# --- pictures ---------------------------------------------------------------


def make(number: int, created_at: datetime, root: Path) -> Record:
    content = f"picture {number}".encode() * 100
    sha256 = hashlib.sha256(content).hexdigest()
    path = stored_path(sha256, "image/png", created_at)
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return Record(
        id=RecordId(f"bench{number:08}-1"),
        prompt=f"a fox in a suit, studio light, number {number}",
        expanded_prompt=f"A dapper fox in a grey suit under studio light, {number}",
        negative_prompt=None,
        model="V_2",
        style_type="AUTO",
        aspect_ratio="ASPECT_1_1",
        seed=number,
        resolution="1024x1024",
        is_safe=True,
        original_url=None,
        stored_path=path,
        created_at=created_at + timedelta(seconds=number % 80_000),
        size_bytes=len(content),
        tags=("campaign", "fox"),
        job_id=JobId(f"bench{number:08}"),
        parent_id=None,
        sha256=sha256,
        prompt_hash="cd" * 32,
        magic_prompt=MagicPrompt.OFF,
        color_palette=None,
        rendering_speed=None,
        attempts=1,
        cost_usd=Decimal("0.08"),
        person=replace(_PERSON, user_id=f"U{number % 200}"),
        place=_PLACE,
    )


async def fill(stores: Stores, root: Path, count: int) -> None:
    for start in range(0, count + KEPT, _ADDED):
        numbers = range(start, min(start + _ADDED, count + KEPT))
        records = await asyncio.to_thread(
            lambda numbers=numbers: [
                make(n, OLD if n < count else YOUNG, root) for n in numbers
            ]
        )
        await stores.records.add(records)


# --- what is watched --------------------------------------------------------


@asynccontextmanager
async def watching(
    stores: Stores, ask: Callable[[], Awaitable[bool]]
) -> AsyncIterator[Watched]:
    """Watch the loop every millisecond, insert ten times and ask twenty times a second."""
    watched = Watched()

    async def loop_() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            watched.stalls.append(time.perf_counter() - began - 0.001)

    async def inserts() -> None:
        while True:
            await asyncio.sleep(0.1)
            began = time.perf_counter()
            try:
                await stores.once.first(f"bench {next(_numbers)}")
            except StorageError:  # locked for longer than the bot waits
                watched.failures += 1
            watched.inserts.append(time.perf_counter() - began)

    async def acks() -> None:
        while True:
            await asyncio.sleep(0.05)
            began = time.perf_counter()
            watched.failures += not await ask()
            watched.acks.append(time.perf_counter() - began)

    tasks = [asyncio.create_task(work()) for work in (loop_, inserts, acks)]
    try:
        yield watched
        await asyncio.sleep(1)  # what waits is to be counted
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


# --- the bare scripts -------------------------------------------------------


def bare(database: Path, root: Path, *, batch: int | None) -> None:
    """Delete what is old on one thread: in batches that commit, or all at once.

    Rows, their words and their tags; no totals, nothing looked up again, no pause.
    """
    db = sqlite3.connect(database, timeout=60, isolation_level=None)
    db.execute("PRAGMA synchronous = FULL")
    old = OLD + timedelta(days=2)
    rows = db.execute(
        "SELECT seq, stored_path FROM generations WHERE created_at < ? AND pinned = 0",
        (old.isoformat(),),
    ).fetchall()
    size = batch or len(rows)
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        seqs = [(seq,) for seq, _ in some]
        db.execute("BEGIN IMMEDIATE")
        db.executemany("DELETE FROM generation_search WHERE rowid = ?", seqs)
        db.executemany("DELETE FROM generation_tags WHERE seq = ?", seqs)
        db.executemany("DELETE FROM generations WHERE seq = ?", seqs)
        db.execute("COMMIT")
        for _, path in some:
            os.unlink(root / path)  # noqa: PTH108 - as bare as can be
    db.close()


def count(database: Path) -> int:
    db = sqlite3.connect(database)
    (rows,) = db.execute("SELECT count(*) FROM generations").fetchone()
    db.close()
    return int(rows)


# --- everything -------------------------------------------------------------


def settings_in(folder: Path) -> Settings:
    return load_settings(
        {
            "IDEOGRAM_ROUTE": "sandbox",
            "DATABASE_URL": f"sqlite:///{folder}/bot.db",
            "FILES_URL": f"file:{folder}/images",
            "RETENTION_DAYS": "30",
        }
    )


async def prepare(folder: Path, pictures: int) -> None:
    settings = settings_in(folder)
    async with open_stores(settings) as stores:
        await fill(stores, settings.files_root, pictures)
    os.sync()


async def measure(folder: Path, name: str, options: argparse.Namespace) -> None:
    settings = settings_in(folder)
    async with open_stores(settings) as stores, open_images(settings) as images:
        core = make_core(settings, stores, images, {})

        async def ask() -> bool:
            # What stands before the acknowledgement: read, decided, written down.
            origin = Origin(
                event_id=f"event {next(_numbers)}", person=_PERSON, place=_PLACE
            )
            reply = await core.dispatcher.handle(Generate(origin=origin, text="a fox"))
            return isinstance(reply, Accepted)

        retention = replace(
            stores.retention, pause=timedelta(milliseconds=options.pause_ms)
        )
        sweeps: dict[str, Callable[[], Awaitable[object]]] = {
            "ideogram-bot": lambda: retention.sweep(
                Limits(otherwise=timedelta(days=30))
            ),
            "bare, batches": lambda: asyncio.to_thread(
                bare, settings.database_path, settings.files_root, batch=options.batch
            ),
            "bare, at once": lambda: asyncio.to_thread(
                bare, settings.database_path, settings.files_root, batch=None
            ),
        }
        keep_out_of_collections()  # as a run does
        async with watching(stores, ask) as usual:
            await asyncio.sleep(options.usual_s)
        began = time.perf_counter()
        async with watching(stores, ask) as during:
            await sweeps[name]()
            took = time.perf_counter() - began
        left = await asyncio.to_thread(count, settings.database_path)
    ratio = p99(during.acks) / p99(usual.acks)
    print(f"\n{name}: {took:.1f} s, {left} left")
    print(f"  usually: {usual.line()}")
    print(f"  during:  {during.line()}  ack p99 x {ratio:.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=sweeping.BATCH)
    parser.add_argument(
        "--pause-ms", type=float, default=sweeping.PAUSE.total_seconds() * 1000
    )
    parser.add_argument("--usual-s", type=float, default=40)
    parser.add_argument("--only", default="ideogram-bot,bare, batches,bare, at once")
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    sweeping.BATCH = options.batch
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        full = Path(folder, "full")
        uvloop.run(prepare(full, options.pictures))
        for name in ("ideogram-bot", "bare, batches", "bare, at once"):
            if name in options.only:
                copy = Path(folder, name.replace(" ", ""))
                shutil.copytree(full, copy)
                os.sync()
                time.sleep(_SETTLES_S)  # the disk is at it for a while
                uvloop.run(measure(copy, name, options))
                shutil.rmtree(copy)


if __name__ == "__main__":
    main()
