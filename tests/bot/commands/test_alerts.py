"""Try again, below an alert: for who is there, once, and at the cost of who asked."""

from datetime import UTC, datetime
from functools import partial

import pytest

from bot.chat.commands import Generate, TryAgain
from bot.chat.replies import Notice, Refusal
from bot.clock import SystemClock
from bot.commands.alerts import TryAgainHandler, TryingAgain
from bot.domain.alert import AlertId
from bot.domain.audit import AuditSearch
from bot.errors import NotFound, OutOfCredit
from bot.ideogram.catalog import MODELS
from bot.jobs.alerts_rules import hear
from bot.policy.reading import read_policy
from tests.fakes.waiting import until

OPS = "C0OPS"
TARGET = f"slack:{OPS}"
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
async def alert(shop):
    """An alert of one failed job, ann's fox in C1."""
    await shop.stores.alerts.aim(TARGET, now=NOW)
    shop.images.answers.append(OutOfCredit("There is no money left."))
    accepted = await shop.ask(Generate(origin=shop.origin(), text="a fox"))
    await shop.done(accepted)
    await shop.stores.alerts.hear(partial(hear, target=TARGET, now=NOW))
    [found] = await shop.stores.alerts.live()
    return found


class Desk:
    """Where the button is pressed, and what the alarm does with that."""

    def __init__(self, shop, rules):
        self.alerts = shop.stores.alerts
        self.press = TryAgainHandler(alerts=self.alerts, target=TARGET)
        self._again = TryingAgain(
            queue=shop.stores.queue,
            worker=shop.core.worker,
            models=MODELS,
            audit=shop.stores.audit,
            clock=SystemClock(),
            policy=rules,
        )

    async def work_off(self):
        for alert_id, job in await self.alerts.asked():
            await self._again(alert_id, job)
            await self._again(alert_id, job)  # killed before it was noted: once more
            await self.alerts.tried(job.id)


@pytest.fixture
def desk(shop, rules):
    return Desk(shop, rules)


async def test_anyone_there_has_all_of_it_drawn_once(shop, alert, desk):
    """For who asked, where they asked; the one who presses is only named."""
    bob = shop.origin(user="bob", channel=OPS)

    first = await desk.press(TryAgain(origin=bob, target=alert.id))
    await desk.work_off()
    second = await desk.press(TryAgain(origin=bob, target=alert.id))
    await desk.work_off()
    await until(lambda: len(shop.sender.posts) == 1)

    assert first.text.startswith("One picture is drawn again")
    assert second == Notice(text="All of them were tried again already.")
    [record] = await shop.stores.records.of_job(shop.sender.posts[0][0])
    assert (record.prompt, record.person.user_id) == ("a fox", "ann")
    assert record.place.channel_id == "C1"


@pytest.mark.parametrize(
    ("channel", "target"),
    [(OPS, "slack:C0OTHER"), ("C1", TARGET)],
    ids=["another setting", "another channel"],
)
async def test_nowhere_else(shop, alert, channel, target):
    handler = TryAgainHandler(alerts=shop.stores.alerts, target=target)

    with pytest.raises(NotFound):
        await handler(TryAgain(origin=shop.origin(channel=channel), target=alert.id))

    assert await shop.stores.alerts.asked() == []


async def test_an_alert_that_is_not_there_is_a_refusal(shop):
    command = TryAgain(origin=shop.origin(), target=AlertId("0" * 16))

    assert isinstance(await shop.ask(command), Refusal)


@pytest.mark.parametrize(
    "case",
    [
        ('[[budgets]]\nusd = 0.01\nper = "day"\neach = "person"', "budget day person"),
        ('[content]\nblocked_words = ["fox"]', "blocked word fox"),
        ('[allowed]\nchannels = ["C9"]', "allowed"),
        ('[[limits]]\nmodels = ["V_3"]', "models"),
        ('[[limits]]\ngroups = ["S1"]\npictures_an_hour = 1', "groups"),
    ],
    ids=[
        "no money left",
        "a word that is blocked by now",
        "shut out by now",
        "a model that is not open any more",
        "groups that nobody knows",
    ],
)
async def test_the_rules_of_now_hold(shop, alert, desk, rules, case):
    """A storm must not be a way around a budget."""
    text, rule = case
    rules.replace(read_policy(text, read_model=str.upper))
    await desk.press(TryAgain(origin=shop.origin(channel=OPS), target=alert.id))

    await desk.work_off()

    assert len(await shop.stores.queue.jobs()) == 1
    audit = await shop.stores.audit.entries(AuditSearch())
    assert {(one.person.user_id, one.rule) for one in audit} == {("ann", rule)}
