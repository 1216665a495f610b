"""Messages are taken back, once, however the platform feels."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.people import Platform
from bot.domain.record import PostedMessage
from bot.errors import PlatformBusy, PlatformDown, PlatformRefused
from bot.jobs.taking_back import TakingBack
from bot.ports.upkeep import TakeBack
from tests.fakes.sender import FakeSender

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Day:
    """A clock that stands, and sleeps that take no time."""

    def __init__(self):
        self.time = NOON

    def now(self):
        return self.time

    async def sleep(self, seconds):
        self.time += timedelta(seconds=seconds)


class MemoryTakeBacks:
    """Implements TakeBacks."""

    def __init__(self, *messages, platform=Platform.SLACK):
        self.waiting = {
            number: [make(number, name, platform), NOON]
            for number, name in enumerate(messages)
        }

    async def due(self, now, *, longest=timedelta(hours=1), limit=20):
        due = [one for one, at in self.waiting.values() if at <= now]
        return due[:limit]

    async def settle(self, number):
        del self.waiting[number]

    async def put_off(self, number, until, *, failures):
        one, _ = self.waiting[number]
        again = make(number, one.message.message_id, one.platform, failures=failures)
        self.waiting[number] = [again, until]

    def times(self):
        return {one.message.message_id: at for one, at in self.waiting.values()}


def make(number, name, platform, failures=0):
    message = PostedMessage(channel_id="C1", message_id=name, record_ids=())
    return TakeBack(
        number=number,
        platform=platform,
        message=message,
        notes={"files": [name]},
        failures=failures,
    )


@pytest.fixture
def day():
    return Day()


@pytest.fixture
def sender():
    return FakeSender()


def working(take_backs, sender, day):
    return TakingBack(
        take_backs=take_backs,
        senders={Platform.SLACK: sender},
        clock=day,
        sleep=day.sleep,
    )


async def test_each_is_taken_back_with_its_notes(sender, day):
    take_backs = MemoryTakeBacks("1", "2")

    await working(take_backs, sender, day).work_off()

    assert sender.taken_back == [("1", {"files": ["1"]}), ("2", {"files": ["2"]})]
    assert take_backs.waiting == {}


async def test_they_go_slower_than_the_rate_limit(sender, day):
    """Fifty a minute is what Slack grants, and posting must not suffer."""
    await working(MemoryTakeBacks(*"abcdefghij"), sender, day).work_off()

    assert day.time - NOON >= timedelta(seconds=12)


async def test_a_busy_platform_is_left_alone_for_as_long_as_it_says(sender, day):
    take_backs = MemoryTakeBacks("1", "2")
    sender.take_back_faults.append(
        PlatformBusy("Busy.", retry_after=timedelta(seconds=30))
    )
    taking_back = working(take_backs, sender, day)

    await taking_back.work_off()
    until = take_backs.times()
    day.time = NOON + timedelta(seconds=30)
    await taking_back.work_off()

    assert set(until.values()) == {NOON + timedelta(seconds=30)}
    assert [name for name, _ in sender.taken_back] == ["1", "2"]


async def test_what_is_not_allowed_is_told_once_and_done(sender, day, caplog):
    take_backs = MemoryTakeBacks("1")
    sender.take_back_faults.append(PlatformRefused("Slack does not let the bot."))

    await working(take_backs, sender, day).work_off()

    assert take_backs.waiting == {}
    [line] = caplog.messages
    assert line.endswith("Slack does not let the bot.")


async def test_a_platform_that_is_down_is_asked_again_later_and_later(sender, day):
    take_backs = MemoryTakeBacks("1")
    taking_back = working(take_backs, sender, day)
    waits = []
    for _ in range(9):
        sender.take_back_faults.append(PlatformDown("Down."))
        await taking_back.work_off()
        [until] = take_backs.times().values()
        waits.append((until - day.time).total_seconds())
        day.time = until

    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


async def test_what_never_works_is_given_up_after_days(sender, day, caplog):
    take_backs = MemoryTakeBacks("1")
    taking_back = working(take_backs, sender, day)
    while take_backs.waiting:
        sender.take_back_faults.append(PlatformDown("Down."))
        await taking_back.work_off()
        day.time += timedelta(hours=1)

    assert day.time - NOON > timedelta(days=4)
    assert len(caplog.messages) == 1


async def test_a_platform_that_is_not_configured_may_come_back(sender, day):
    take_backs = MemoryTakeBacks("1", platform=Platform.DISCORD)

    await working(take_backs, sender, day).work_off()

    assert take_backs.times() == {"1": NOON + timedelta(hours=1)}


async def test_a_fault_stops_nobody(sender, day, caplog):
    """It is logged with its place, and tried again like any trouble."""
    take_backs = MemoryTakeBacks("1")
    sender.take_back_faults.append(KeyError("ts"))

    await working(take_backs, sender, day).work_off()

    assert take_backs.times() == {"1": NOON + timedelta(seconds=30)}
    assert caplog.messages == ["A fault of the bot"]
