"""One person forgotten: all of theirs goes, also from the bytes on disk; nothing else does."""

import asyncio
import signal
import sqlite3
import sys
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from bot.domain.forgetting import digest_of, kept
from bot.domain.job import JobState, Lineage, Step
from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.record import PostedMessage, Record, Search
from bot.errors import NotFound, WrongInput
from storage.files.local import LocalFiles
from storage.forgetting import Forgetter
from storage.sqlite.anonymising import MARKER
from storage.sqlite.compacting import compact, cut_log
from storage.sqlite.database import Database, open_database
from storage.sqlite.forgetting import SqliteForgetting
from storage.sqlite.jobs import SqliteJobQueue
from storage.sqlite.log import SqliteJobLog
from storage.sqlite.once import SqliteOnce
from storage.sqlite.records import SqliteRecords
from storage.sqlite.taking_back import SqliteTakeBacks
from tests.contracts.conftest import NoonClock
from tests.contracts.values import (
    ANN,
    BOB,
    GENERAL,
    NOON,
    REQUEST,
    make_job,
    make_record,
)
from tests.fakes.waiting import until

# Of the last, one part is found in the index by bytes that nothing else has.
SECRET = "my secret wombat ωψχ"
PART = "ψχ".encode()
ANN_ELSEWHERE = replace(ANN, workspace_id="T2")
DIRECT = replace(
    GENERAL, channel_id="D0ANN", thread_id="9.9", visibility=Visibility.OWNER
)


@dataclass(kw_only=True)
class Shop:
    """Stores on a folder, with people's pictures in them."""

    folder: Path
    db: Database
    files: LocalFiles
    records: SqliteRecords
    queue: SqliteJobQueue
    steps: SqliteJobLog
    once: SqliteOnce
    is_owned: bool = True
    patience: timedelta = timedelta(milliseconds=1)

    @property
    def forgetter(self) -> Forgetter:
        secrets = count(1)
        return Forgetter(
            store=SqliteForgetting(db=self.db),
            queue=self.queue,
            files=self.files,
            clock=NoonClock(),
            version="0.1.0",
            own=lambda: self.is_owned,
            compact=lambda is_alone: compact(self.db, is_alone=is_alone),
            cut_log=lambda: cut_log(self.db),
            new_secret=lambda: f"{next(secrets):032x}",
            patience=self.patience,
        )

    async def draw(
        self,
        name: str,
        *,
        person: Person = ANN,
        place: Place = GENERAL,
        prompt: str = SECRET,
        content: bytes | None = None,
        state: JobState = JobState.DONE,
        parent: str | None = None,
    ) -> Record:
        """Take a job through all its steps."""
        place = replace(
            place, platform=person.platform, workspace_id=person.workspace_id
        )
        job = make_job(
            name,
            person=person,
            place=place,
            request=replace(REQUEST, prompt=prompt),
            lineage=Lineage(parent_id=parent or "", typed_prompt=prompt),
            return_address={"response_url": f"https://hooks.test/{prompt}"},
            press_key=f"reproduce:{name}:{person.user_id}",
        )
        await self.queue.submit(job)
        await self.steps.finish(name, Step.DRAW, {"images": [{"prompt": prompt}]})
        async with self.files.receive() as incoming:
            await incoming.write(content or name.encode())
            stored = await incoming.store("image/png", created_at=NOON)
        record = make_record(
            f"{name}-1",
            prompt=prompt,
            expanded_prompt=f"A {prompt}",
            negative_prompt=f"no {prompt}",
            original_url=f"https://ideogram.test/{prompt}",
            tags=(f"tag-{prompt}",),
            job_id=job.id,
            person=person,
            place=place,
            stored_path=stored.path,
            size_bytes=stored.size_bytes,
            sha256=stored.sha256,
            parent_id=parent,
        )
        await self.steps.finish(name, Step.KEEP, {}, records=[record])
        message = PostedMessage(
            channel_id=place.channel_id, message_id=name, record_ids=(record.id,)
        )
        await self.steps.finish(name, Step.POST, {}, posted=[message])
        await self.queue.save(
            replace(job, state=state, error=f"{prompt} failed.", error_kind="BotError")
        )
        await self.once.first(
            f"withheld:{person.platform}:{person.workspace_id}:{person.user_id}:C1:{name}"
        )
        return record

    def bytes_on_disk(self) -> bytes:
        """Give all that is in the database's files."""
        paths = sorted(self.folder.glob("bot.db*"))
        return b"".join(path.read_bytes() for path in paths)

    def rows_without(self, person: Person) -> dict[str, list[tuple]]:
        """Give every row of every table but the person's and the totals'."""
        with closing(sqlite3.connect(self.folder / "bot.db")) as db:
            own = (person.user_id, person.workspace_id)
            jobs = "SELECT id FROM jobs WHERE (user_id, workspace_id) = (?, ?)"
            records = (
                "SELECT {} FROM generations WHERE (user_id, workspace_id) = (?, ?)"
            )
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


