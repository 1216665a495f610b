"""When a failed step is tried again.

Pure: an error, how often it failed and the time go in, a decision comes out.
Nothing here sleeps, logs or knows which job it was.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.job import Step
from bot.errors import (
    BotError,
    NotSent,
    PictureExpired,
    PlatformError,
    ProviderBusy,
    StorageError,
)

LONGEST_WAIT = timedelta(hours=1)  # whatever a service wishes


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Run the step again, but not before *at*."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Fail the job and tell its owner *because*."""

    because: BotError


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Exponential back-off with a ceiling; the service's own wish wins, up to an hour."""

    attempts: int = 3
    first_wait: timedelta = timedelta(seconds=2)
    longest_wait: timedelta = timedelta(minutes=2)

    def decide(
        self, error: BotError, *, attempt: int, now: datetime
    ) -> TryAgain | GiveUp:
        """Say what follows when *attempt* (the first is 1) raised *error*."""
        if not error.retryable or attempt >= self.attempts:
            return GiveUp(error)
        doublings = min(attempt - 1, 30)  # beyond that every wait is the longest
        wait = min(self.first_wait * 2**doublings, self.longest_wait)
        return TryAgain(now + min(error.retry_after or wait, LONGEST_WAIT))


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRules:
    """Which policy holds for which error in which step.

    What costs money is tried `drawing.attempts` times. What costs nothing (a refusal for
    want of a free place, a request that never left, a full disk, a platform that is down)
    is tried for hours: by then the picture is paid for, or nothing is.
    """

    drawing: RetryPolicy
    free: RetryPolicy
    download: RetryPolicy

    def decide(
        self, error: BotError, *, step: Step, calls: int, failures: int, now: datetime
    ) -> TryAgain | GiveUp:
        """Say what follows when *step* failed for the *failures*-th time.

        *calls* were sent to the provider so far.
        """
        if isinstance(error, ProviderBusy | NotSent | PlatformError | StorageError):
            return self.free.decide(error, attempt=failures, now=now)
        # A picture whose address is dead is drawn anew: that costs like any other call.
        if step is Step.DRAW or isinstance(error, PictureExpired):
            return self.drawing.decide(error, attempt=calls, now=now)
        return self.download.decide(error, attempt=failures, now=now)


def rules(*, attempts: int, first_wait: timedelta) -> RetryRules:
    """Give the rules for `JOB_ATTEMPTS` and `JOB_BACKOFF_S`."""
    return RetryRules(
        drawing=RetryPolicy(attempts=attempts, first_wait=first_wait),
        free=RetryPolicy(attempts=300, first_wait=first_wait),
        download=RetryPolicy(
            attempts=max(attempts, 6),
            first_wait=first_wait,
            longest_wait=timedelta(seconds=30),
        ),
    )
