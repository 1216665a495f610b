"""The time. Only this module asks for it; everyone else is handed a Clock."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's clock, in aware UTC."""

    def now(self) -> datetime:
        """Give the time now, in UTC."""
        return datetime.now(UTC)
