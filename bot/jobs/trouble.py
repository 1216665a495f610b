"""Trouble with disk or database, told once: a line when it begins, one when it is over.

Every job meets it and tries again every few seconds; what the operator has to read is that
it began, what to do, and that work goes on.
"""

import logging

from bot.errors import StorageError

log = logging.getLogger(__name__)


class StorageTrouble:
    """Remembers what is being refused; *meaning* is what it keeps from happening."""

    def __init__(self, meaning: str = "Jobs are held and go on by themselves") -> None:
        self._meaning = meaning
        self._told: str | None = None

    def refused(self, error: StorageError) -> None:
        """Note that *error* is in the way."""
        if self._told == error.text:
            return
        self._told = error.text
        log.error("%s: %s", self._meaning, error.text, extra={"action": "hold"})

    def is_over(self) -> None:
        """Note that what was refused works."""
        if self._told is not None:
            self._told = None
            log.info("Disk and database work again", extra={"action": "hold"})
