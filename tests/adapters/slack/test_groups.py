"""Who is in which user group, as far as rules name groups."""

import asyncio

import pytest

from adapters.slack.groups import KnownGroups
from tests.fakes.slack.double import Fault


class Hour:
    """A sleep that ends a watch after so many looks."""

    def __init__(self, looks):
        self.looks = looks

    async def __call__(self, _seconds):
        self.looks -= 1
        if self.looks <= 0:
            raise asyncio.CancelledError


def test_without_rules_nobody_has_groups():
    """And nobody is asked for."""
    assert KnownGroups().of("U1") == ()


async def test_members_are_known_once_they_were_read(slack, web):
    """Discord's roles stand in the same file; Slack knows nothing of them."""
    slack.workspace.groups = {"S1": {"U1", "U2"}, "S2": {"U2"}}
    groups = KnownGroups(lambda: frozenset({"S1", "S2", "1234567890"}))

    before = groups.of("U1")
    await groups.read(web)

    assert before is None
    assert [groups.of(user) for user in ("U1", "U2", "U3")] == [
        ("S1",),
        ("S1", "S2"),
        (),
    ]


async def test_nobody_is_in_a_group_that_is_gone(slack, web):
    groups = KnownGroups(lambda: frozenset({"S9"}))

    assert await groups.read(web)

    assert groups.of("U1") == ()


async def test_what_cannot_be_read_stays_as_it_was(slack, web, caplog):
    """Slack's bad hour throws nobody out; the log says it once."""
    slack.workspace.groups = {"S1": {"U1"}}
    groups = KnownGroups(lambda: frozenset({"S1"}))
    await groups.read(web)
    slack.workspace.groups = {"S1": set()}
    for _ in range(2):
        slack.faults.add("usergroups.users.list", Fault(error="missing_scope"))

    done = [await groups.read(web) for _ in range(2)]
    kept = groups.of("U1")
    await groups.read(web)

    assert (done, kept) == ([False, False], ("S1",))
    assert groups.of("U1") == ()
    assert len([one for one in caplog.records if one.levelname == "WARNING"]) == 1


@pytest.mark.parametrize(
    ("looks", "reads"),
    [(150, 1), (151, 2)],
    ids=["within five minutes", "after them"],
)
async def test_members_are_read_anew_every_five_minutes(slack, web, looks, reads):
    slack.workspace.groups = {"S1": {"U1"}}
    groups = KnownGroups(lambda: frozenset({"S1"}), sleep=Hour(looks))

    with pytest.raises(asyncio.CancelledError):
        await groups.watch(web)

    assert slack.api.names().count("usergroups.users.list") == reads


async def test_a_new_rule_is_read_at_once(slack, web):
    slack.workspace.groups = {"S1": {"U1"}, "S2": {"U1"}}
    named = {"S1"}

    class Rule(Hour):
        async def __call__(self, seconds):
            named.add("S2")
            await super().__call__(seconds)

    groups = KnownGroups(lambda: frozenset(named), sleep=Rule(2))

    with pytest.raises(asyncio.CancelledError):
        await groups.watch(web)

    assert groups.of("U1") == ("S1", "S2")


async def test_a_refusal_is_not_repeated_at_once(slack, web):
    """The method takes twenty calls a minute."""
    for _ in range(3):
        slack.faults.add("usergroups.users.list", Fault(error="missing_scope"))
    groups = KnownGroups(lambda: frozenset({"S1"}), sleep=Hour(15))

    with pytest.raises(asyncio.CancelledError):
        await groups.watch(web)

    assert slack.api.names().count("usergroups.users.list") == 1
    assert groups.of("U1") is None
