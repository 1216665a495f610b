"""Which budgets a picture is paid from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.budget import Account, dollars, to_micros
from bot.domain.people import Person, Place, Platform
from bot.policy.budgets import (
    Budget,
    Each,
    Period,
    ends_at,
    holds,
    hourly,
    period_key,
)
from bot.policy.who import Asker, Selector

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANNA = Asker(
    person=Person(platform=Platform.SLACK, workspace_id="T1", user_id="U1"),
    place=Place(platform=Platform.SLACK, workspace_id="T1", channel_id="C1"),
    groups=("S1", "S2"),
)


def budget(usd="1", per=Period.DAY, each=Each.PERSON, **changes):
    return Budget(limit=Decimal(usd), per=per, each=each, **changes)


@pytest.mark.parametrize(
    ("each", "owner"),
    [
        (Each.PERSON, "slack:T1:U1"),
        (Each.ROLE, "slack:T1:S2"),
        (Each.CHANNEL, "slack:T1:C1"),
        (Each.WORKSPACE, "slack:T1"),
        (Each.ALL, "*"),
    ],
)
def test_an_account_is_of_one_owner(each, owner):
    """Workspaces of two platforms are strangers, and so are budgets for others."""
    who = Selector(groups=frozenset({"S2", "S3"}))

    accounts = budget(each=each, who=who).accounts(ANNA, NOON)

    name = f"day:{each}~{who.digest}:{owner}"
    assert accounts == [Account(budget=name, period="2026-11-20")]


def test_in_discord_one_pays_as_the_same_person_everywhere():
    """Else a direct message to the bot were a second purse."""
    user = Person(platform=Platform.DISCORD, workspace_id="1", user_id="7")
    there = Asker(person=user, place=ANNA.place)
    by_message = replace(there, person=replace(user, workspace_id="local"))

    accounts = [budget().accounts(asker, NOON) for asker in (there, by_message)]

    assert accounts[0] == accounts[1]


def test_the_whole_is_that_of_all_whom_it_is_for():
    """Two budgets for two channels are two; the one for everyone is another."""
    first, second = Selector(channels=frozenset({"C1"})), Selector(groups={"S1"})
    budgets = [budget(each=Each.ALL, who=who) for who in (first, second)]

    accounts = {one.accounts(ANNA, NOON)[0].budget for one in budgets}

    [everyones] = budget(each=Each.ALL).accounts(ANNA, NOON)
    assert everyones.budget == "day:all:*"
    assert len(accounts | {everyones.budget}) == 3


@pytest.mark.parametrize(
    "who",
    [
        Selector(platform=Platform.DISCORD),
        Selector(workspaces=frozenset({"T2"})),
        Selector(channels=frozenset({"C2"})),
        Selector(users=frozenset({"U2"})),
        Selector(groups=frozenset({"S3"})),
    ],
)
def test_a_budget_of_others_takes_nothing(who):
    assert holds([budget(who=who)], ANNA, Decimal("0.08"), NOON) == ()


def test_all_budgets_that_fit_must_have_it():
    """The tightest first: its refusal is the one to read."""
    budgets = [budget("9", Period.MONTH, Each.WORKSPACE), budget("1"), budget("5")]

    found = holds(budgets, ANNA, Decimal("0.08"), NOON)

    assert [(hold.limit, hold.amount) for hold in found] == [
        (1_000_000, 80_000),
        (9_000_000, 80_000),
    ]


@pytest.mark.parametrize(
    ("per", "key", "end"),
    [
        (Period.DAY, "2026-12-31", "2027-01-01"),
        (Period.WEEK, "2026-W53", "2027-01-04"),
        (Period.MONTH, "2026-12", "2027-01-01"),
    ],
)
def test_periods_are_those_of_utc(per, key, end):
    """At half past eleven in the evening in New York it is the next day already."""
    new_york = datetime.fromisoformat("2026-12-30T23:30:00-05:00")

    assert period_key(per, new_york) == key
    assert f"{ends_at(per, new_york):%Y-%m-%d}" == end
    assert period_key(per, ends_at(per, new_york)) != key
    assert period_key(per, ends_at(per, new_york) - timedelta(seconds=1)) == key


def test_a_refusal_says_what_is_left_and_who_can_help():
    [hold] = holds([budget(raised_by="@ops")], ANNA, Decimal("0.08"), NOON)

    assert hold.refusal(20_000) == (
        "This takes $0.08, and of your budget of $1 a day $0.02 is left. It begins anew "
        "on 2026-11-21 at 00:00 UTC; @ops can raise it. Nothing was drawn."
    )


@pytest.mark.parametrize(
    ("usd", "micros"), [("0.08", 80_000), ("0.0000001", 1), ("0", 0), ("3", 3_000_000)]
)
def test_money_is_whole_micros(usd, micros):
    """Never less than it costs."""
    assert to_micros(Decimal(usd)) == micros


@pytest.mark.parametrize(
    ("micros", "text"),
    [(3_200_000, "$3.20"), (85_000, "$0.085"), (0, "$0.00"), (120_000_000, "$120.00")],
)
def test_money_reads_well(micros, text):
    assert dollars(micros) == text


def test_an_hour_is_one_of_the_clock():
    hold = hourly(ANNA, pictures=3, limit=5, now=NOON + timedelta(minutes=59))

    assert hold.account == Account(
        budget="hour:person:slack:T1:U1", period="2026-11-20T12"
    )
    assert hold.refusal(2) == (
        "This takes 3 of them, and of your 5 pictures an hour 2 are left. "
        "The count begins anew with the next full hour. Nothing was drawn."
    )
