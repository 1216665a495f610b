"""What follows a try."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.callbacks.outcome import Answer, settle
from bot.domain.callback import Callback, CallbackState, DeliveryId, Event

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
FRESH = Callback(
    id=DeliveryId("job0.completed"),
    subject="job0",
    event=Event.COMPLETED,
    url="https://example.com/",
    created_at=NOON,
)


def after(callback, answer, *, now=NOON, first_wait=2):
    return settle(callback, answer, first_wait=timedelta(seconds=first_wait), now=now)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_a_2xx_is_a_delivery(status):
    done = after(replace(FRESH, last_error="HTTP 500"), Answer(status=status))

    assert done.state is CallbackState.DELIVERED
    assert (done.attempts, done.last_error) == (1, None)


@pytest.mark.parametrize(
    "answer",
    [
        *(Answer(status=s) for s in (100, 301, 302, 307, 400, 401, 404, 429, 500, 503)),
        Answer(problem="No answer within 10 seconds"),
    ],
    ids=lambda answer: answer.text,
)
def test_anything_else_is_tried_again(answer):
    """A redirect too: it is not followed."""
    again = after(FRESH, answer)

    assert again.state is CallbackState.PENDING
    assert again.not_before == NOON + timedelta(seconds=2)
    assert again.last_error == answer.text


@pytest.mark.parametrize(
    ("attempts", "first_wait", "seconds"),
    [
        pytest.param(0, 2, 2, id="the first"),
        pytest.param(3, 2, 16, id="doubled"),
        pytest.param(40, 2, 3600, id="the longest"),
        pytest.param(0, 0, 0.01, id="none asked for"),
        pytest.param(10, 0, 10.24, id="none asked for, and still doubled"),
        pytest.param(0, 3600, 3600, id="a long first one"),
    ],
)
def test_the_waits_double(attempts, first_wait, seconds):
    tried = replace(FRESH, attempts=attempts, since=NOON)

    again = after(tried, Answer(status=500), first_wait=first_wait)

    assert again.not_before == NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [(60, 60), (1, 2), (86400, 3600)],
    ids=["more", "less", "days"],
)
def test_retry_after_counts_within_bounds(asked, seconds):
    """It never makes a try earlier, and never by more than an hour later."""
    answer = Answer(status=429, retry_after=timedelta(seconds=asked))

    assert after(FRESH, answer).not_before == NOON + timedelta(seconds=seconds)


def test_it_is_given_up_after_a_day():
    tried = replace(FRESH, attempts=30, since=NOON)

    before = after(tried, Answer(status=500), now=NOON + timedelta(hours=22))
    then = after(tried, Answer(status=500), now=NOON + timedelta(hours=23.5))

    assert before.state is CallbackState.PENDING
    assert then.state is CallbackState.DEAD


def test_a_day_of_the_bots_own_absence_does_not_count():
    """What was written before the bot was down for a week is tried for a day yet."""
    week_later = NOON + timedelta(days=7)

    again = after(FRESH, Answer(status=500), now=week_later)

    assert again.state is CallbackState.PENDING
    assert again.since == week_later


def test_gone_is_gone():
    """410: the receiver says that it will never be there again."""
    assert after(FRESH, Answer(status=410)).state is CallbackState.DEAD
