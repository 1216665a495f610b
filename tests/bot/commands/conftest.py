"""A dispatcher on real stores, with a worker, an Ideogram and a platform that remember."""

import itertools

import pytest

from bot.chat.commands import Generate, Origin
from bot.domain.people import Person, Place, Platform, Visibility
from bot.loading import load_settings
from bot.policy.policy import Policy
from bot.policy_file import CurrentPolicy
from bot.stores import open_stores
from bot.wiring import make_core
from tests.fakes.images import FakeImages
from tests.fakes.sender import FakeBatchSender, FakeSender
from tests.fakes.waiting import until


class Shop:
    """What a test of a command needs: ask, wait, look."""

    def __init__(self, core, stores, images, sender):
        self.core = core
        self.stores = stores
        self.images = images
        self.sender = sender
        self._events = itertools.count()

    def origin(
        self,
        *,
        user="ann",
        channel="C1",
        visibility=Visibility.WORKSPACE,
        workspace="T1",
        platform=Platform.SLACK,
        event=None,
        groups=(),
    ) -> Origin:
        """Who asks, from where."""
        return Origin(
            event_id=event or f"event {next(self._events)}",
            person=Person(platform=platform, workspace_id=workspace, user_id=user),
            place=Place(
                platform=platform,
                workspace_id=workspace,
                channel_id=channel,
                visibility=visibility,
            ),
            groups=groups,
        )

    async def ask(self, command):
        """Give the reply."""
        return await self.core.dispatcher.handle(command)

    async def drawn(self, text, *, origin=None):
        """Draw *text*; give the records."""
        accepted = await self.ask(Generate(origin=origin or self.origin(), text=text))
        return await self.done(accepted)

    async def done(self, accepted):
        """Wait for a job; give its records."""
        job_id = accepted.job_id
        await until(lambda: any(j == job_id for j, _, _ in self.sender.ends()))
        return await self.stores.records.of_job(job_id)


@pytest.fixture
def duplicate_days():
    """Most tests draw the same again and mean it."""
    return 0


@pytest.fixture
def rules():
    """The operator's rules: none, before a test replaces them."""
    return CurrentPolicy(Policy())


@pytest.fixture
async def shop(tmp_path, duplicate_days, rules):
    """A Shop on *tmp_path*, its worker running."""
    settings = load_settings(
        {
            "IDEOGRAM_ROUTE": "sandbox",
            "DATABASE_URL": f"sqlite:///{tmp_path}/bot.db",
            "FILES_URL": f"file:{tmp_path}/images",
            "JOB_BACKOFF_S": "0",
            "DUPLICATE_DAYS": str(duplicate_days),
        }
    )
    images, sender = FakeImages(), FakeSender()
    senders = dict.fromkeys(Platform, sender)
    shows = dict.fromkeys(Platform, FakeBatchSender())
    async with open_stores(settings) as stores:
        core = make_core(settings, stores, images, senders, shows, policy=rules)
        async with core.worker.running(), core.batches.running():
            yield Shop(core, stores, images, sender)