@pytest.fixture
async def shop(tmp_path):
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(open_database(tmp_path / "bot.db"))
        records = SqliteRecords(db=db)
        files = LocalFiles(
            tmp_path / "images", find_unused=records.find_unused, least_free_bytes=0
        )
        await files.prepare()
        yield Shop(
            folder=tmp_path,
            db=db,
            files=files,
            records=records,
            queue=SqliteJobQueue(db=db),
            steps=SqliteJobLog(db=db),
            once=SqliteOnce(db=db, clock=NoonClock()),
        )


async def found(shop, **search):
    return [record.id for record in await shop.records.search(Search(**search))]


async def some_of_everyone(shop):
    """Pictures of three people, one of whom drew Ann's again."""
    mine = [await shop.draw(f"ann{number}") for number in range(3)]
    direct = await shop.draw("anndirect", place=DIRECT)
    bobs = await shop.draw("bob", person=BOB, prompt="a bright day")
    again = await shop.draw("bobagain", person=BOB, prompt="a day", parent="ann0-1")
    other = await shop.draw("elsewhere", person=ANN_ELSEWHERE, prompt="a moor")
    return [*mine, direct], [bobs, again, other]


@pytest.mark.parametrize("is_anonymised", [False, True], ids=["deleted", "anonymised"])
async def test_not_a_byte_of_it_is_left_in_the_database(shop, is_anonymised):
    """In no table, no index, no free page and no log."""
    await some_of_everyone(shop)
    before = shop.bytes_on_disk()

    receipt = await shop.forgetter.forget(ANN, is_anonymised=is_anonymised)

    after = shop.bytes_on_disk()
    for words in (b"wombat", PART, b"D0ANN", b"reproduce:ann", b"T1:U1:"):
        assert words in before
        assert words not in after, words
    assert b"a bright day" in after
    assert receipt.is_rewritten


@pytest.mark.parametrize("is_anonymised", [False, True], ids=["deleted", "anonymised"])
async def test_everything_of_others_is_untouched(shop, is_anonymised):
    """Row for row, file for file; those of the same id elsewhere are others, too."""
    _, others = await some_of_everyone(shop)
    before = shop.rows_without(ANN)
    bobs = await shop.records.report(person=BOB)

    await shop.forgetter.forget(ANN, is_anonymised=is_anonymised)

    names = {record.id for record in others}
    left = shop.rows_without(ANN)
    if is_anonymised:  # these are nobody's now
        assert {row[1] for row in left["generations"]} > names
    else:
        assert left == before
    assert [await shop.records.get(record.id) for record in others] == others
    assert (await shop.records.report(person=BOB)).total == bobs.total
    for record in others:
        assert shop.files.local_path(record.stored_path).exists()
    assert await found(shop, words="bright") == ["bob-1"]


async def test_deleted_is_all_of_it(shop):
    """Records, files, jobs, messages, totals and what was done once."""
    mine, _ = await some_of_everyone(shop)

    receipt = await shop.forgetter.forget(ANN, is_anonymised=False)

    done = receipt.done
    assert (done.records, done.files, done.jobs) == (4, 4, 4)
    assert done.size_bytes == sum(record.size_bytes for record in mine)
    assert (done.found.messages, done.found.descendants) == (4, 1)
    for record in mine:
        assert await shop.records.get(record.id) is None
        assert not shop.files.local_path(record.stored_path).exists()
        assert await shop.queue.find(record.job_id) is None
    assert await found(shop, words="wombat") == []
    totals = await shop.records.report()
    assert totals.total.images == 3
    assert await shop.once.first("withheld:slack:T1:U1:C1:ann0")
    assert not await shop.once.first("withheld:slack:T1:U2:C1:bob")


