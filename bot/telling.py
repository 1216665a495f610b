"""Callbacks, put together: for the run that sends all, and a command that sends its own."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.callbacks.bodies import Bodies
from bot.callbacks.delivery import Courier, Delivery
from bot.callbacks.sending import open_post
from bot.clock import SystemClock
from bot.domain.callback import Callback, CallbackState, DeliveryId
from bot.errors import NotFound
from bot.settings import Settings
from bot.stores import Stores
from bot.wiring import callback_rules

log = logging.getLogger(__name__)

# How long a command that works its job alone waits for a receiver that is down.
PATIENCE = timedelta(seconds=30)
_LOOK_EVERY = timedelta(seconds=0.05)


@asynccontextmanager
async def delivering(settings: Settings, stores: Stores) -> AsyncIterator[None]:
    """Send callbacks until the end of the block; what is then under way is sent again."""
    clock = SystemClock()
    async with open_courier(settings, stores) as courier:
        delivery = Delivery(callbacks=stores.callbacks, courier=courier, clock=clock)
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(delivery.run())
            yield
            sending.cancel()


@asynccontextmanager
async def open_courier(settings: Settings, stores: Stores) -> AsyncIterator[Courier]:
    """Give what sends a callback."""
    clock, secret = SystemClock(), settings.callback_secret
    async with open_post(rules=callback_rules(settings), clock=clock) as send:
        yield Courier(
            callbacks=stores.callbacks,
            bodies=Bodies(
                queue=stores.queue, records=stores.records, files=stores.files
            ),
            send=send,
            secret=secret.get_secret_value() if secret else None,
            clock=clock,
            first_wait=settings.job_backoff_s,
        )


async def tell(settings: Settings, stores: Stores, *subjects: str) -> None:
    """Send what is pending of jobs and batches, and repeat it for a while.

    Only for a process that works the database alone; what is left is for the next run.
    """
    async with delivering(settings, stores):
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                for subject in subjects:
                    await _until_told(stores, subject)
        except TimeoutError:
            log.warning(
                "What was not taken is sent by the next run",
                extra={"job": subjects[-1], "action": "callback"},
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

    Raises: NotFound.
    """
    found = await stores.callbacks.resend(callback)
    if found is None:
        raise NotFound(
            f"There is no callback {callback}; ideogram-bot callbacks lists them."
        )
    if is_alone:
        async with open_courier(settings, stores) as courier:
            await courier.deliver(found.subject)
    return await stores.callbacks.find(callback) or found
