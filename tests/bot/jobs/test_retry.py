"""When a failed step is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.job import Step
from bot.errors import (
    DownloadFailed,
    OutOfCredit,
    PictureExpired,
    PlatformBusy,
    PlatformRefused,
    ProviderBusy,
    ProviderDown,
    ProviderRefused,
    StorageError,
)
from bot.jobs.retry import GiveUp, RetryPolicy, TryAgain, rules

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TWO_SECONDS = timedelta(seconds=2)


@pytest.mark.parametrize(
    ("attempt", "seconds"),
    [
        pytest.param(1, 2, id="first wait"),
        pytest.param(3, 8, id="doubled twice"),
        pytest.param(4, 10, id="held at the ceiling"),
        pytest.param(1000, 10, id="no overflow"),
    ],
)
def test_waits_longer_each_time(attempt, seconds):
    """The wait doubles until it reaches the ceiling."""
    policy = RetryPolicy(attempts=2000, longest_wait=timedelta(seconds=10))

    decision = policy.decide(ProviderDown("Down."), attempt=attempt, now=NOON)

    assert decision == TryAgain(NOON + timedelta(seconds=seconds))


def test_the_service_wish_wins():
    """Retry-After is obeyed, whatever the back-off says."""
    busy = ProviderBusy("Busy.", retry_after=timedelta(seconds=7))

    decision = RetryPolicy().decide(busy, attempt=1, now=NOON)

    assert decision == TryAgain(NOON + timedelta(seconds=7))


@pytest.mark.parametrize("kind", [ProviderRefused, OutOfCredit, PlatformRefused])
def test_final_errors_are_final(kind):
    """What cannot change is never sent twice."""
    error = kind("No.")

    assert RetryPolicy().decide(error, attempt=1, now=NOON) == GiveUp(error)


def test_paid_calls_are_counted_by_calls():
    """Three calls are the most, however many other failures lay between them."""
    the_rules = rules(attempts=3, first_wait=TWO_SECONDS)
    down = ProviderDown("Down.")

    second = the_rules.decide(down, step=Step.DRAW, calls=2, failures=9, now=NOON)
    third = the_rules.decide(down, step=Step.DRAW, calls=3, failures=3, now=NOON)

    assert second == TryAgain(NOON + timedelta(seconds=4))
    assert third == GiveUp(down)


@pytest.mark.parametrize(
    ("step", "error"),
    [
        pytest.param(Step.DRAW, ProviderBusy("Busy."), id="429 is not charged"),
        pytest.param(Step.KEEP, StorageError("Disk full."), id="a full disk"),
        pytest.param(Step.POST, PlatformBusy("Busy."), id="a rate limit"),
    ],
)
def test_what_costs_nothing_is_tried_for_long(step, error):
    """A picture that is paid for is not given up for a full disk or a rate limit."""
    the_rules = rules(attempts=3, first_wait=TWO_SECONDS)

    decision = the_rules.decide(error, step=step, calls=1, failures=100, now=NOON)

    assert isinstance(decision, TryAgain)


def test_a_download_is_given_up_in_the_end():
    """A picture whose bytes are wrong for good fails its job."""
    the_rules = rules(attempts=3, first_wait=TWO_SECONDS)
    wrong = DownloadFailed("Not a picture.")

    decision = the_rules.decide(wrong, step=Step.KEEP, calls=1, failures=6, now=NOON)

    assert decision == GiveUp(wrong)


def test_an_address_that_is_always_dead_is_paid_for_no_more_than_a_call():
    """Drawing anew begins the count of failures anew; only the calls go on counting."""
    the_rules = rules(attempts=3, first_wait=TWO_SECONDS)
    dead = PictureExpired("Expired.")

    decision = the_rules.decide(dead, step=Step.KEEP, calls=3, failures=1, now=NOON)

    assert decision == GiveUp(dead)