async def test_anonymised_keeps_pictures_and_figures_alone(shop):
    """A search for the words or the person finds nothing; the money still adds up."""
    mine, _ = await some_of_everyone(shop)
    before = await shop.records.report()

    receipt = await shop.forgetter.forget(ANN, is_anonymised=True)

    who = receipt.done.pseudonym
    assert await found(shop, words="wombat") == []
    assert await found(shop, tags=(f"tag-{SECRET}",)) == []
    assert await found(shop, user_id="U1") == ["elsewhere-1"]
    assert len(await found(shop, user_id=who)) == 4
    for record in mine:
        now = await shop.records.get(record.id)
        assert shop.files.local_path(now.stored_path).read_bytes()
        assert (now.prompt, now.expanded_prompt, now.negative_prompt) == (
            MARKER,
            None,
            None,
        )
        assert (now.original_url, now.tags, now.person.user_id) == (None, (), who)
        assert (now.seed, now.cost_usd) == (record.seed, record.cost_usd)
        job = await shop.queue.find(record.job_id)
        assert (job.person.user_id, job.request.prompt) == (who, MARKER)
        assert (job.lineage, dict(job.return_address), job.press_key) == (
            None,
            {},
            None,
        )
        assert await shop.steps.steps(job.id) == {}
    after = await shop.records.report()
    assert (after.total, after.by_day) == (before.total, before.by_day)
    assert after.by_user[who].images == 4
    assert after.by_user["U1"].images == 1  # of the other workspace


@pytest.mark.parametrize("is_anonymised", [False, True], ids=["deleted", "anonymised"])
async def test_batches_go_with_their_lines(shop, is_anonymised):
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

    await shop.db.write(write)
    receipt = await shop.forgetter.forget(ANN, is_anonymised=is_anonymised)

    rows = await shop.db.read(
        lambda db: db.execute(
            "SELECT name, user_id FROM batches ORDER BY seq"
        ).fetchall()
    )
    mine = [(MARKER, receipt.done.pseudonym)] if is_anonymised else []
    assert [tuple(row) for row in rows] == [*mine, ("bob wombats.csv", "U2")]
    assert b"ann wombat" not in shop.bytes_on_disk()


async def test_what_was_spent_goes_for_the_person_alone(shop):
    """The account's name says whose it is; the workspace's budget stays spent."""
    await shop.draw("ann")
    accounts = ["hour:person:slack:T1:U1", "day:workspace:slack:T1", "x:slack:T1:U12"]
    add = "INSERT INTO ledger VALUES (?, '2026', 1, 0)"
    rows = [(account,) for account in accounts]
    await shop.db.write(lambda db: db.executemany(add, rows).rowcount)

    await shop.forgetter.forget(ANN, is_anonymised=True)

    left = await shop.db.read(lambda db: db.execute("SELECT * FROM ledger").fetchall())
    assert {row["budget"] for row in left} == set(accounts[1:])


async def test_a_file_that_another_record_has_stays(shop):
    """Identical bytes are stored once."""
    mine = await shop.draw("ann", content=b"the same")
    other = await shop.draw("bob", person=BOB, content=b"the same", prompt="x y z")
    assert mine.stored_path == other.stored_path

    receipt = await shop.forgetter.forget(ANN, is_anonymised=False)

    assert shop.files.local_path(other.stored_path).read_bytes() == b"the same"
    assert (receipt.done.files, receipt.done.found.shared) == (0, 1)
    assert any("other people" in sentence for sentence in kept(receipt))


class PowerCut(Exception):
    """The process ends here."""


class CutFiles:
    """Files that are cut off before they delete anything."""

    async def delete_unused(self, paths, *, stored_before=None):
        raise PowerCut


async def test_messages_are_taken_back_where_that_is_set(shop):
    """The run deletes them, with what the posting step had noted."""
    await shop.draw("ann")
    store = SqliteForgetting(db=shop.db, takes_back=True)

    receipt = await replace(shop.forgetter, store=store).forget(
        ANN, is_anonymised=False
    )

    [message] = await SqliteTakeBacks(db=shop.db).due(NOON)
    assert (message.message.channel_id, message.message.message_id) == ("C1", "ann")
    assert any("will be deleted by the bot" in sentence for sentence in kept(receipt))


