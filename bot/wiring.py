"""The composition root: settings to stores, Ideogram, worker and dispatcher.

Only this module picks implementations. What is opened here is closed in reverse by the
AsyncExitStack of the one who asked for it.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from bot.callbacks.guard import Rules
from bot.chat.catalogue import Catalogue
from bot.clock import SystemClock
from bot.commands.alerts import TryAgainHandler
from bot.commands.batches import DecideBatchHandler, SubmitBatchHandler
from bot.commands.browse import FindHandler, HistoryHandler
from bot.commands.calling_back import CallingBack, is_at_the_terminal
from bot.commands.cancel import CancelHandler
from bot.commands.duplicates import Duplicates, HeldHandler
from bot.commands.events import PlaceOpenedHandler, WithheldReplyHandler
from bot.commands.forms import ChangeHandler, EditHandler, MoreHandler
from bot.commands.generate import GenerateHandler
from bot.commands.help import HelpHandler
from bot.commands.new_seed import NewSeedHandler
from bot.commands.permitting import Permitting, asker_of
from bot.commands.reproduce import ReproduceHandler
from bot.commands.resize import ResizeHandler
from bot.commands.reviewing import ReviewHandler
from bot.commands.settings import SettingsHandler
from bot.commands.show import ShowHandler
from bot.commands.stats import StatsHandler
from bot.commands.submitting import Submitting
from bot.commands.targets import Targets
from bot.dispatch import Dispatcher
from bot.domain.models import Models, RouteName
from bot.domain.people import Platform
from bot.domain.request import MAX_SEED
from bot.errors import Problem, WrongInput
from bot.ideogram.arrivals import Arrivals
from bot.ideogram.catalog import MODELS
from bot.ideogram.client import IdeogramClient
from bot.ideogram.http import make_http
from bot.ideogram.routes import make_route, models_on
from bot.ideogram.simulator.server import serve
from bot.jobs.batches import BatchRunner
from bot.jobs.draw import Draw
from bot.jobs.following import Follow
from bot.jobs.keep import Keep
from bot.jobs.pipeline import Pipeline
from bot.jobs.post import Post
from bot.jobs.recovery import Recovery
from bot.jobs.resize import Resize
from bot.jobs.retry import RetryRules, rules
from bot.jobs.review import ReviewStep
from bot.jobs.taking_back import TakingBack
from bot.jobs.worker import Worker
from bot.parsing.flags import options
from bot.parsing.values import read_model
from bot.policy.policy import Policy
from bot.policy.retention import Limits
from bot.ports.base import Clock
from bot.ports.batches import BatchSender
from bot.ports.chat import ChatSender
from bot.ports.images import ImageService
from bot.ports.review import ReviewSender
from bot.settings import Settings
from bot.stores import Stores

# Downloads and uploads at one time, each with buffers of some 3 MiB: whatever waits in the
# queue, they add less than 32 MiB (bench/memory.py). More than Ideogram can keep busy.
TRANSFERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """The part that decides and works."""

    worker: Worker
    recovery: Recovery
    batches: BatchRunner
    taking_back: TakingBack
    dispatcher: Dispatcher
    catalogue: Catalogue
    policy: Callable[[], Policy]


@asynccontextmanager
async def open_images(
    settings: Settings, *, arrivals: Arrivals | None = None
) -> AsyncIterator[ImageService]:
    """Open the way to Ideogram; for the sandbox, start the simulated one.

    What is announced in *arrivals* is asked for at once.
    """
    async with AsyncExitStack() as stack:
        base_url, key = settings.ideogram_base_url, settings.ideogram_api_key
        if settings.ideogram_route is RouteName.SANDBOX and base_url is None:
            base_url = await stack.enter_async_context(serve())
            key = None  # one that is set is for the real Ideogram
        route = make_route(
            settings.ideogram_route,
            key=key.get_secret_value() if key else "sandbox",
            base_url=base_url,
            image_hosts=settings.ideogram_image_hosts,
        )
        http = await stack.enter_async_context(make_http())
        yield IdeogramClient(
            route=route,
            models=MODELS,
            timeout=settings.ideogram_timeout_s,
            http=http,
            clock=SystemClock(),
            arrivals=arrivals,
            webhook_url=settings.ideogram_webhook_url if arrivals else None,
        )


def make_core(
    settings: Settings,
    stores: Stores,
    images: ImageService,
    senders: Mapping[Platform, ChatSender],
    batch_senders: Mapping[Platform, BatchSender] = MappingProxyType({}),
    *,
    review_senders: Mapping[Platform, ReviewSender] = MappingProxyType({}),
    policy: Callable[[], Policy] = Policy,
) -> Core:
    """Put worker and dispatcher together; *policy* gives the rules of the moment."""
    clock = SystemClock()
    retry = rules(attempts=settings.job_attempts, first_wait=settings.job_backoff_s)
    worker = Worker(
        queue=stores.queue,
        pipeline=_pipeline(
            settings, stores, images, senders, retry, review_senders=review_senders
        ),
        rules=retry,
        senders=senders,
        clock=clock,
        max_in_flight=settings.ideogram_max_in_flight,
    )
    batches = BatchRunner(
        batches=stores.batches,
        callbacks=stores.callbacks,
        worker=worker,
        senders=batch_senders,
        clock=clock,
        max_in_flight=settings.ideogram_max_in_flight,
        first_wait=settings.job_backoff_s,
    )
    catalogue = Catalogue(options=options(offered(settings)))
    return Core(
        worker=worker,
        recovery=Recovery(
            queue=stores.queue, steps=stores.steps, worker=worker, clock=clock
        ),
        batches=batches,
        taking_back=TakingBack(
            take_backs=stores.take_backs, senders=senders, clock=clock
        ),
        dispatcher=_dispatcher(
            settings,
            stores,
            worker=worker,
            batches=batches,
            clock=clock,
            catalogue=catalogue,
            policy=policy,
        ),
        catalogue=catalogue,
        policy=policy,
    )


def _pipeline(
    settings: Settings,
    stores: Stores,
    images: ImageService,
    senders: Mapping[Platform, ChatSender],
    retry: RetryRules,
    *,
    review_senders: Mapping[Platform, ReviewSender],
) -> Pipeline:
    clock = SystemClock()
    transfers = asyncio.Semaphore(TRANSFERS)
    return Pipeline(
        draw=Draw(images=images, files=stores.files, steps=stores.steps),
        keep=Keep(
            images=images,
            files=stores.files,
            steps=stores.steps,
            models=MODELS,
            clock=clock,
            rules=retry,
            transfers=transfers,
        ),
        post=Post(
            senders=senders,
            files=stores.files,
            steps=stores.steps,
            transfers=transfers,
        ),
        review=ReviewStep(
            reviews=stores.reviews,
            senders=review_senders,
            files=stores.files,
            erase=stores.files.delete_unused,
            steps=stores.steps,
            transfers=transfers,
        ),
        resize=Resize(
            files=stores.files,
            steps=stores.steps,
            copies=stores.copies,
            pool=stores.pool,
            clock=clock,
            has_metadata=settings.copy_metadata,
        ),
        follow=Follow(queue=stores.queue, steps=stores.steps),
        steps=stores.steps,
        records=stores.records,
    )


def _dispatcher(
    settings: Settings,
    stores: Stores,
    *,
    worker: Worker,
    batches: BatchRunner,
    clock: Clock,
    catalogue: Catalogue,
    policy: Callable[[], Policy],
) -> Dispatcher:
    models = offered(settings)
    model = default_model(settings)
    records, queue = stores.records, stores.queue
    targets = Targets(records=records)
    calling_back = CallingBack(
        rules=callback_rules(settings),
        is_allowed=lambda origin: (
            is_at_the_terminal(origin) or policy().may_ask_callbacks(asker_of(origin))
        ),
    )
    permitting = Permitting(
        models=MODELS,
        clock=clock,
        ledger=stores.ledger,
        audit=stores.audit,
        once=stores.once,
        policy=policy,
        calling_back=calling_back,
    )
    submit = Submitting(
        queue=queue,
        worker=worker,
        models=models,
        clock=clock,
        choose_seed=_choose_seed,
        permitting=permitting,
    )
    resize = ResizeHandler(submit=submit, targets=targets, records=records)
    return Dispatcher(
        generate=GenerateHandler(
            submit=submit,
            models=models,
            default_model=model,
            duplicates=Duplicates(
                submit=submit,
                records=records,
                steps=stores.steps,
                within=settings.duplicate_days,
            ),
        ),
        reproduce=ReproduceHandler(submit=submit, targets=targets, models=models),
        new_seed=NewSeedHandler(submit=submit, targets=targets, models=models),
        edit=EditHandler(
            targets=targets, queue=queue, models=models, default_model=model
        ),
        more=MoreHandler(targets=targets),
        change=ChangeHandler(
            targets=targets, records=records, files=stores.files, resize=resize
        ),
        resize=resize,
        history=HistoryHandler(records=records),
        find=FindHandler(records=records, models=models),
        show=ShowHandler(targets=targets, models=models, default_model=model),
        cancel=CancelHandler(
            queue=queue, worker=worker, batches=stores.batches, runner=batches
        ),
        held=HeldHandler(submit=submit, records=records),
        try_again=TryAgainHandler(alerts=stores.alerts, target=settings.alert_to),
        review=ReviewHandler(
            queue=queue,
            reviews=stores.reviews,
            audit=stores.audit,
            worker=worker,
            clock=clock,
            policy=policy,
        ),
        help=HelpHandler(catalogue=catalogue),
        settings=SettingsHandler(
            permitting=permitting,
            policy=policy,
            models=models,
            default_model=model,
            keep_for=limits(settings, Policy()).otherwise,
            duplicates_within=settings.duplicate_days,
        ),
        stats=StatsHandler(records=records, permitting=permitting),
        submit_batch=SubmitBatchHandler(
            batches=stores.batches,
            models=models,
            default_model=model,
            clock=clock,
            choose_seed=_choose_seed,
            permitting=permitting,
        ),
        decide_batch=DecideBatchHandler(
            batches=stores.batches, runner=batches, permitting=permitting
        ),
        withheld_reply=WithheldReplyHandler(targets=targets, once=stores.once),
        place_opened=PlaceOpenedHandler(queue=queue, worker=worker),
    )


def _choose_seed() -> int:
    return secrets.randbelow(MAX_SEED + 1)


def callback_rules(settings: Settings) -> Rules:
    """Give which addresses may be called back."""
    return Rules(is_private_allowed=settings.callback_allow_private)


def offered(settings: Settings) -> Models:
    """Give the models the configured route has."""
    return models_on(settings.ideogram_route, MODELS)


def default_model(settings: Settings) -> str:
    """Give IDEOGRAM_MODEL as records spell it. Raises: WrongInput."""
    return read_model(settings.ideogram_model, offered(settings)).name


def model_problem(settings: Settings) -> Problem | None:
    """Say what is wrong with IDEOGRAM_MODEL on the route that is set."""
    try:
        default_model(settings)
    except WrongInput as wrong:
        return Problem(
            "IDEOGRAM_MODEL",
            wrong.text,
            f"Set one that the route {settings.ideogram_route.value} has.",
        )
    return None


def limits(settings: Settings, policy: Policy) -> Limits:
    """Give how long pictures stay: by the policy's rules, else RETENTION_DAYS."""
    days = settings.retention_days
    return Limits(
        rules=policy.retention, otherwise=timedelta(days=days) if days else None
    )
