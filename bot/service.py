"""The program that stays: front ends, worker and clock, until it is told to stop.

Opened in order on one AsyncExitStack and closed in reverse. On SIGTERM or SIGINT the front
ends take nothing more, what runs is finished within DRAIN, and the rest goes on at the next
start.
"""

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from http import HTTPStatus

from starlette.routing import BaseRoute

from adapters.web.app import LookAtHealth, create_app
from adapters.web.health import BucketHealth, Health
from adapters.web.server import HttpServer
from bot.alerting import alerting
from bot.clock import SystemClock, watch_for_setting_back
from bot.domain.job import JobState
from bot.errors import AlreadyRunning
from bot.frontends import Apps, Senders, connection, make_apps, open_senders
from bot.hearing import open_webhooks
from bot.ideogram.arrivals import Arrivals
from bot.jobs.schedule import scheduled
from bot.policy.policy import Policy
from bot.policy_file import CurrentPolicy, PolicyWatch, load_policy
from bot.settings import Settings
from bot.stores import Stores, open_stores
from bot.telling import delivering
from bot.wiring import Core, limits, make_core, open_images
from storage.files.moving import Mover
from storage.lock import OwnerLock
from storage.sqlite.audit import KEPT_FOR

log = logging.getLogger(__name__)

_QUEUED = (JobState.QUEUED, JobState.WAITING, JobState.REVIEW)
DRAIN = timedelta(seconds=20)  # container runtimes kill what takes much longer


class StopSignal:
    """SIGTERM and SIGINT: a wish while the program runs, a cut while it still starts."""

    def __init__(self) -> None:
        self._is_set = asyncio.Event()
        self._starting = asyncio.current_task()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, _ignore)  # until there are rules to read

    def started(self) -> None:
        """From now on a signal ends `wait` instead of cancelling the start."""
        self._starting = None

    async def wait(self) -> None:
        """Return once a signal has come."""
        await self._is_set.wait()

    @property
    def has_come(self) -> bool:
        """Say whether a signal has come."""
        return self._is_set.is_set()

    def _stop(self) -> None:
        self._is_set.set()
        if self._starting is not None:
            self._starting.cancel()


def _ignore() -> None:
    """Do nothing; the system's own answer would end the program."""


async def run(settings: Settings, *, with_chat: bool = False) -> None:
    """Run until SIGTERM or SIGINT. Raises: BotError when it cannot start."""
    stop = StopSignal()
    try:
        async with _open(settings, with_chat=with_chat) as (core, apps, address):
            stop.started()
            keep_out_of_collections()
            if apps.chat:
                log.info("Open %s in a browser and type /imagine a fox", address)
            await stop.wait()
            log.info("Stopping: nothing new is taken")
            await _drain(core, apps)
    except asyncio.CancelledError:
        if not stop.has_come:
            raise
    log.info("Stopped")


def keep_out_of_collections() -> None:
    """Let the garbage collector never look again at what is there now: it stays.

    Half a million objects of the libraries took it 70 ms each time, which stopped the
    event loop (https://docs.python.org/3/library/gc.html#gc.freeze).
    """
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def _open(
    settings: Settings, *, with_chat: bool
) -> AsyncIterator[tuple[Core, Apps, str]]:
    policy = CurrentPolicy(load_policy(settings))
    rules = PolicyWatch(settings, policy)
    async with AsyncExitStack() as stack:
        _own(settings, stack)
        stores = await stack.enter_async_context(open_stores(settings))
        await stores.files.prepare()
        if stores.mover:
            await stack.enter_async_context(stores.mover.running(greets=True))
        arrivals = Arrivals()
        images = await stack.enter_async_context(
            open_images(settings, arrivals=arrivals)
        )
        webhooks = await stack.enter_async_context(open_webhooks(settings, arrivals))
        senders = await open_senders(settings, with_chat=with_chat, stack=stack)
        core = make_core(
            settings,
            stores,
            images,
            senders.by_platform(),
            senders.batches(),
            review_senders=senders.reviews(),
            policy=policy,
        )
        await stack.enter_async_context(core.worker.running())
        apps = make_apps(settings, senders, core, stores)
        server = _server(settings, senders, apps, stores, webhooks)
        await stack.enter_async_context(server)
        await _reconcile(stores)
        await core.recovery.take_up()
        await stack.enter_async_context(core.batches.running())
        await _listen(apps, stack)
        await stack.enter_async_context(delivering(settings, stores))
        await stack.enter_async_context(alerting(settings, stores, core, senders))
        await stack.enter_async_context(_background(settings, core, stores, policy))
        await stack.enter_async_context(_watching(settings, rules))
        yield core, apps, server.address


