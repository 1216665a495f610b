"""Which budgets a picture is paid from, and how much of them it takes. Pure.

Periods are those of UTC: a day, a week from Monday (ISO 8601), a month.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.budget import Account, Hold, Unit, dollars, to_micros
from bot.domain.people import Person, Platform
from bot.policy.who import EVERYONE, Asker, Selector

WARN_AT = Decimal("0.8")


class Period(StrEnum):
    """How long a budget is for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


SPANS = {
    Period.DAY: "today",
    Period.WEEK: "this week",
    Period.MONTH: "this month",
}


class Each(StrEnum):
    """Who has the budget alone, and who shares it."""

    PERSON = "person"
    ROLE = "role"  # shared by all who have the same one of the groups named
    CHANNEL = "channel"
    WORKSPACE = "workspace"
    ALL = "all"  # all whom the budget is for


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """So much in a period, for each of those it is for."""

    limit: Decimal
    per: Period
    each: Each
    who: Selector = EVERYONE
    warn_at: Decimal = WARN_AT
    raised_by: str = ""  # who can raise it, in words

    @property
    def name(self) -> str:
        """Give what people call it: `the day's budget of this channel`."""
        whose = {
            Each.PERSON: "your",
            Each.ROLE: "your group's",
            Each.CHANNEL: "this channel's",
            Each.WORKSPACE: "this workspace's",
            Each.ALL: "the whole",
        }
        whole = self.limit == self.limit.to_integral()
        limit = f"${self.limit:.0f}" if whole else dollars(to_micros(self.limit))
        return f"{whose[self.each]} budget of {limit} a {self.per}"

    def advice(self, now: datetime) -> str:
        """Say what to do when it is used up."""
        ends = ends_at(self.per, now)
        who = self.raised_by or "whoever runs this bot"
        return f"It begins anew on {ends:%Y-%m-%d} at 00:00 UTC; {who} can raise it."

    def accounts(self, asker: Asker, now: datetime) -> list[Account]:
        """Give what *asker* pays from; none when this budget is not about them."""
        if not self.who.fits(asker):
            return []
        period = period_key(self.per, now)
        # Budgets for others are others: each has an account of its own.
        whose = "" if self.who == EVERYONE else f"~{self.who.digest}"
        return [
            Account(budget=f"{self.per}:{self.each}{whose}:{owner}", period=period)
            for owner in self._owners(asker)
        ]

    def _owners(self, asker: Asker) -> list[str]:
        person, place = asker.person, asker.place
        workspace = f"{person.platform}:{person.workspace_id}"
        match self.each:
            case Each.PERSON:
                return [purse_of(person)]
            case Each.ROLE:
                named = sorted(set(asker.groups) & self.who.groups)
                return [f"{workspace}:{one}" for one in named[:1]]
            case Each.CHANNEL:
                return [f"{place.platform}:{place.workspace_id}:{place.channel_id}"]
            case Each.WORKSPACE:
                return [workspace]
            case Each.ALL:
                return ["*"]


def purse_of(person: Person) -> str:
    """Name a person as one who pays: in Discord the same in each server and by message."""
    where = "*" if person.platform is Platform.DISCORD else person.workspace_id
    return f"{person.platform}:{where}:{person.user_id}"


def holds(
    budgets: Iterable[Budget], asker: Asker, cost: Decimal, now: datetime
) -> tuple[Hold, ...]:
    """Give what must be set aside before *asker* spends *cost*, tightest first.

    Two budgets for the same account are one: the smaller.
    """
    found: dict[Account, Hold] = {}
    for budget in budgets:
        for account in budget.accounts(asker, now):
            hold = Hold(
                account=account,
                amount=to_micros(cost),
                limit=to_micros(budget.limit),
                name=budget.name,
                advice=budget.advice(now),
                span=SPANS[budget.per],
                warn_from=to_micros(budget.limit * budget.warn_at),
            )
            known = found.get(account)
            if known is None or hold.limit < known.limit:
                found[account] = hold
    return tuple(sorted(found.values(), key=lambda hold: hold.limit))


def hourly(asker: Asker, *, pictures: int, limit: int, now: datetime) -> Hold:
    """Give what must be set aside of so many pictures in each hour of the clock."""
    person, moment = asker.person, now.astimezone(UTC)
    return Hold(
        account=Account(
            budget=f"hour:person:{purse_of(person)}", period=f"{moment:%Y-%m-%dT%H}"
        ),
        amount=pictures,
        limit=limit,
        unit=Unit.PICTURES,
        name=f"your {limit} pictures an hour",
        advice="The count begins anew with the next full hour.",
        span="this hour",
    )


def period_key(per: Period, now: datetime) -> str:
    """Give the period *now* lies in: `2026-11-20`, `2026-W47` or `2026-11`."""
    moment = now.astimezone(UTC)
    match per:
        case Period.DAY:
            return f"{moment:%Y-%m-%d}"
        case Period.WEEK:
            year, week, _ = moment.isocalendar()
            return f"{year:04}-W{week:02}"
        case Period.MONTH:
            return f"{moment:%Y-%m}"


def ends_at(per: Period, now: datetime) -> datetime:
    """Give when the period ends that *now* lies in."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match per:
        case Period.DAY:
            return midnight + timedelta(days=1)
        case Period.WEEK:
            return midnight + timedelta(days=7 - midnight.weekday())
        case Period.MONTH:
            return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
