"""Callbacks, put together: for the run that sends them all, and for a command that sends its own.

Without CALLBACK_SECRET none is sent; those that are written down wait for it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.callbacks.bodies import Bodies
from bot.callbacks.delivery import Courier, Delivery
from bot.callbacks.sending import open_post
from bot.clock import SystemClock
from bot.commands.calling_back import NO_SECRET
from bot.domain.callback import Callback, CallbackState, DeliveryId
from bot.errors import ConfigError, NotFound
from bot.settings import Settings
from bot.wiring import Stores, callback_rules

log = logging.getLogger(__name__)

# How long a command that works its job alone waits for a receiver that is down.
PATIENCE = timedelta(seconds=30)
_LOOK_EVERY = timedelta(seconds=0.05)


@asynccontextmanager
async def delivering(settings: Settings, stores: Stores) -> AsyncIterator[None]:
    """Send callbacks until the end of the block; what is then under way is sent again."""
    clock = SystemClock()
    async with open_courier(settings, stores) as courier:
        if courier is None:
            await _warn_of_waiting(stores)
            yield
            return
        delivery = Delivery(callbacks=stores.callbacks, courier=courier, clock=clock)
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(delivery.run())
            yield
            sending.cancel()


@asynccontextmanager
async def open_courier(
    settings: Settings, stores: Stores
) -> AsyncIterator[Courier | None]:
    """Give what sends a callback; None when there is no secret to sign with."""
    if settings.callback_secret is None:
        yield None
        return
    clock = SystemClock()
    async with open_post(rules=callback_rules(settings), clock=clock) as send:
        yield Courier(
            callbacks=stores.callbacks,
            bodies=Bodies(
                queue=stores.queue, records=stores.records, files=stores.files
            ),
            send=send,
            secret=settings.callback_secret.get_secret_value(),
            clock=clock,
            first_wait=settings.job_backoff_s,
        )


async def tell(settings: Settings, stores: Stores, subject: str) -> None:
    """Send what is pending of a job or a batch, and repeat it for a while.

    Only for a process that works the database alone; what is left is for the next run.
    """
    if settings.callback_secret is None:
        return
    async with delivering(settings, stores):
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await _until_told(stores, subject)
        except TimeoutError:
            log.warning(
                "What was not taken is sent by the next run",
                extra={"job": subject, "action": "callback"},
            )


async def _until_told(stores: Stores, subject: str) -> None:
    while True:
        told = await stores.callbacks.of_subject(subject)
        if all(one.state is not CallbackState.PENDING for one in told):
            return
        await asyncio.sleep(_LOOK_EVERY.total_seconds())


async def resend(
    settings: Settings, stores: Stores, callback: DeliveryId, *, is_alone: bool
) -> Callback:
    """Make a callback pending again and, where no run would, send it; give it.

    Raises: NotFound, ConfigError (no secret).
    """
    if settings.callback_secret is None:
        raise ConfigError([NO_SECRET])
    found = await stores.callbacks.resend(callback)
    if found is None:
        raise NotFound(
            f"There is no callback {callback}; ideogram-bot callbacks lists them."
        )
    if is_alone:
        async with open_courier(settings, stores) as courier:
            if courier is not None:
                await courier.deliver(found.subject)
    return await stores.callbacks.find(callback) or found


async def _warn_of_waiting(stores: Stores) -> None:
    if await stores.callbacks.due(SystemClock().now(), limit=1):
        log.warning(
            "Callbacks wait to be sent: set CALLBACK_SECRET, with which they are signed",
            extra={"action": "callback"},
        )