@pytest.mark.parametrize("is_anonymised", [False, True], ids=["deleted", "anonymised"])
async def test_cut_off_it_goes_on_with_the_same_counts(shop, is_anonymised):
    """Between rows and files, and before the database is rewritten."""
    mine, _ = await some_of_everyone(shop)

    async def cut(_is_alone):
        raise PowerCut

    first = replace(shop.forgetter, files=CutFiles(), compact=cut)
    with pytest.raises(PowerCut):
        await first.forget(ANN, is_anonymised=is_anonymised)
    again = replace(shop.forgetter, compact=cut)
    with pytest.raises(PowerCut):
        await again.forget(ANN, is_anonymised=is_anonymised)
    who = (await shop.forgetter.store.progress(ANN)).pseudonym
    assert await shop.forgetter.find("U1", platform=None, workspace_id="T1") == ANN
    receipt = await shop.forgetter.forget(ANN, is_anonymised=is_anonymised)

    assert (receipt.done.records, receipt.done.jobs) == (4, 4)
    assert receipt.done.pseudonym == who
    assert receipt.done.found.messages == 4
    if not is_anonymised:
        assert receipt.done.files == 4
        for record in mine:
            assert not shop.files.local_path(record.stored_path).exists()
    assert b"wombat" not in shop.bytes_on_disk()
    with pytest.raises(NotFound):
        await shop.forgetter.find("U1", platform=None, workspace_id="T1")


async def test_many_go_in_small_batches(shop):
    """So that nobody waits long for the writer."""
    record = make_record(place=GENERAL)
    await shop.queue.submit(make_job())
    many = [replace(record, id=f"job0-{number}") for number in range(1, 121)]
    await shop.steps.finish("job0", Step.KEEP, {}, records=many)
    sizes = []

    class Watched(SqliteForgetting):
        async def delete_some(self, person, *, limit):
            sizes.append(await super().delete_some(person, limit=limit))
            return sizes[-1]

    await replace(shop.forgetter, store=Watched(db=shop.db)).forget(
        ANN, is_anonymised=False
    )

    assert sizes == [50, 50, 20, 0]


async def test_unfinished_jobs_are_ended_where_nobody_works_them(shop):
    """A job that a crash left behind."""
    job = await shop.queue.submit(make_job("left"))
    await shop.queue.submit(make_job("bobs", person=BOB))

    receipt = await shop.forgetter.forget(ANN, is_anonymised=False)

    assert await shop.queue.find(job.job.id) is None
    assert (await shop.queue.find("bobs")).state is JobState.QUEUED
    assert (receipt.done.jobs, receipt.unfinished) == (1, 0)


async def test_a_live_run_ends_the_jobs_itself(shop):
    """It is asked to, and waited for."""
    shop.is_owned, shop.patience = False, timedelta(seconds=30)
    await shop.draw("going", state=JobState.RUNNING)

    async def work() -> None:
        await until(shop.queue.cancelling)
        [job] = await shop.queue.cancelling()
        await shop.queue.save(replace(job, state=JobState.CANCELLED))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work())
        receipt = await shop.forgetter.forget(ANN, is_anonymised=False)

    assert (receipt.done.records, receipt.done.jobs, receipt.unfinished) == (1, 1, 0)


async def test_what_cannot_be_ended_in_time_is_told_and_goes_the_next_time(shop):
    """A paid call may take minutes; its picture is not pulled from under it."""
    shop.is_owned = False
    going = await shop.draw("going", state=JobState.RUNNING)
    await shop.draw("over")

    first = await shop.forgetter.forget(ANN, is_anonymised=False)
    left = await shop.records.get(going.id)
    job = await shop.queue.find("going")
    await shop.queue.save(replace(job, state=JobState.CANCELLED))
    second = await shop.forgetter.forget(ANN, is_anonymised=False)

    assert (first.done.records, first.unfinished, left) == (1, 1, going)
    assert any("again in a few minutes" in sentence for sentence in kept(first))
    assert (second.done.records, second.done.jobs, second.unfinished) == (2, 2, 0)


async def test_whoever_is_in_several_places_has_to_be_named(shop):
    """Slack and Discord are strangers to each other."""
    await some_of_everyone(shop)

    with pytest.raises(WrongInput, match=r"(?s)--workspace T1.*--workspace T2"):
        await shop.forgetter.find("U1", platform=Platform.SLACK, workspace_id=None)
    one = await shop.forgetter.find("U1", platform=None, workspace_id="T2")
    with pytest.raises(NotFound):
        await shop.forgetter.find("U9", platform=None, workspace_id=None)

    assert one == ANN_ELSEWHERE


async def test_the_receipt_proves_whose_it_was_without_a_name(shop):
    await shop.draw("ann")

    receipt = await shop.forgetter.forget(ANN, is_anonymised=False)

    assert receipt.digest == digest_of(ANN, receipt.salt)
    assert receipt.digest != digest_of(BOB, receipt.salt)
    assert "U1" not in repr(receipt)


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
    assert b"wombat" not in shop.bytes_on_disk()
