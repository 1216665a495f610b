"""Money that is set aside before a picture is drawn. Pure.

Amounts are whole micro-dollars (millionths of a US dollar), so that sums are exact.
"""

import math
from dataclasses import dataclass
from decimal import Decimal

MICROS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One budget in one period: `day:person:slack:T1:U1`, `2026-11-20`."""

    budget: str
    period: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Set so much aside, if the account has it left.

    `name` is what people call the budget, `advice` a sentence on who can raise it.
    """

    account: Account
    micros: int
    limit_micros: int
    name: str
    advice: str = ""

    def refusal(self, left_micros: int) -> str:
        """Say why it cannot be set aside."""
        cost, left = dollars(self.micros), dollars(left_micros)
        why = f"This costs {cost}, and of {self.name} {left} is left."
        return " ".join(filter(None, [why, self.advice, "Nothing was drawn."]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an account has spent and set aside."""

    settled_micros: int = 0
    reserved_micros: int = 0

    @property
    def used_micros(self) -> int:
        """Give both together."""
        return self.settled_micros + self.reserved_micros


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
