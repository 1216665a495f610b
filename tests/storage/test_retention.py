"""Old pictures go, and nothing else does."""

import asyncio
import os
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.job import JobState, Step
from bot.errors import DownloadFailed
from bot.policy.retention import Limits
from storage.retention import Share, SweepResult
from tests.contracts.values import make_job, make_record
from tests.storage.house import NOW, open_house

DAY = timedelta(days=1)
MONTH = 30 * DAY
ALL = timedelta(0)


class BusyUpkeep:
    """An Upkeep beside which others are at work for so many moments; notes the steps."""

    def __init__(self, upkeep, *, moments):
        self._upkeep = upkeep
        self._moments = moments
        self.steps = []

    def __getattr__(self, name):
        return getattr(self._upkeep, name)

    @property
    def is_alone(self):
        is_alone = self._moments <= 0
        self._moments -= 1
        self.steps.append("alone" if is_alone else "busy")
        return is_alone

    async def delete_due(self, *asked, **more):
        self.steps.append("delete")
        return await self._upkeep.delete_due(*asked, **more)


@pytest.fixture
async def house(tmp_path, database):
    async with open_house(tmp_path, database) as house:
        yield house


async def test_old_pictures_go_with_their_files(house):
    old = await house.keep("old", age=MONTH + timedelta(days=1), content=b"old")
    young = await house.keep("young", age=MONTH - timedelta(days=1), content=b"young")

    result = await house.sweep(MONTH)

    assert result == SweepResult(records=1, files=1, size_bytes=3)
    assert await house.kept() == ["young-1"]
    assert not house.files.local_path(old).exists()
    assert house.files.local_path(young).exists()


async def test_pinned_pictures_stay(house):
    path = await house.keep("pinned", age=2 * MONTH, is_pinned=True)

    assert await house.sweep(ALL) == SweepResult()
    assert house.files.local_path(path).exists()


async def test_zero_takes_all_that_is_not_pinned(house):
    await house.keep("now", age=timedelta(0), content=b"1")
    await house.keep("old", age=MONTH, content=b"22")

    result = await house.sweep(ALL)

    assert result == SweepResult(records=2, files=2, size_bytes=3)


async def test_none_keeps_records_for_ever(house):
    await house.keep("old", age=100 * MONTH)

    assert await house.sweep(None) == SweepResult()


@pytest.mark.parametrize("state", [JobState.WAITING, JobState.REVIEW])
async def test_a_picture_that_waits_to_be_posted_stays(house, state):
    path = await house.keep("waiting", age=MONTH, state=state)

    assert await house.sweep(ALL) == SweepResult()
    assert house.files.local_path(path).exists()


async def test_a_file_stays_while_any_record_has_it(house):
    """The same picture drawn again later is the same file."""
    path = await house.keep("old", age=2 * MONTH)
    assert await house.keep("young", age=timedelta(0)) == path

    result = await house.sweep(MONTH)

    assert result == SweepResult(records=1)
    assert house.files.local_path(path).exists()


async def test_more_than_a_batch_goes(house):
    for number in range(120):
        await house.keep(f"old{number}", age=MONTH, content=str(number).encode())

    result = await house.sweep(ALL)

    assert (result.records, result.files) == (120, 120)
    assert await house.kept() == []


async def test_while_others_are_at_the_database_the_sweep_rests(house):
    """Who comes with a command finds the writer free."""
    for number in range(3):
        await house.keep(f"old{number}", age=MONTH, content=str(number).encode())
    busy = BusyUpkeep(house.upkeep, moments=3)

    result = await replace(house.retention, upkeep=busy).sweep(Limits(otherwise=ALL))

    assert result.records == 3
    waiting = ["busy"] * 3
    assert busy.steps[:7] == ["delete", *waiting, "alone", "alone", "delete"]


async def test_where_others_always_are_it_goes_on_nevertheless(house):
    for number in range(3):
        await house.keep(f"old{number}", age=MONTH, content=str(number).encode())
    busy = BusyUpkeep(house.upkeep, moments=10**6)

    result = await replace(house.retention, upkeep=busy).sweep(Limits(otherwise=ALL))

    assert result.records == 3


async def test_files_without_a_record_go_after_a_day(house):
    """What a crash left between file and record."""
    lost, fresh = await house.store(b"lost"), await house.store(b"fresh")
    used = await house.keep("young", age=timedelta(0), content=b"used")
    two_days_ago = (NOW - timedelta(days=2)).timestamp()
    for path in (lost.path, used):
        os.utime(house.files.local_path(path), (two_days_ago, two_days_ago))

    result = await house.sweep(MONTH)

    assert result == SweepResult(files=1, size_bytes=4)
    assert not house.files.local_path(lost.path).exists()
    assert house.files.local_path(fresh.path).exists()
    assert house.files.local_path(used).exists()


