"""Files without records and records without files; and when neither is believed."""

from datetime import timedelta

import pytest

from storage.retention import SweepResult
from storage.retention_files import Suspects, lost_refusal, orphans_refusal
from tests.storage.house import open_house

DAY = timedelta(days=1)
MONTH = 30 * DAY


@pytest.fixture
async def house(tmp_path, database):
    async with open_house(tmp_path, database) as house:
        yield house


async def stored_path(house, record):
    found = await house.records.get(record)
    return found.stored_path


async def test_a_record_whose_file_is_gone_is_marked(house):
    """As verify --repair does it; the record stays, to be drawn again."""
    lost = await house.keep("lost", age=DAY, content=b"lost")
    kept = await house.keep("kept", age=DAY, content=b"kept")
    await house.keep("other", age=DAY, content=b"other")
    house.files.local_path(lost).unlink()

    result = await house.sweep(MONTH)

    assert result == SweepResult(lost=1)
    assert await stored_path(house, "lost-1") is None
    assert await stored_path(house, "kept-1") == kept


async def test_a_folder_that_is_not_mounted_is_not_believed(house, caplog):
    """Nothing is marked, one line says so, and the rest of the sweep is done."""
    await house.keep("old", age=2 * MONTH, content=b"old")
    for number in range(20):
        await house.keep(f"r{number}", age=DAY, content=str(number).encode())
    house.root.rename(house.root.with_name("unmounted"))

    result = await house.sweep(MONTH)

    assert (result.records, result.lost) == (1, 0)
    [refusal] = result.refusals
    assert refusal.startswith("20 of 20 kept files are gone: this looks like a folder")
    assert caplog.messages.count(refusal) == 1
    assert await stored_path(house, "r7-1") is not None


async def test_a_database_that_is_not_the_files_own_is_not_believed(house):
    """An empty database beside a full folder is a wrong setting, not a reason to delete."""
    for number in range(120):
        await house.store(str(number).encode())
    house.age_files(2 * DAY)

    plan = await house.plan(MONTH)
    result = await house.sweep(MONTH)

    assert (plan.orphans, plan.result.refusals) == (0, result.refusals)
    assert result.files == 0
    assert result.refusals[0].startswith("120 of 120 files have no record: this looks")
    assert len(house.paths()) == 120


async def test_what_a_crash_left_goes(house):
    """Files that were stored and never got a record, beside one that has."""
    kept = await house.keep("kept", age=DAY, content=b"kept")
    for number in range(50):
        await house.store(str(number).encode())
    house.age_files(2 * DAY)

    plan = await house.plan(MONTH)
    result = await house.sweep(MONTH)

    assert (plan.orphans, result.files) == (50, 50)
    assert house.paths() == [kept]


@pytest.mark.parametrize("many", [1, 19])
async def test_a_small_folder_that_is_not_mounted_is_not_believed_either(house, many):
    """A bot of a few pictures is nobody's to lose."""
    for number in range(many):
        await house.keep(f"r{number}", age=DAY, content=str(number).encode())
    house.root.rename(house.root.with_name("unmounted"))

    result = await house.sweep(MONTH)

    assert result.lost == 0
    assert len(result.refusals) == 1
    assert await stored_path(house, "r0-1") is not None


async def test_what_is_due_and_gone_is_not_counted_as_lost(house):
    """The plan says what the sweep then does."""
    due = await house.keep("due", age=2 * MONTH, content=b"due")
    await house.keep("young", age=DAY, content=b"young")
    house.files.local_path(due).unlink()

    plan = await house.plan(MONTH)
    result = await house.sweep(MONTH)

    assert plan.result == result == SweepResult(records=1)


async def test_a_dry_run_marks_nothing(house):
    await house.keep("kept", age=DAY, content=b"kept")
    lost = await house.keep("lost", age=DAY, content=b"lost")
    house.files.local_path(lost).unlink()

    plan = await house.plan(MONTH)

    assert plan.result.lost == 1
    assert await stored_path(house, "lost-1") == lost


@pytest.mark.parametrize(
    ("looked_at", "found", "is_refused"),
    [
        pytest.param(19, 18, False, id="most of few"),
        pytest.param(1, 1, True, id="all of one"),
        pytest.param(0, 0, False, id="none"),
        pytest.param(20, 10, False, id="half"),
        pytest.param(20, 11, True, id="most"),
        pytest.param(1_000_000, 400_000, False, id="many, not most"),
    ],
)
def test_most_of_twenty_lost_files_are_not_believed(looked_at, found, is_refused):
    lost = Suspects(looked_at=looked_at, found=found)

    assert bool(lost_refusal(lost)) is is_refused


@pytest.mark.parametrize(
    ("looked_at", "found", "is_refused"),
    [
        pytest.param(99, 98, False, id="a crash leaves as many"),
        pytest.param(3, 3, True, id="all of few"),
        pytest.param(200, 100, False, id="half"),
        pytest.param(199, 100, True, id="most"),
    ],
)
def test_most_of_a_hundred_orphans_are_not_believed(looked_at, found, is_refused):
    orphans = Suspects(looked_at=looked_at, found=found)

    assert bool(orphans_refusal(orphans)) is is_refused


def test_what_is_held_in_memory_is_bounded():
    """A million lost files are a number, and some names."""
    suspects = Suspects().plus(20_000, [f"{n}.png" for n in range(15_000)])

    assert (suspects.found, len(suspects.paths)) == (15_000, 10_000)
    assert len(suspects.plus(9, ["a"]).paths) == 10_000
