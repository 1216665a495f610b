"""What follows a try: delivered, again later, or given up. Pure.

Only a 2xx counts as taken. 410 says that the receiver is gone for good; everything else is
tried again for a day, less and less often.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.callback import Callback, CallbackState

GIVE_UP_AFTER = timedelta(hours=24)
LONGEST_WAIT = timedelta(hours=1)
_SHORTEST_WAIT = timedelta(milliseconds=10)  # nothing doubled is still nothing
_GONE = 410
_MOST_DOUBLINGS = 30  # beyond that every wait is the longest


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: a status, or a problem that kept one from coming."""

    status: int | None = None
    problem: str | None = None
    retry_after: timedelta | None = None
    is_hopeless: bool = False  # nothing will change by trying again

    @property
    def is_taken(self) -> bool:
        """Say whether the receiver has it."""
        return self.status is not None and self.status // 100 == 2  # noqa: PLR2004

    @property
    def text(self) -> str:
        """Give what went wrong, in words."""
        return self.problem or f"HTTP {self.status}"


def settle(
    callback: Callback, answer: Answer, *, first_wait: timedelta, now: datetime
) -> Callback:
    """Give *callback* as it stands after *answer*."""
    tried = replace(
        callback, attempts=callback.attempts + 1, since=callback.since or now
    )
    if answer.is_taken:
        return replace(
            tried, state=CallbackState.DELIVERED, not_before=None, last_error=None
        )
    at = now + _wait(tried.attempts, answer, first_wait)
    is_over = at > (tried.since or now) + GIVE_UP_AFTER
    if answer.status == _GONE or answer.is_hopeless or is_over:
        return replace(
            tried, state=CallbackState.DEAD, not_before=None, last_error=answer.text
        )
    return replace(tried, not_before=at, last_error=answer.text)


def _wait(attempts: int, answer: Answer, first_wait: timedelta) -> timedelta:
    doublings: int = min(attempts - 1, _MOST_DOUBLINGS)
    wait = max(first_wait, _SHORTEST_WAIT) * (1 << doublings)
    return min(max(wait, answer.retry_after or wait), LONGEST_WAIT)
