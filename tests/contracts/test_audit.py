"""The audit log: what was refused, by which rule, and how much of it stays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.audit import AuditEntry, AuditSearch, Deed
from storage.sqlite.audit import KEPT_FOR
from tests.fakes.values import PERSON

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ENTRY = AuditEntry(
    at=NOON,
    person=PERSON,
    channel_id="C1",
    deed=Deed.REFUSED,
    rule="budget day person",
    details="V_2, 1",
)


@pytest.fixture
def audit(stores):
    return stores.audit


async def test_an_entry_comes_back_as_it_was(audit):
    await audit.add(ENTRY)

    [found] = await audit.entries(AuditSearch())

    assert found == replace(ENTRY, number=found.number)


async def test_a_storm_is_one_row_a_minute(audit):
    """A thousand refusals do not fill the disk; each is counted."""
    for second in range(0, 120, 20):
        await audit.add(replace(ENTRY, at=NOON + timedelta(seconds=second)))
    await audit.add(replace(ENTRY, rule="allowed"))

    found = await audit.entries(AuditSearch())

    assert [(one.rule, one.times) for one in found] == [
        ("allowed", 1),
        ("budget day person", 3),
        ("budget day person", 3),
    ]


@pytest.mark.parametrize(
    ("search", "hours"),
    [
        (AuditSearch(), [3, 2, 1, 0]),
        (AuditSearch(since=NOON + timedelta(hours=2)), [3, 2]),
        (AuditSearch(until=NOON + timedelta(hours=1)), [1, 0]),
        (AuditSearch(limit=1), [3]),
        (AuditSearch(cursor=3), [1, 0]),
        (AuditSearch(rule="budget"), [3, 2, 1, 0]),
        (AuditSearch(rule="budg"), []),
        (AuditSearch(user_id="U1"), [3, 2, 1, 0]),
        (AuditSearch(user_id="U2"), []),
    ],
    ids=str,
)
async def test_a_search_narrows_it(audit, search, hours):
    """Newest first; a rule is found by its beginning, in whole words."""
    for hour in range(4):
        await audit.add(replace(ENTRY, at=NOON + timedelta(hours=hour)))

    found = await audit.entries(search)

    assert [(one.at - NOON) // timedelta(hours=1) for one in found] == hours


async def test_old_entries_go_with_new_ones(audit):
    """Also where no sweep ever runs."""
    await audit.add(replace(ENTRY, at=NOON - KEPT_FOR - timedelta(minutes=1)))
    await audit.add(replace(ENTRY, at=NOON - KEPT_FOR + timedelta(minutes=1)))

    await audit.add(ENTRY)

    assert len(await audit.entries(AuditSearch())) == 2


async def test_a_sweep_forgets_them_in_parts(audit):
    for day in range(3):
        await audit.add(replace(ENTRY, at=NOON - timedelta(days=day)))

    gone = [await audit.forget(NOON, limit=1) for _ in range(3)]

    assert gone == [1, 1, 0]


async def test_a_person_is_forgotten_and_others_are_not(stores):
    """Details may hold a prompt."""
    bob = replace(PERSON, user_id="U2")
    await stores.audit.add(ENTRY)
    await stores.audit.add(replace(ENTRY, person=bob))

    await stores.forgetting.forget_once(PERSON)

    [left] = await stores.audit.entries(AuditSearch())
    assert left.person == bob
