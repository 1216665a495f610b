"""Alerts: no end of a job is lost, none is heard twice."""

from dataclasses import dataclass, replace
from functools import partial

import pytest

from bot.domain.alert import Alert
from bot.domain.job import Job, JobId, JobState
from bot.jobs.alerts_rules import hear
from bot.ports.alerts import Alerts
from storage.keeping import KeptJobs
from tests.fakes.values import NOON, PERSON, make_job

TARGET = "slack:C0OPS"


@dataclass(frozen=True, kw_only=True)
class Store:
    """Alerts and the jobs they hear."""

    alerts: Alerts
    queue: KeptJobs

    async def end(self, number: int, state: JobState = JobState.FAILED, **more) -> Job:
        """Let a job end."""
        job = make_job(id=JobId(f"job{number}"), state=JobState.RUNNING)
        await self.queue.submit(job)
        error = {"error": "It broke.", "error_kind": "ProviderDown"}
        ended = replace(job, state=state, **(error | more))
        return await self.queue.save(ended)

    async def hear(self) -> list[Alert]:
        """Hear all there is; give what is live then."""
        while await self.alerts.hear(partial(hear, target=TARGET, now=NOON)):
            continue
        return await self.alerts.live()


@pytest.fixture
async def store(stores) -> Store:
    await stores.alerts.aim(TARGET, now=NOON)
    return Store(alerts=stores.alerts, queue=stores.queue)


async def test_failures_are_heard_once(store: Store):
    """The end of a job stands there with the job; hearing it takes it away."""
    for number in range(3):
        await store.end(number)

    [alert] = await store.hear()

    assert (alert.count, alert.error) == (3, "It broke.")
    assert await store.hear() == [alert]
    failed = await store.alerts.failed(alert.id, jobs=2, people=5)
    assert failed.jobs == ("job2", "job1")
    assert failed.people == (PERSON,)


async def test_nobody_to_tell_is_told_nothing(store: Store):
    """Without ALERT_TO nothing piles up, and what is over is not told later."""
    await store.end(1)
    await store.alerts.aim(None, now=NOON)
    await store.end(2)

    await store.alerts.aim(TARGET, now=NOON)

    assert await store.hear() == []


async def test_an_alert_elsewhere_is_over(store: Store):
    """Its message cannot be reached any more."""
    await store.end(1)
    await store.hear()

    await store.alerts.aim("slack:C0OTHER", now=NOON)

    assert await store.alerts.live() == []


async def test_a_success_counts_only_while_something_is_open(store: Store):
    await store.end(1, JobState.DONE)
    assert await store.hear() == []
    await store.end(2)
    await store.end(3, JobState.DONE)

    [alert] = await store.hear()

    assert (alert.count, alert.worked_at) == (1, NOON)


async def test_a_picture_that_was_only_shown_again_proves_nothing(store: Store):
    """No call was made for it."""
    await store.end(1)
    await store.end(2, JobState.DONE, calls=0)

    [alert] = await store.hear()

    assert alert.worked_at is None


async def test_tried_again_once(store: Store):
    """The second press asks only for what has failed since."""
    await store.end(1)
    [alert] = await store.hear()

    first = await store.alerts.ask_again(alert.id, PERSON)
    second = await store.alerts.ask_again(alert.id, PERSON)
    [(_, job)] = await store.alerts.asked()
    await store.alerts.tried(job.id)

    assert (first, second, job.id) == (1, 0, "job1")
    assert await store.alerts.asked() == []
    [now] = await store.alerts.live()
    assert (now.tried_by, now.tried, now.version) == (PERSON.user_id, 1, 2)


async def test_what_is_shown_and_over_is_live_no_more(store: Store):
    await store.end(1)
    await store.end(2, JobState.DONE)
    [alert] = await store.hear()

    await store.alerts.shown(alert.id, alert.version, now=NOON)
    await store.alerts.close(alert.id, now=NOON)
    [closed] = await store.alerts.live()  # its message has yet to say so
    await store.alerts.shown(alert.id, closed.version, now=NOON)

    assert await store.alerts.live() == []


async def test_notes_and_waits_are_kept(store: Store):
    """They are what a restart goes on with."""
    await store.end(1)
    [alert] = await store.hear()

    await store.alerts.write_notes(alert.id, {"ts": "1.0"}, is_over=False)
    await store.alerts.write_notes(alert.id, {"ts": "2.0"}, is_over=True)
    await store.alerts.put_off(alert.id, NOON, refusals=2)

    found = await store.alerts.find(alert.id)
    assert found
    assert (found.notes, found.over_notes) == ({"ts": "1.0"}, {"ts": "2.0"})
    assert (found.not_before, found.refusals) == (NOON, 2)


async def test_an_old_alert_goes_with_its_last_job(store: Store):
    """At a start, a month after it was over."""
    await store.end(1)
    [alert] = await store.hear()
    await store.alerts.close(alert.id, now=NOON)
    later = NOON.replace(year=2100)

    await store.alerts.aim(TARGET, now=later)
    kept = await store.alerts.find(alert.id)
    await store.queue.delete_finished(later)
    await store.alerts.aim(TARGET, now=later)

    assert kept is not None
    assert await store.alerts.find(alert.id) is None


async def test_a_deleted_job_is_forgotten(store: Store):
    """Retention and forgetting take the job's id with the job."""
    await store.end(1)
    [alert] = await store.hear()
    await store.end(2)

    await store.queue.delete_finished(NOON.replace(year=2100))

    failed = await store.alerts.failed(alert.id, jobs=5, people=5)
    assert (failed.jobs, failed.people) == ((), ())
    assert [one.count for one in await store.hear()] == [1]
