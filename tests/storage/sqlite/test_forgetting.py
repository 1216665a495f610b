"""A person forgotten in SQLite: not a byte is left in its files, whenever it was killed."""

import asyncio
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.people import Person
from bot.domain.record import Search
from storage.sqlite.anonymising import MARKER
from storage.sqlite.database import open_database
from storage.sqlite.forgetting import SqliteForgetting
from storage.sqlite.jobs import SqliteJobQueue
from tests.contracts.databases import open_sqlite
from tests.contracts.values import ANN, BOB
from tests.fakes.values import PERSON
from tests.fakes.values import make_job as make_small_job
from tests.storage.people import ANN_ELSEWHERE, PART, open_shop, some_of_everyone

_ALERT = """
    INSERT INTO alerts (id, kind, target, opened_at, last_at, count, error, flaps, tried_by)
    VALUES (:by, 'api', 'slack:C1', '', '', 1, '', 0, :by)
"""
_REVIEW = "INSERT INTO reviews VALUES ('0000000000000001', :by, '', 1)"


async def test_who_pressed_a_button_is_forgotten(tmp_path):
    async with open_database(tmp_path / "bot.db") as db:
        await SqliteJobQueue(db=db).submit(make_small_job())
        await db.write(lambda c: c.execute(_ALERT, {"by": PERSON.user_id}).rowcount)
        await db.write(lambda c: c.execute(_ALERT, {"by": "U9"}).rowcount)
        await db.write(lambda c: c.execute(_REVIEW, {"by": PERSON.user_id}).rowcount)

        await SqliteForgetting(db=db).forget_once(PERSON)

        tried = await db.read(
            lambda c: c.execute("SELECT tried_by FROM alerts").fetchall()
        )
        decided = await db.read(lambda c: c.execute("SELECT * FROM reviews").fetchall())
    assert [row[0] for row in tried] == [None, "U9"]
    assert [(row["decided_by"], row["is_approved"]) for row in decided] == [("", 1)]


@pytest.fixture
async def shop(tmp_path):
    async with open_shop(tmp_path, open_sqlite) as opened:
        yield opened


@pytest.fixture
async def db(shop):
    """The database of the shop, to look into."""
    async with open_database(shop.folder / "bot.db") as opened:
        yield opened


def bytes_on_disk(folder: Path) -> bytes:
    """Give all that is in the database's files."""
    paths = sorted(folder.glob("bot.db*"))
    return b"".join(path.read_bytes() for path in paths)


def rows_without(folder: Path, person: Person) -> dict[str, list[tuple]]:
    """Give every row of every table but the person's and the totals'."""
    with closing(sqlite3.connect(folder / "bot.db")) as db:
        own = (person.user_id, person.workspace_id)
        jobs = "SELECT id FROM jobs WHERE (user_id, workspace_id) = (?, ?)"
        records = "SELECT {} FROM generations WHERE (user_id, workspace_id) = (?, ?)"
        tables = {
            "generations": f"id NOT IN ({records.format('id')})",
            "jobs": f"id NOT IN ({jobs})",
            "steps": f"job_id NOT IN ({jobs})",
            "posted": f"record_id NOT IN ({records.format('id')})",
            "generation_tags": f"seq NOT IN ({records.format('seq')})",
            "generation_search": f"rowid NOT IN ({records.format('seq')})",
        }
        return {
            table: db.execute(
                f"SELECT * FROM {table} WHERE {others}",  # noqa: S608 - constants
                own,
            ).fetchall()
            for table, others in tables.items()
        }


@pytest.mark.parametrize("is_anonymised", [False, True], ids=["deleted", "anonymised"])
async def test_not_a_byte_of_it_is_left_in_the_database(shop, is_anonymised):
    """In no table, no index, no free page and no log."""
    await some_of_everyone(shop)
    before = bytes_on_disk(shop.folder)

    receipt = await shop.forgetter.forget(ANN, is_anonymised=is_anonymised)

    after = bytes_on_disk(shop.folder)
    for words in (b"wombat", PART, b"D0ANN", b"reproduce:ann", b"T1:U1:"):
        assert words in before
        assert words not in after, words
    assert b"a bright day" in after
    assert receipt.is_rewritten


@pytest.mark.parametrize("is_anonymised", [False, True], ids=["deleted", "anonymised"])
async def test_everything_of_others_is_untouched(shop, is_anonymised):
    """Row for row, file for file; those of the same id elsewhere are others, too."""
    _, others = await some_of_everyone(shop)
    before = rows_without(shop.folder, ANN)
    bobs = await shop.records.report(person=BOB)

    await shop.forgetter.forget(ANN, is_anonymised=is_anonymised)

    names = {record.id for record in others}
    left = rows_without(shop.folder, ANN)
    if is_anonymised:  # these are nobody's now
        assert {row[1] for row in left["generations"]} > names
    else:
        assert left == before
    assert [await shop.records.get(record.id) for record in others] == others
    assert (await shop.records.report(person=BOB)).total == bobs.total
    for record in others:
        assert shop.files.local_path(record.stored_path).exists()
    assert [one.id for one in await shop.records.search(Search(words="bright"))] == [
        "bob-1"
    ]


