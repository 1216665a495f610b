"""The whole way of a callback: from real stores to a receiver on loopback that fails."""

import asyncio
import logging
import random
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.callbacks.bodies import Bodies
from bot.callbacks.delivery import Courier, Delivery
from bot.callbacks.guard import Rules
from bot.callbacks.sending import open_post
from bot.clock import SystemClock
from bot.domain.callback import (
    Callback,
    CallbackState,
    DeliveryId,
    Event,
    batch_id,
)
from bot.domain.job import JobId, JobState, Step
from storage.files.local import LocalFiles
from storage.sqlite.callbacks import SqliteCallbacks
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobQueue
from storage.sqlite.log import SqliteJobLog
from storage.sqlite.records import SqliteRecords
from tests.contracts.values import NOON, make_job, make_record
from tests.fakes.receiver import SECRET, receiver
from tests.fakes.waiting import until

READY, COMPLETED, FAILED = "image.ready", "generation.completed", "generation.failed"


class Office:
    """Stores with jobs in them, and a courier."""

    def __init__(self, db, folder, send, *, public_url=None):
        self.queue = SqliteJobQueue(db=db)
        self.steps = SqliteJobLog(db=db)
        self.records = SqliteRecords(db=db)
        self.callbacks = SqliteCallbacks(db=db)
        files = LocalFiles(folder / "images", public_url=public_url)
        self.courier = Courier(
            callbacks=self.callbacks,
            bodies=Bodies(queue=self.queue, records=self.records, files=files),
            send=send,
            secret=SECRET,
            clock=SystemClock(),
            first_wait=timedelta(milliseconds=10),
        )

    async def job(self, name, url, *, state=JobState.DONE, pictures=2, error=None):
        """Submit a job, keep its pictures, end it."""
        job = make_job(name, callback_url=url)
        await self.queue.submit(job)
        records = [
            make_record(f"{name}-{n}", job_id=name, stored_path=f"2026/{n}.png")
            for n in range(1, pictures + 1)
        ]
        if records:
            await self.steps.finish(JobId(name), Step.KEEP, {}, records=records)
        await self.queue.save(replace(job, state=state, error=error))

    @asynccontextmanager
    async def delivering(self):
        delivery = Delivery(
            callbacks=self.callbacks, courier=self.courier, clock=SystemClock()
        )
        task = asyncio.create_task(delivery.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def states(self):
        return {c.id: c.state.value for c in await self.callbacks.callbacks(limit=999)}

    async def is_settled(self):
        return "pending" not in (await self.states()).values()


@asynccontextmanager
async def open_office(folder, **options):
    rules = Rules(is_private_allowed=True)
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(open_database(folder / "bot.db"))
        post = open_post(
            rules=rules, clock=SystemClock(), time_limit=timedelta(seconds=1)
        )
        send = await stack.enter_async_context(post)
        yield Office(db, folder, send, **options)


@pytest.fixture
async def there():
    async with receiver() as made:
        yield made


@pytest.fixture
async def office(tmp_path):
    async with open_office(tmp_path) as opened:
        yield opened


async def test_each_event_arrives_signed_and_in_order(office, there):
    await office.job("job0", there.url)

    async with office.delivering():
        await until(office.is_settled)

    assert there.events("job0") == [READY, READY, COMPLETED]
    assert [one.delivery for one in there.taken] == [
        "job0-1.ready",
        "job0-2.ready",
        "job0.completed",
    ]
    assert all(one.is_genuine for one in there.taken)


async def test_the_body_is_the_documented_one(office, there):
    """Eight keys, always; the provider's address where the bot has no link of its own."""
    await office.job("job0", there.url)

    await office.courier.deliver("job0")

    ready, _, completed = (one.body for one in there.taken)
    link = "https://ideogram.test/1.png"
    assert ready | {"records": None} == {
        "event": "ideogram.image.ready",
        "jobId": "job0",
        "prompt": "a fox",
        "images": [link],
        "resolution": "1280x720",
        "records": None,
        "error": None,
    }
    assert [record["id"] for record in ready["records"]] == ["job0-1"]
    assert completed["event"] == "ideogram.generation.completed"
    assert completed["images"] == [link, link]
    assert [r["id"] for r in completed["records"]] == ["job0-1", "job0-2"]


async def test_links_are_the_bots_own_where_it_has_some(tmp_path, there):
    async with open_office(tmp_path, public_url="https://cdn.test") as office:
        await office.job("job0", there.url)

        await office.courier.deliver("job0")

    assert there.taken[0].body["images"] == ["https://cdn.test/2026/1.png"]


@pytest.mark.parametrize(
    ("state", "error", "told"),
    [
        (JobState.FAILED, "The key is wrong.", "The key is wrong."),
        (JobState.CANCELLED, None, "The job was cancelled."),
    ],
)
async def test_a_failure_says_why(office, there, state, error, told):
    await office.job("job0", there.url, state=state, pictures=0, error=error)

    await office.courier.deliver("job0")

    [taken] = there.taken
    assert taken.body["event"] == "ideogram.generation.failed"
    assert taken.body["error"] == told
    assert taken.body["images"] == taken.body["records"] == []


async def test_a_batch_tells_of_its_pictures(office, there):
    await office.job("job0", None)
    await office.callbacks.add(
        Callback(
            id=batch_id("batch0"),
            subject="batch0",
            event=Event.BATCH_COMPLETED,
            url=there.url,
            created_at=NOON,
            details={"prompt": "spring", "record_ids": ["job0-1", "gone"], "failed": 1},
        )
    )

    await office.courier.deliver("batch0")

    [taken] = there.taken
    assert (taken.body["jobId"], taken.body["prompt"]) == ("batch0", "spring")
    assert (taken.body["failed"], len(taken.body["images"])) == (1, 1)
    assert "record_ids" not in taken.body


async def test_a_receiver_that_is_down_half_of_the_time_gets_everything(office, there):
    """At least once, in order per job, and each time with the same id."""
    chance = random.Random(7)
    there.is_up = lambda _number: chance.random() < 0.5
    for number in range(20):
        await office.job(f"job{number}", there.url)

    async with office.delivering():
        await until(office.is_settled)

    for number in range(20):
        assert there.events(f"job{number}") == [READY, READY, COMPLETED]
    assert len({one.delivery for one in there.taken}) == 60
    assert len(there.taken) > 60
    assert all(one.is_genuine for one in there.taken)


async def test_a_receiver_that_hangs_does_not_hold_up_others(office, there):
    """Nor does it get more than a few requests at one time."""
    there.silence = asyncio.Event()
    for number in range(40):
        await office.job(f"slow{number}", there.url, pictures=0)
    async with receiver() as other:
        await office.job("quick", other.url)

        async with office.delivering():
            await until(lambda: other.events("quick") == [READY, READY, COMPLETED])
            most = len(there.taken)
        there.silence.set()

    assert most <= 8


async def test_what_a_crash_cut_off_is_sent_again(tmp_path, there):
    """It arrived, and nobody wrote down that it did: the receiver sees the same id."""
    there.silence = asyncio.Event()
    async with open_office(tmp_path) as office:
        await office.job("job0", there.url, pictures=0)
        async with office.delivering():
            await until(lambda: there.taken)
    there.silence.set()
    there.silence = None

    async with open_office(tmp_path) as office, office.delivering():
        await until(office.is_settled)

    assert [one.delivery for one in there.taken] == ["job0.completed"] * 2


async def test_gone_is_dead_and_can_be_sent_again(office, there):
    """410; what comes after it is sent all the same."""
    there.script = [410]
    await office.job("job0", there.url, pictures=1)
    async with office.delivering():
        await until(office.is_settled)
        assert await office.states() == {
            "job0-1.ready": "dead",
            "job0.completed": "delivered",
        }

        await office.callbacks.resend(DeliveryId("job0-1.ready"))
        await until(office.is_settled)

    assert set((await office.states()).values()) == {"delivered"}
    assert there.events("job0") == [COMPLETED, READY]


async def test_a_failing_receiver_is_one_line_in_the_log(office, there, caplog):
    """And neither its path nor its query is in it."""
    caplog.set_level(logging.INFO)
    there.script = [500, 500, 500, 410]
    await office.job("job0", there.url, pictures=1)

    async with office.delivering():
        await until(office.is_settled)

    lines = [r.getMessage() for r in caplog.records if "callback" in r.getMessage()]
    where = there.url.split("/hook")[0]
    assert lines == [
        f"{where} takes no callbacks, and is tried again: HTTP 500",
        f"Gave up callback job0-1.ready to {where}: HTTP 410",
        f"{where} takes callbacks again",
    ]


async def test_a_job_that_is_gone_is_told_of_no_more(office, there):
    """Nothing is known of it."""
    callback = Callback(
        id=DeliveryId("gone.completed"),
        subject="gone",
        event=Event.COMPLETED,
        url=there.url,
        created_at=NOON,
    )
    await office.callbacks.add(callback)

    settled = await office.courier.attempt(callback)

    assert settled.state is CallbackState.DEAD
    assert "is gone" in (settled.last_error or "")
    assert there.taken == []


async def test_a_fault_in_one_does_not_stop_the_others(office, there, caplog):
    """It is a try that failed, and the log has its traceback."""
    real = office.courier.send

    async def send(url, body, headers):
        if headers["X-Ideogram-Bot-Delivery"].startswith("bad"):
            raise AssertionError
        return await real(url, body, headers)

    office.courier = replace(office.courier, send=send)
    await office.job("bad", there.url, pictures=0)
    await office.job("good", there.url, pictures=0)

    async with office.delivering():
        await until(lambda: there.events("good"))
        await until(lambda: caplog.records)

    assert there.events("bad") == []
    assert (await office.states())["bad.completed"] == "pending"
