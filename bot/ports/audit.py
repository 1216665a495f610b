"""What rules refused and moderators decided. Pure.

Every method may raise the errors of bot/errors.py and no other; named are the ones to
expect.
"""

from typing import Protocol

from bot.domain.audit import AuditEntry, AuditSearch


class Audit(Protocol):
    """What rules refused and moderators decided; what is older than a year or so goes."""

    async def add(self, entry: AuditEntry) -> None:
        """Write *entry* down; the same again in one minute is counted with it."""

    async def entries(self, search: AuditSearch) -> list[AuditEntry]:
        """Give a page, newest first."""
