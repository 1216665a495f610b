"""Alerts, put together: for the run, where ALERT_TO names somebody to tell."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bot.callbacks.alerts import HttpAlerts
from bot.callbacks.sending import open_post
from bot.clock import SystemClock
from bot.commands.alerts import TryingAgain
from bot.errors import ConfigError, Problem, WrongInput
from bot.frontends import Senders
from bot.ideogram.catalog import MODELS
from bot.jobs.alerts import Alarm
from bot.ports.alerts import AlertSender
from bot.settings import Settings
from bot.stores import Stores
from bot.wiring import Core, callback_rules


@asynccontextmanager
async def alerting(
    settings: Settings, stores: Stores, core: Core, senders: Senders
) -> AsyncIterator[None]:
    """Tell of failures until the end of the block; what is left is told by the next run.

    Raises: ConfigError.
    """
    clock, target = SystemClock(), settings.alert_to
    await stores.alerts.aim(target, now=clock.now())
    if target is None:
        yield
        return
    async with AsyncExitStack() as stack:
        sender = senders.alerts(target) or await _over_http(settings, target, stack)
        alarm = Alarm(
            alerts=stores.alerts,
            sender=sender,
            try_again=TryingAgain(
                queue=stores.queue,
                worker=core.worker,
                models=MODELS,
                audit=stores.audit,
                clock=clock,
                policy=core.policy,
            ),
            target=target,
            clock=clock,
        )
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        stack.callback(tasks.create_task(alarm.run()).cancel)
        yield


async def _over_http(
    settings: Settings, url: str, stack: AsyncExitStack
) -> AlertSender:
    rules, clock = callback_rules(settings), SystemClock()
    if problem := address_problem(settings):
        raise ConfigError([problem])
    send = await stack.enter_async_context(open_post(rules=rules, clock=clock))
    secret = settings.callback_secret
    return HttpAlerts(
        url=url,
        send=send,
        secret=secret.get_secret_value() if secret else None,
        clock=clock,
    )


def address_problem(settings: Settings) -> Problem | None:
    """Say what is wrong with the address in ALERT_TO; a channel is none."""
    target = settings.alert_to
    if target is None or "://" not in target:
        return None
    try:
        callback_rules(settings).check(target)
    except WrongInput:
        return Problem(
            "ALERT_TO",
            "It should be the https address of a web server on the internet, with port "
            "443, or 1024 and above.",
            "Correct it, or set CALLBACK_ALLOW_PRIVATE=true for one of your own network.",
        )
    return None