def _own(settings: Settings, stack: AsyncExitStack) -> None:
    lock = OwnerLock(settings.database_path)
    if not lock.try_acquire():
        raise AlreadyRunning(
            f"Another ideogram-bot works on {settings.database_path}. Stop it first, or "
            "give this one a database of its own with DATABASE_URL."
        )
    stack.callback(lock.release)


async def _listen(apps: Apps, stack: AsyncExitStack) -> None:
    for app in apps.listening:
        await stack.enter_async_context(app)


@asynccontextmanager
async def _background(
    settings: Settings, core: Core, stores: Stores, policy: Callable[[], Policy]
) -> AsyncIterator[None]:
    """Look for handed-over jobs, take messages back, watch the clock, and sweep by it."""

    async def sweep() -> None:
        while await stores.audit.forget(SystemClock().now() - KEPT_FOR):
            pass
        await stores.retention.sweep(limits(settings, policy()))

    async def resume() -> None:
        await stores.retention.resume(limits(settings, policy()))

    async with asyncio.TaskGroup() as tasks:
        watches = [
            tasks.create_task(watch)
            for watch in (
                core.recovery.watch(),
                core.taking_back.watch(),
                watch_for_setting_back(SystemClock().now),
            )
        ]
        async with scheduled(sweep, cron=settings.retention_cron, at_start=resume):
            yield
        for watch in watches:
            watch.cancel()


async def _reconcile(stores: Stores) -> None:
    """Free money that is set aside for jobs that are over: there should be none."""
    if freed := await stores.ledger.reconcile():
        log.warning("Money was set aside for %d jobs that are over: freed", freed)


@asynccontextmanager
async def _watching(settings: Settings, rules: PolicyWatch) -> AsyncIterator[None]:
    """Read POLICY_FILE anew on SIGHUP and when it changes."""
    if settings.policy_file is None:
        yield
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, rules.ask)
    try:
        async with asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(rules.watch())
            yield
            watch.cancel()
    finally:
        loop.add_signal_handler(signal.SIGHUP, _ignore)


async def _drain(core: Core, apps: Apps) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + DRAIN.total_seconds()
    await apps.close_intake()
    await core.worker.drain(timedelta(seconds=max(0, end - loop.time())))


# --- HTTP -------------------------------------------------------------------


def _server(
    settings: Settings,
    senders: Senders,
    apps: Apps,
    stores: Stores,
    webhooks: Sequence[BaseRoute],
) -> HttpServer:
    app = create_app(
        health=_health(apps, stores),
        chat=apps.chat,
        host=settings.http_host,
        extra_routes=[*apps.routes, *webhooks],
    )
    return HttpServer(
        host=settings.http_host,
        port=settings.http_port,
        app=app,
        stopping=[senders.channel.close] if senders.channel else [],
    )


async def _bucket_health(mover: Mover | None) -> BucketHealth | None:
    if mover is None:
        return None
    backlog = await mover.backlog()
    return BucketHealth(is_away=backlog.is_away, waiting=backlog.waiting)


def _health(apps: Apps, stores: Stores) -> LookAtHealth:
    was_ok = False

    async def look() -> Health:
        nonlocal was_ok
        jobs = await stores.queue.counts()
        health = Health(
            is_worker_running=True,
            slack=connection(apps.slack),
            discord=connection(apps.discord),
            queued=sum(jobs.get(state, 0) for state in _QUEUED),
            running=jobs.get(JobState.RUNNING, 0),
            bucket=await _bucket_health(stores.mover),
            was_ok=was_ok,
        )
        was_ok = was_ok or health.http_status == HTTPStatus.OK
        return health

    return look
