"""Messages whose pictures are deleted are taken back, one after another.

The list is durable and written with the deletion, also by other processes; this works it
off in the background, slowly, and comes again when a platform is busy or down.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.people import Platform
from bot.errors import (
    BotError,
    PlatformBusy,
    PlatformDown,
    PlatformRefused,
    StorageError,
)
from bot.ports.base import Clock
from bot.ports.chat import ChatSender
from bot.ports.upkeep import TakeBack, TakeBacks

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=1)
# Slack lets an app delete some fifty messages a minute (tier 3), and files as many:
# https://docs.slack.dev/apis/web-api/rate-limits
PACE = timedelta(seconds=1.2)
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)
_MOST_FAILURES = 100  # some four days


@dataclass(frozen=True, slots=True, kw_only=True)
class TakingBack:
    """Works the list off."""

    take_backs: TakeBacks
    senders: Mapping[Platform, ChatSender]
    clock: Clock
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def watch(self) -> None:
        """Look for messages to take back, for ever."""
        while True:
            try:
                await self.work_off()
            except StorageError as error:
                log.warning(
                    "The messages to take back cannot be read: %s",
                    error.text,
                    extra={"action": "take back"},
                )
            await self.sleep(LOOK_EVERY.total_seconds())

    async def work_off(self) -> None:
        """Take back what is due now. Raises: StorageError."""
        busy_until: dict[Platform, datetime] = {}
        for one in await self.take_backs.due(self.clock.now(), longest=_LONGEST_WAIT):
            if until := busy_until.get(one.platform):
                await self.take_backs.put_off(one.number, until, failures=one.failures)
                continue
            if until := await self._try(one):
                busy_until[one.platform] = until
            else:
                await self.sleep(PACE.total_seconds())

    async def _try(self, one: TakeBack) -> datetime | None:
        """Give until when the platform wants to be left alone, if it does."""
        sender = self.senders.get(one.platform)
        if sender is None:  # it may be configured again
            until = self.clock.now() + _LONGEST_WAIT
            await self.take_backs.put_off(one.number, until, failures=one.failures)
            return until
        try:
            await sender.take_back(one.message, one.notes)
        except PlatformBusy as busy:
            wait = min(busy.retry_after or _FIRST_WAIT, _LONGEST_WAIT)
            until = self.clock.now() + wait
            await self.take_backs.put_off(one.number, until, failures=one.failures)
            return until
        except PlatformRefused as refused:
            _give_up(one, refused)
        except BotError as error:
            return await self._fail(one, error)
        except Exception:  # a message that stays must not stop the program
            log.exception("A fault of the bot", extra={"action": "take back"})
            return await self._fail(one, PlatformDown("A fault of the bot."))
        await self.take_backs.settle(one.number)
        return None

    async def _fail(self, one: TakeBack, error: BotError) -> datetime | None:
        failures = one.failures + 1
        if failures >= _MOST_FAILURES:
            _give_up(one, error)
            await self.take_backs.settle(one.number)
            return None
        doubled = _FIRST_WAIT * (1 << min(one.failures, 10))
        until = self.clock.now() + min(doubled, _LONGEST_WAIT)
        await self.take_backs.put_off(one.number, until, failures=failures)
        return until


def _give_up(one: TakeBack, error: BotError) -> None:
    log.warning(
        "A message on %s stays, though its picture is deleted: %s",
        one.platform.capitalize(),
        error.text,
        extra={"action": "take back"},
    )
