"""What budgets have left. Pure.

Every method may raise the errors of bot/errors.py and no other; named are the ones to
expect.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.domain.budget import Account, Standing


class Ledger(Protocol):
    """What budgets have left; it is moved by JobQueue, Batches and JobLog."""

    async def standings(
        self, accounts: Sequence[Account]
    ) -> Mapping[Account, Standing]:
        """Give how each account stands."""
