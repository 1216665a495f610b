"""The line to a bucket: whether it answers, and how long to leave it alone when not.

One line in the log when it goes away and one when it is back, however often it is tried.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from bot.errors import NotFound, StorageError
from storage.files.bucket import Bucket, Damaged

log = logging.getLogger(__name__)

Result = TypeVar("Result")

LONGEST_WAIT = timedelta(minutes=2)
_SHORTEST_WAIT = timedelta(milliseconds=20)  # JOB_BACKOFF_S may be zero
_GREETING = timedelta(seconds=10)


class BucketAway(Exception):
    """The bucket did not do what it was asked, for the reason in *error*."""

    def __init__(self, error: StorageError) -> None:
        super().__init__(error.text)
        self.error = error


def wait_after(
    failures: int, *, first: timedelta, error: StorageError | None = None
) -> timedelta:
    """Say how long to wait after the *failures*-th failure; the bucket's wish wins."""
    if error is not None and error.retry_after is not None:
        return error.retry_after
    doublings = min(failures - 1, 30)
    doubled: timedelta = max(first, _SHORTEST_WAIT) * 2**doublings
    return min(doubled, LONGEST_WAIT)


class Line:
    """Asks *bucket*. *count* tells how many pictures wait for it, *on_back* hears of it."""

    def __init__(
        self,
        *,
        bucket: Bucket,
        first_wait: timedelta,
        count: Callable[[], Awaitable[int]],
        on_back: Callable[[], Awaitable[None]],
    ) -> None:
        self.bucket = bucket
        self._first_wait = first_wait
        self._count = count
        self._on_back = on_back
        self._failures = 0  # in a row
        self._is_back = asyncio.Event()
        self.is_resting = False

    @property
    def is_away(self) -> bool:
        """Say whether the last that was heard was a failure."""
        return self._failures > 0

    async def ask(self, asking: Awaitable[Result]) -> Result:
        """Give the bucket's answer. Raises: BucketAway, NotFound, Damaged, StorageError."""
        try:
            answer = await asking
        except (NotFound, Damaged):
            await self._hear()
            raise
        except StorageError as error:
            raise BucketAway(error) from error
        await self._hear()
        return answer

    async def greet(self) -> None:
        """Find out how the bucket is, and say what is wrong with it."""
        try:
            async with asyncio.timeout(_GREETING.total_seconds()):
                await self.ask(self.bucket.check())
        except BucketAway as away:
            await self._fail(away.error)
        except TimeoutError:
            await self._fail(StorageError("The bucket did not answer in time."))

    async def rest(self, error: StorageError) -> None:
        """Leave the bucket alone for a while, or until someone finds it back."""
        was_resting, self.is_resting = self.is_resting, True
        self._is_back.clear()
        try:
            if not was_resting:
                await self._fail(error)
            failures = max(1, self._failures)
            wait = wait_after(failures, first=self._first_wait, error=error)
            async with asyncio.timeout(wait.total_seconds()):
                await self._is_back.wait()
        except TimeoutError:
            pass
        finally:
            self.is_resting = False

    async def _hear(self) -> None:
        if self.is_away:
            self._failures = 0
            self._is_back.set()
            log.info(
                "The bucket answers again: %d pictures go there now",
                await self._count(),
                extra={"action": "move"},
            )
            await self._on_back()

    async def _fail(self, error: StorageError) -> None:
        self._failures += 1
        if self._failures == 1:
            log.warning(
                "%s Pictures are kept on this machine until it answers; %d wait.",
                error.text,
                await self._count(),
                extra={"action": "move"},
            )
