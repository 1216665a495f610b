"""Sends what is written down: at least once, in order for each job, jobs side by side.

What is due is in the store; in memory is only what is under way. So a crash costs nothing
but a repetition, which the receiver tells by its delivery id. A receiver that fails is one
line in the log, and one when it works again.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import NoReturn

from bot.callbacks.bodies import Bodies
from bot.callbacks.guard import without_secrets
from bot.callbacks.outcome import LONGEST_WAIT, Answer, settle
from bot.callbacks.signing import DELIVERY, sign
from bot.domain.callback import Callback, CallbackState
from bot.errors import NotFound, StorageError
from bot.ports.base import Clock
from bot.ports.callbacks import Callbacks

log = logging.getLogger(__name__)

Send = Callable[[str, bytes, Mapping[str, str]], Awaitable[Answer]]

LOOK_EVERY = timedelta(seconds=0.5)  # other processes write callbacks down, too
MOST_AT_ONCE = 32
MOST_TO_ONE_HOST = 8  # so that one that hangs leaves room for others
# While the database refuses, nothing is sent that could not be noted as sent.
HOLD = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """Makes one try of one callback."""

    callbacks: Callbacks
    bodies: Bodies
    send: Send
    secret: str | None  # None: nothing is signed
    clock: Clock
    first_wait: timedelta

    async def attempt(self, callback: Callback) -> Callback:
        """Send *callback* once; give it as it then stands, written down.

        Raises: StorageError.
        """
        answer = await self._answer(callback)
        now = self.clock.now()
        settled = settle(callback, answer, first_wait=self.first_wait, now=now)
        await self.callbacks.save(settled)
        return settled

    async def deliver(self, subject: str) -> list[Callback]:
        """Send what is pending of *subject*, up to the first that fails; give them all."""
        for callback in await self.callbacks.of_subject(subject):
            if callback.state is not CallbackState.PENDING:
                continue
            settled = await self.attempt(callback)
            if settled.state is CallbackState.PENDING:
                break
        return await self.callbacks.of_subject(subject)

    async def _answer(self, callback: Callback) -> Answer:
        try:
            body = await self.bodies.make(callback)
            signed = sign(self.secret, body, at=self.clock.now())
            headers = {DELIVERY: callback.id, **signed}
            return await self.send(callback.url, body, headers)
        except NotFound as gone:
            return Answer(problem=gone.text, is_hopeless=True)
        except StorageError:
            raise
        except Exception:  # a fault in one callback must not stop the others
            log.exception("A fault of the bot", extra={"action": "callback"})
            return Answer(problem="A fault of the bot; its log has the reason")


class Delivery:
    """Keeps sending while `run` runs."""

    def __init__(self, *, callbacks: Callbacks, courier: Courier, clock: Clock) -> None:
        self._callbacks = callbacks
        self._courier = courier
        self._clock = clock
        self._busy: set[str] = set()  # subjects of which one is under way
        self._hosts: Counter[str] = Counter()
        self._failing: set[str] = set()
        self._look = asyncio.Event()

    async def run(self) -> NoReturn:
        """Send what is due, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._look.clear()
                await self._start_due(tasks)
                try:
                    async with asyncio.timeout(LOOK_EVERY.total_seconds()):
                        await self._look.wait()
                except TimeoutError:
                    continue

    async def _start_due(self, tasks: asyncio.TaskGroup) -> None:
        free = MOST_AT_ONCE - len(self._busy)
        if not free:
            return
        full = [host for host, many in self._hosts.items() if many >= MOST_TO_ONE_HOST]
        try:
            due = await self._callbacks.due(
                self._clock.now() + LOOK_EVERY,
                longest=LONGEST_WAIT,
                busy=self._busy,
                full=full,
                limit=free,
            )
        except StorageError as error:
            log.warning("Cannot look for callbacks: %s", error.text)
            return
        for callback in due:
            if self._hosts[callback.host] < MOST_TO_ONE_HOST:
                self._busy.add(callback.subject)
                self._hosts[callback.host] += 1
                tasks.create_task(self._one(callback))

    async def _one(self, callback: Callback) -> None:
        try:
            if callback.not_before:
                wait = min(callback.not_before - self._clock.now(), LOOK_EVERY)
                await asyncio.sleep(max(0.0, wait.total_seconds()))
            self._tell(await self._courier.attempt(callback))
        except StorageError as error:
            log.warning("A callback is held: %s", error.text)
            await asyncio.sleep(HOLD.total_seconds())
        finally:
            self._busy.discard(callback.subject)
            self._hosts -= Counter([callback.host])
            self._look.set()

    def _tell(self, settled: Callback) -> None:
        """Log what is new: that a receiver fails, works again, or was given up."""
        where = without_secrets(settled.url)
        extra = {"job": settled.subject, "action": "callback"}
        if settled.state is CallbackState.DELIVERED:
            if settled.host in self._failing:
                self._failing.discard(settled.host)
                log.info("%s takes callbacks again", where, extra=extra)
            return
        if settled.state is CallbackState.DEAD:
            log.warning(
                "Gave up callback %s to %s: %s",
                settled.id,
                where,
                settled.last_error,
                extra=extra,
            )
        elif settled.host not in self._failing:
            self._failing.add(settled.host)
            log.warning(
                "%s takes no callbacks, and is tried again: %s",
                where,
                settled.last_error,
                extra=extra,
            )
