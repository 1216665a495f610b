"""The alarm on real SQLite, with a clock that is set and a sender that remembers."""

from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands.alerts import again
from bot.domain.alert import AlertId, AlertMessage
from bot.domain.job import Job, JobId, JobState
from bot.errors import BotError, NotInPlace
from bot.jobs.alerts import Alarm
from bot.jobs.alerts_rules import CALM, EDIT_EVERY, FIRST_WAIT, SETTLE
from bot.ports.chat import PostNotes
from storage.sqlite.alerts import SqliteAlerts
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobQueue
from tests.fakes.values import NOON, PERSON, make_job

TARGET = "slack:C0OPS"
STORM = 200


@dataclass
class Clock:
    at = NOON

    def now(self):
        return self.at


@dataclass
class FakeAlertSender:
    """Shows messages by key; scripted by `faults`."""

    posts: list[AlertMessage] = field(default_factory=list)
    shown: dict[str, AlertMessage] = field(default_factory=dict)
    faults: deque[BotError] = field(default_factory=deque)

    async def post(self, message: AlertMessage, notes: PostNotes) -> None:
        if self.faults:
            raise self.faults.popleft()
        self.posts.append(message)
        self.shown[message.key] = message
        await notes.write({"ts": message.key})

    async def edit(self, message: AlertMessage, notes: Mapping[str, Any]) -> None:
        assert notes == {"ts": message.key}
        self.shown[message.key] = message


@dataclass(kw_only=True)
class Watch:
    """One database over the lives of the process."""

    queue: SqliteJobQueue
    alerts: SqliteAlerts
    sender: FakeAlertSender = field(default_factory=FakeAlertSender)
    clock: Clock = field(default_factory=Clock)
    submitted: list[Job] = field(default_factory=list)

    def alarm(self) -> Alarm:
        return Alarm(
            alerts=self.alerts,
            sender=self.sender,
            try_again=self._try_again,
            target=TARGET,
            clock=self.clock,
        )

    async def _try_again(self, alert: AlertId, job: Job) -> None:
        self.submitted.append(again(alert, job, at=self.clock.now()))

    async def end(self, *numbers: int, state: JobState = JobState.FAILED) -> None:
        for number in numbers:
            job = make_job(id=JobId(f"job{number}"), state=JobState.RUNNING)
            await self.queue.submit(job)
            kind = {"error": "No.", "error_kind": "KeyRejected"}
            ended = replace(job, state=state, **kind)
            await self.queue.save(ended)

    async def look(self, after: timedelta = timedelta(0)) -> None:
        """Let time pass and a new life of the process look."""
        self.clock.at += after
        await self.alarm().look()


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[Watch]:
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(open_database(tmp_path / "bot.db"))
        made = Watch(queue=SqliteJobQueue(db=db), alerts=SqliteAlerts(db=db))
        await made.alerts.aim(TARGET, now=NOON)
        yield made


async def test_a_storm_is_one_message_over_restarts(watch: Watch):
    """Every look is a life of its own: all it knows is in the database."""
    for number in range(0, STORM, 20):
        await watch.end(*range(number, number + 20))
        await watch.look(timedelta(seconds=1))
    await watch.look(EDIT_EVERY)

    [post] = watch.sender.posts
    shown = watch.sender.shown[post.key]
    assert shown.title == f"Ideogram refuses the key: {STORM} generations failed."
    assert len(shown.failed.jobs) == 10


async def test_nothing_is_said_before_a_burst_is_over(watch: Watch):
    await watch.end(1)
    await watch.look()
    await watch.look(SETTLE - timedelta(seconds=1))
    assert watch.sender.posts == []

    await watch.look(timedelta(seconds=1))

    assert len(watch.sender.posts) == 1


async def test_it_works_again_is_told_once(watch: Watch):
    await watch.end(1)
    await watch.look()
    await watch.look(SETTLE)
    await watch.end(2, state=JobState.DONE)
    await watch.look()
    assert len(watch.sender.posts) == 1

    for _ in range(3):
        await watch.look(CALM)

    alert, over = watch.sender.posts
    assert over.is_over
    assert over.key == f"{alert.key}-over"
    assert watch.sender.shown[alert.key].lines[-1][0].startswith("It works again")


async def test_the_next_failure_after_the_end_is_a_new_alert(watch: Watch):
    await watch.end(1)
    await watch.look()
    await watch.look(SETTLE)
    await watch.end(2, state=JobState.DONE)
    for _ in range(2):
        await watch.look(CALM)

    await watch.end(3)
    await watch.look()
    await watch.look(SETTLE)

    first, _, second = watch.sender.posts
    assert first.key != second.key


async def test_what_cannot_be_shown_is_shown_later(watch: Watch, caplog):
    """A channel without the bot: one line in the log, and no failure is lost."""
    watch.sender.faults.extend([NotInPlace("invite me."), NotInPlace("invite me.")])
    await watch.end(1)
    await watch.look()
    alarm = watch.alarm()

    for wait in (SETTLE, FIRST_WAIT, 2 * FIRST_WAIT):
        watch.clock.at += wait
        await alarm.look()

    assert len(watch.sender.posts) == 1
    assert caplog.text.count("Alerts cannot be shown") == 1


async def test_try_again_asks_for_the_same_under_a_new_id(watch: Watch):
    """Derived from alert and job: submitted twice, it is one job."""
    await watch.end(1, 2)
    await watch.look()
    [alert] = await watch.alerts.live()
    await watch.alerts.ask_again(alert.id, PERSON)

    await watch.look()
    await watch.look()

    first, second = watch.submitted
    old = await watch.queue.find(JobId("job1"))
    assert old
    assert first.id not in {"job1", second.id}
    assert (first.request, first.place) == (old.request, old.place)
    assert (first.state, first.error, first.calls) == (JobState.QUEUED, None, 0)
    assert first.id == again(alert.id, old, at=NOON).id