async def test_a_dry_run_says_what_would_go_and_does_nothing(house):
    """Two records of one file are two records and one file."""
    await house.keep("a", age=2 * MONTH)
    path = await house.keep("b", age=2 * MONTH)
    await house.keep("young", age=timedelta(0), content=b"young")

    plan = await house.plan(MONTH)

    assert plan.result == SweepResult(records=2, files=1, size_bytes=7)
    assert plan.by_rule == {"otherwise: 30 days": Share(records=2, size_bytes=14)}
    assert [record.id for record in plan.planned] == ["a-1", "b-1"]
    assert len(await house.kept()) == 3
    assert house.files.local_path(path).exists()


async def test_a_dry_run_counts_no_file_that_a_younger_record_has(house):
    await house.keep("old", age=2 * MONTH)
    await house.keep("young", age=timedelta(0))

    assert (await house.plan(MONTH)).result == SweepResult(records=1)


async def test_old_jobs_and_memories_go(house):
    for name, state in (("done", JobState.DONE), ("waiting", JobState.WAITING)):
        old = make_job(name, created_at=NOW - 2 * MONTH, state=state)
        await house.queue.submit(old)
    await house.queue.submit(make_job("young", created_at=NOW, state=JobState.DONE))

    await house.sweep(MONTH)

    assert [job.id for job in await house.queue.jobs()] == ["young", "waiting"]


async def test_what_was_done_lately_is_remembered(house):
    """Zero days for pictures must not bring a repeated event back to life."""
    await house.once.first("hint")
    await house.queue.submit(make_job("done", created_at=NOW, state=JobState.DONE))

    await house.sweep(ALL)

    assert not await house.once.first("hint")
    assert await house.queue.find("done") is not None


async def test_a_sweep_beside_the_same_picture_drawn_again(house):
    """The parent goes in the instant its reproduction is kept: never a row without file.

    Whichever comes first, either the file stays or the job hears that it must fetch again.
    """
    for number in range(20):
        await house.keep(f"parent{number}", age=MONTH)
        job = make_job(f"child{number}")
        await house.queue.submit(job)
        stored = await house.store()
        record = make_record(
            f"child{number}-1", job_id=job.id, stored_path=stored.path, created_at=NOW
        )

        _, finished = await asyncio.gather(
            house.sweep(ALL),
            house.steps.finish(job.id, Step.KEEP, {}, records=[record]),
            return_exceptions=True,
        )

        written = await house.records.get(record.id)
        assert (written is None) == isinstance(finished, DownloadFailed)
        assert written is None or house.files.local_path(stored.path).exists()
        await house.records.delete([record.id])


async def test_a_file_that_went_before_its_record_is_fetched_again(house):
    """The order that would lose: stored, swept, written down."""
    await house.keep("parent", age=MONTH)
    job = make_job("child")
    await house.queue.submit(job)
    stored = await house.store()
    await house.sweep(ALL)
    record = make_record("child-1", job_id=job.id, stored_path=stored.path)

    with pytest.raises(DownloadFailed):
        await house.steps.finish(job.id, Step.KEEP, {}, records=[record])

    assert await house.kept() == []
    await house.store()
    await house.steps.finish(job.id, Step.KEEP, {}, records=[record])
    assert await house.kept() == ["child-1"]


async def test_older_than_goes_before_all_limits(house):
    """`cleanup --older-than` is for what the rules would keep, too."""
    await house.keep("a", age=2 * DAY)

    result = await house.retention.sweep(Limits(otherwise=MONTH), older_than=DAY)

    assert result.records == 1


async def test_what_is_drawn_after_a_sweep_was_asked_for_stays(house):
    """Also when it goes on the day after."""
    await house.upkeep.begin(NOW - DAY, ALL)
    await house.keep("before", age=2 * DAY)
    await house.keep("after", age=timedelta(0))

    await house.retention.resume(Limits())

    assert await house.kept() == ["after-1"]
    assert await house.upkeep.begun() == []


async def test_a_sweep_that_was_cut_off_goes_on(house):
    """Cut off between a row and its file, it loses nothing and leaves nothing."""
    for number in range(120):
        await house.keep(f"old{number}", age=MONTH, content=str(number).encode())
    young = await house.keep("young", age=timedelta(0))
    house.files.die_after = 60
    with pytest.raises(asyncio.CancelledError):
        await house.sweep(MONTH)
    left = len(await house.kept())

    house.files.die_after = None
    await house.retention.resume(Limits(otherwise=MONTH))

    assert 0 < left < 121
    assert await house.kept() == ["young-1"]
    assert house.paths() == [young]
    assert await house.upkeep.begun() == []


async def test_a_sweep_by_hand_that_was_stopped_does_not_go_on(house):
    """Ctrl-C means no."""
    await house.keep("old", age=MONTH)
    house.files.die_after = 0

    with pytest.raises(asyncio.CancelledError):
        await house.retention.sweep(Limits(), older_than=ALL, goes_on=False)

    assert await house.upkeep.begun() == []
