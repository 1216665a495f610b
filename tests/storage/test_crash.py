"""Killed at any moment: what was acknowledged is there, and nothing is half."""

import hashlib
import json
import random
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from bot.domain.record import Search
from storage.files.local import LocalFiles
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobQueue
from storage.sqlite.records import SqliteRecords

# Ten workers write jobs and pictures; each says what was answered to it.
WRITE = """
import asyncio, os, sys
from pathlib import Path
from bot.domain.job import Step
from storage.files.local import LocalFiles
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobQueue
from storage.sqlite.log import SqliteJobLog
from tests.contracts.values import NOON, make_job, make_record

async def work(db, files, worker, life):
    queue, steps = SqliteJobQueue(db=db), SqliteJobLog(db=db, files=files)
    for number in range(10_000):
        job = make_job(f"{life}-{worker}-{number}")
        await queue.submit(job)
        os.write(1, f"job {job.id}\\n".encode())
        async with files.receive() as incoming:
            await incoming.write(job.id.encode() * 40_000)
            stored = await incoming.store("image/png", created_at=NOON)
        record = make_record(
            f"{job.id}-1", job_id=job.id, stored_path=stored.path,
            sha256=stored.sha256, size_bytes=stored.size_bytes,
        )
        await steps.finish(job.id, Step.KEEP, {}, records=[record])
        os.write(1, f"record {record.id}\\n".encode())

async def main(folder, life):
    files = LocalFiles(folder / "images")
    await files.prepare()
    async with open_database(folder / "bot.db") as db, asyncio.TaskGroup() as tasks:
        for worker in range(10):
            tasks.create_task(work(db, files, worker, life))

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


def write_until_killed(folder, life, lines):
    """Kill the writer once it has said that many lines; give all it said."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITE, str(folder), str(life)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        said = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        said += process.stdout.readlines()
    return [line.split() for line in said if line.endswith(b"\n")]


async def test_nothing_acknowledged_is_lost_and_no_record_lacks_its_file(tmp_path):
    """kill -9 in the middle of ten writers, three lives in a row on one folder."""
    points = random.Random(20)
    said = [
        line
        for life in range(3)
        for line in write_until_killed(tmp_path, life, points.randrange(20, 200))
    ]

    files = LocalFiles(tmp_path / "images")
    await files.prepare()
    async with open_database(tmp_path / "bot.db") as db:
        records = [record async for record in SqliteRecords(db=db).all()]
        jobs = await SqliteJobQueue(db=db).jobs(limit=100_000)
        searched = await SqliteRecords(db=db).search(Search(words="fox", limit=10**6))

    kinds = {
        b"job": {job.id.encode() for job in jobs},
        b"record": {record.id.encode() for record in records},
    }
    assert [line for line in said if line[1] not in kinds[line[0]]] == []
    for record in records:
        content = files.local_path(record.stored_path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == record.sha256
    assert len(searched) == len(records)
    assert list((tmp_path / "images").rglob("*.part")) == []
    with closing(sqlite3.connect(tmp_path / "bot.db")) as whole:
        assert whole.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# A limit on the size of files stands in for a disk that fills up.
FILL = """
import asyncio, json, resource, signal, sys
from pathlib import Path
from bot.errors import StorageError
from storage.files.local import LocalFiles
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobQueue
from tests.contracts.values import NOON, make_job

def limit(size):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

async def fill_files(folder):
    files = LocalFiles(folder / "images")
    limit(600_000)
    async with files.receive() as incoming:
        for _ in range(20):
            await incoming.write(bytes(65_536))
        await incoming.store("image/png", created_at=NOON)

async def fill_database(folder):
    async with open_database(folder / "bot.db") as db:
        queue = SqliteJobQueue(db=db)
        await queue.submit(make_job("before"))
        limit((folder / "bot.db-wal").stat().st_size + 20_000)
        try:
            await queue.submit(make_job("lost", error="x" * 100_000))
        finally:
            limit(resource.RLIM_INFINITY)
            await queue.submit(make_job("after"))

try:
    asyncio.run({"files": fill_files, "database": fill_database}[sys.argv[1]](
        Path(sys.argv[2])))
except StorageError as error:
    print(json.dumps(error.text))
"""


def fill(what, folder):
    ended = subprocess.run(
        [sys.executable, "-c", FILL, what, str(folder)],
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(ended.stdout)


def test_a_full_disk_leaves_no_piece_of_a_picture(tmp_path):
    assert "full" in fill("files", tmp_path)

    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in left if path.name != "lock"] == []


async def test_a_full_disk_costs_the_database_one_transaction(tmp_path):
    """It works on as soon as there is space again."""
    assert "disk" in fill("database", tmp_path)

    async with open_database(tmp_path / "bot.db") as db:
        jobs = await SqliteJobQueue(db=db).jobs()
    assert [job.id for job in jobs] == ["after", "before"]


@pytest.mark.parametrize("name", ["images", "images/.incoming"])
async def test_a_folder_that_cannot_be_is_said(tmp_path, name):
    """Below a file nothing can be made, not even by root."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("in the way")

    text = fill("files", tmp_path)

    assert "not a place for files" in text
