"""What is set aside before a picture is drawn: money, and pictures in an hour. Pure.

Money is in whole micro-dollars (millionths of a US dollar), so that sums are exact.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

MICROS = 1_000_000


class Unit(StrEnum):
    """What an account counts."""

    MICROS = "micros"
    PICTURES = "pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One budget in one period: `day:person:slack:T1:U1`, `2026-11-20`."""

    budget: str
    period: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Set so much aside, if the account has it left.

    `name` is what people call the budget, `span` its period (`today`), `advice` a sentence
    on who can raise it. From `warn_from` on people are warned.
    """

    account: Account
    amount: int
    limit: int
    name: str
    unit: Unit = Unit.MICROS
    advice: str = ""
    span: str = ""
    warn_from: int | None = None

    @property
    def rule(self) -> str:
        """Name it for the audit: `budget day person`, `pictures_an_hour`."""
        if self.unit is Unit.PICTURES:
            return "pictures_an_hour"
        return " ".join(["budget", *self.account.budget.split("~")[0].split(":")[:2]])

    def refusal(self, left: int) -> str:
        """Say why it cannot be set aside, when only *left* is left."""
        if self.unit is Unit.MICROS:
            cost, rest = dollars(self.amount), f"{dollars(left)} is left"
        else:
            cost, rest = f"{self.amount} of them", f"{left} are left"
        why = f"This takes {cost}, and of {self.name} {rest}."
        return " ".join(filter(None, [why, self.advice, "Nothing was drawn."]))

    def left(self, standing: "Standing") -> int:
        """Give what the account has left."""
        return max(0, self.limit - standing.used)

    def is_near(self, standing: "Standing") -> bool:
        """Say whether people are to be warned that it is nearly used up."""
        return self.warn_from is not None and standing.used >= self.warn_from

    def warning(self, standing: "Standing") -> str:
        """Say how much is used, and what to do about it."""
        share = 100 * standing.used // self.limit if self.limit else 100
        return f"{share} % of {self.name} is used. {self.advice}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What of an account is spent and what is set aside."""

    settled: int = 0
    reserved: int = 0

    @property
    def used(self) -> int:
        """Give both together."""
        return self.settled + self.reserved


def to_micros(usd: Decimal) -> int:
    """Give whole micro-dollars; parts of one are rounded up."""
    return math.ceil(usd * MICROS)


def to_usd(micros: int) -> Decimal:
    """Give US dollars."""
    return Decimal(micros) / MICROS


def dollars(micros: int) -> str:
    """Give an amount as people read it: `$3.20`, `$0.085`."""
    usd = to_usd(micros).normalize()
    exponent = usd.as_tuple().exponent
    return f"${usd:.2f}" if isinstance(exponent, int) and exponent > -2 else f"${usd:f}"  # noqa: PLR2004 - cents