@pytest.mark.parametrize("is_anonymised", [False, True], ids=["deleted", "anonymised"])
async def test_batches_go_with_their_lines(shop, db, is_anonymised):
    """Their names are people's words, too."""
    await shop.draw("ann")
    await shop.draw("bob", person=BOB)

    def write(db):
        for name, user in (("ann", "U1"), ("bob", "U2")):
            row = {
                "id": f"batch-{name}",
                "name": f"{name} wombats.csv",
                "user_id": user,
                "return_address": f'{{"url": "{name} wombat"}}',
                "platform": "slack",
                "workspace_id": "T1",
                "place_workspace_id": "T1",
                "channel_id": "C1",
                "visibility": "workspace",
                "created_at": "2026",
                "lines": 1,
                "state": "done",
                "notes": "{}",
            }
            names, values = ", ".join(row), ", ".join(f":{key}" for key in row)
            db.execute(f"INSERT INTO batches ({names}) VALUES ({values})", row)  # noqa: S608 - constants
            db.execute(
                "UPDATE jobs SET batch_id = ? WHERE id = ?", (f"batch-{name}", name)
            )

    await db.write(write)
    receipt = await shop.forgetter.forget(ANN, is_anonymised=is_anonymised)

    rows = await db.read(
        lambda db: db.execute(
            "SELECT name, user_id FROM batches ORDER BY seq"
        ).fetchall()
    )
    mine = [(MARKER, receipt.done.pseudonym)] if is_anonymised else []
    assert [tuple(row) for row in rows] == [*mine, ("bob wombats.csv", "U2")]
    assert b"ann wombat" not in bytes_on_disk(shop.folder)


async def test_what_was_spent_goes_for_the_person_alone(shop, db):
    """The account's name says whose it is; the workspace's budget stays spent."""
    await shop.draw("ann")
    accounts = ["hour:person:slack:T1:U1", "day:workspace:slack:T1", "x:slack:T1:U12"]
    add = "INSERT INTO ledger VALUES (?, '2026', 1, 0)"
    rows = [(account,) for account in accounts]
    await db.write(lambda db: db.executemany(add, rows).rowcount)

    await shop.forgetter.forget(ANN, is_anonymised=True)

    left = await db.read(lambda db: db.execute("SELECT * FROM ledger").fetchall())
    assert {row["budget"] for row in left} == set(accounts[1:])


async def test_every_table_that_names_people_is_known(shop):
    """Whoever adds one has to say what becomes of it when a person is forgotten."""
    with closing(sqlite3.connect(shop.folder / "bot.db")) as db:
        tables = [
            row[0]
            for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        named = {
            table
            for table in tables
            if {"user_id", "prompt", "tried_by", "decided_by"}
            & {row[1] for row in db.execute(f"PRAGMA table_info ({table})")}
        }

    known = {"generations", "jobs", "batches", "forgettings", "audit", "alerts"}
    assert named == {*known, "reviews"}


# --- killed -------------------------------------------------------------------

# Ends itself with SIGKILL before or after its so many-th transaction.
FORGET = """
import asyncio, os, signal, sys
from datetime import timedelta
from pathlib import Path
from bot.clock import SystemClock
from storage.files.local import LocalFiles
from storage.forgetting import Forgetter
from storage.sqlite.compacting import compact, cut_log
from storage.sqlite.database import open_database
from storage.sqlite.forgetting import SqliteForgetting
from storage.sqlite.jobs import SqliteJobQueue
from storage.sqlite.records import SqliteRecords
from tests.contracts.values import ANN

class Dying:
    def __init__(self, db, left):
        self._db, self._left, self.path, self.read = db, left, db.path, db.read

    async def write(self, operation):
        self.step()
        result = await self._db.write(operation)
        self.step()
        return result

    def step(self):
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

async def main(folder, left, is_anonymised):
    async with open_database(folder / "bot.db") as db:
        db = Dying(db, left)
        files = LocalFiles(
            folder / "images", find_unused=SqliteRecords(db=db).find_unused
        )
        await Forgetter(
            store=SqliteForgetting(db=db), queue=SqliteJobQueue(db=db), files=files,
            clock=SystemClock(), version="0.1.0", own=lambda: True,
            compact=lambda is_alone: compact(db, is_alone=is_alone),
            cut_log=lambda: cut_log(db), new_secret=lambda: "ab" * 16,
            patience=timedelta(seconds=1),
        ).forget(ANN, is_anonymised=is_anonymised)

asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "anonymised"))
"""


@pytest.mark.parametrize("how", ["deleted", "anonymised"])
@pytest.mark.parametrize("step", [1, 4, 6, 8, 10, 13, 16, 20])
async def test_killed_at_any_step_it_is_finished_by_the_next(shop, how, step):
    """kill -9; whatever was done is done, the rest is done when it is typed again."""
    mine, others = await some_of_everyone(shop)

    command = (sys.executable, "-c", FORGET, str(shop.folder), str(step), how)
    process = await asyncio.create_subprocess_exec(*command)
    status = await process.wait()
    assert status in {-signal.SIGKILL, 0}
    is_over = await shop.forgetter.store.persons("U1") == [ANN_ELSEWHERE]
    if not is_over:
        receipt = await shop.forgetter.forget(ANN, is_anonymised=how == "anonymised")
        assert (receipt.done.records, receipt.done.jobs) == (4, 4)

    files = [shop.files.local_path(record.stored_path).exists() for record in mine]
    assert files == [how == "anonymised"] * 4
    assert [await shop.records.get(record.id) for record in others] == others
    assert b"wombat" not in bytes_on_disk(shop.folder)
