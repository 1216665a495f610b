"""Tells the operator of failures: hears how jobs end, shows alerts, tries jobs again.

Everything is written down before it is done, so a crash costs no failure and repeats no
message. What to do and when is decided in alerts_rules.py.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NoReturn, assert_never

from bot.domain.alert import Alert, AlertId, AlertMessage
from bot.domain.job import Job
from bot.errors import BotError, PlatformDown, StorageError
from bot.jobs import alerts_texts
from bot.jobs.alerts_rules import Act, due, hear, wait_after
from bot.jobs.trouble import StorageTrouble
from bot.ports.alerts import Alerts, AlertSender
from bot.ports.base import Clock

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=0.5)

TryAgain = Callable[[AlertId, Job], Awaitable[None]]


class Alarm:
    """Works while `run` runs."""

    def __init__(
        self,
        *,
        alerts: Alerts,
        sender: AlertSender,
        try_again: TryAgain,
        target: str,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._alerts = alerts
        self._sender = sender
        self._try_again = try_again
        self._target = target
        self._clock = clock
        self._sleep = sleep
        self._is_refused = False

    async def run(self) -> NoReturn:
        """Look for what is to be done, until cancelled."""
        trouble = StorageTrouble("Alerts have to wait")
        while True:
            try:
                await self.look()
                trouble.is_over()
            except StorageError as error:
                trouble.refused(error)
            except Exception:  # a fault here must not stop the bot
                log.exception("A fault of the bot", extra={"action": "alert"})
            await self._sleep(LOOK_EVERY.total_seconds())

    async def look(self) -> None:
        """Hear what has ended, try again what is wanted, show what is due.

        Raises: StorageError.
        """
        fold = partial(hear, target=self._target, now=self._clock.now())
        while await self._alerts.hear(fold):
            continue
        for alert_id, job in await self._alerts.asked():
            await self._try_again(alert_id, job)
            await self._alerts.tried(job.id)
        for alert in await self._alerts.live():
            found = due(alert)
            if found is not None and found.is_now(self._clock.now()):
                await self._do(found.act, alert)

    async def _do(self, act: Act, alert: Alert) -> None:
        try:
            await self._act(act, alert)
        except StorageError:
            raise
        except BotError as error:
            await self._put_off(alert, error)
        except Exception:  # a fault in one alert must not stop the others
            log.exception("A fault of the bot", extra={"action": "alert"})
            await self._put_off(alert, PlatformDown("A fault of the bot."))

    async def _act(self, act: Act, alert: Alert) -> None:
        match act:
            case Act.POST:
                notes = self._notes(alert, is_over=False)
                await self._sender.post(await self._message(alert), notes)
                self._sent(alert, "Told of failures (%s)")
                await self._shown(alert)
            case Act.EDIT:
                await self._sender.edit(await self._message(alert), alert.notes)
                await self._shown(alert)
            case Act.TELL_OVER:
                notes = self._notes(alert, is_over=True)
                failed = await self._alerts.failed(alert.id, jobs=0, people=0)
                await self._sender.post(alerts_texts.over(alert, failed), notes)
                self._sent(alert, "Told that it works again (%s)")
                await self._alerts.close(alert.id, now=self._clock.now())
            case Act.CLOSE:
                await self._alerts.close(alert.id, now=self._clock.now())
            case _:
                assert_never(act)

    async def _message(self, alert: Alert) -> AlertMessage:
        failed = await self._alerts.failed(
            alert.id, jobs=alerts_texts.MOST_JOBS, people=alerts_texts.MOST_PEOPLE
        )
        return alerts_texts.message(alert, failed)

    async def _shown(self, alert: Alert) -> None:
        now: datetime = self._clock.now()
        await self._alerts.shown(alert.id, alert.version, now=now)

    def _sent(self, alert: Alert, told: str) -> None:
        self._is_refused = False
        log.info(told, alert.kind, extra={"action": "alert"})

    async def _put_off(self, alert: Alert, error: BotError) -> None:
        """Try again later; say once what is in the way."""
        if not self._is_refused:
            self._is_refused = True
            log.warning(
                "Alerts cannot be shown at ALERT_TO, and are tried again: %s",
                error.text,
                extra={"action": "alert"},
            )
        refusals = alert.refusals + 1
        until = self._clock.now() + wait_after(refusals, error.retry_after)
        await self._alerts.put_off(alert.id, until, refusals=refusals)

    def _notes(self, alert: Alert, *, is_over: bool) -> "_Notes":
        current = alert.over_notes if is_over else alert.notes
        write = partial(self._alerts.write_notes, alert.id, is_over=is_over)
        return _Notes(current=current, write=write)


class _Notes:
    """Implements PostNotes for one message."""

    def __init__(
        self,
        *,
        current: Mapping[str, Any],
        write: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> None:
        self._current = current
        self._write = write

    @property
    def current(self) -> Mapping[str, Any]:
        """Give the notes as last written; empty at the first try."""
        return self._current

    async def write(self, notes: Mapping[str, Any]) -> None:
        """Replace the notes; durable when this returns."""
        await self._write(notes)
        self._current = dict(notes)
