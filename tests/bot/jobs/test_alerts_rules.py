"""Which failures make one alert, and when it is shown, changed or over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import errors
from bot.domain.alert import KINDS, Alert, AlertKind, JobEnd
from bot.domain.job import JobId
from bot.errors import ProviderError
from bot.jobs.alerts_rules import (
    CALM,
    EDIT_EVERY,
    FARTHEST,
    FLAPS_WITHIN,
    LONGEST_CALM,
    LONGEST_WAIT,
    QUIET,
    SETTLE,
    Act,
    Due,
    calm,
    due,
    hear,
    wait_after,
)
from tests.fakes.values import NOON

TARGET = "slack:C0OPS"
SECOND = timedelta(seconds=1)


def failure(number: int, kind: str = "ProviderDown") -> JobEnd:
    return JobEnd(
        job_id=JobId(f"job{number}"),
        has_failed=True,
        error_kind=kind,
        error="It broke.",
    )


DRAWN = JobEnd(job_id=JobId("drawn"), has_failed=False)


def heard(newest, *ends, now=NOON) -> list[Alert]:
    return list(hear(newest, ends, target=TARGET, now=now).alerts)


def opened(*ends, **changes) -> Alert:
    [alert] = heard([], *(ends or (failure(1),)))
    return replace(alert, **changes)


def test_every_error_of_ideogram_has_a_kind():
    """A new one must not go untold."""
    names = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, ProviderError)
    }

    assert set(KINDS) == names


@pytest.mark.parametrize("kind", ["NotInPlace", "WrongInput", "BotError", None])
def test_what_is_not_ideograms_fault_is_no_alert(kind):
    assert heard([], replace(failure(1), error_kind=kind)) == []


def test_a_storm_is_one_alert():
    """However many fail, and whether at once or not."""
    alert = opened(*[failure(number) for number in range(100)])

    [later] = heard([alert], *[failure(100 + n) for n in range(100)], now=NOON + SECOND)

    assert (later.id, later.count) == (alert.id, 200)
    assert (later.opened_at, later.last_at) == (NOON, NOON + SECOND)
    assert later.version == 200


def test_each_kind_has_an_alert_of_its_own():
    kinds = ("ProviderDown", "KeyRejected", "OutOfCredit", "ProviderRefused")

    found = heard([], *[failure(number, kind) for number, kind in enumerate(kinds)])

    assert [alert.kind for alert in found] == [
        AlertKind.API,
        AlertKind.KEY,
        AlertKind.MONEY,
        AlertKind.CONTENT,
    ]
    assert len({alert.id for alert in found}) == 4


@pytest.mark.parametrize(
    ("alert", "expected"),
    [
        pytest.param(opened(), Due(Act.POST, NOON + SETTLE), id="new"),
        pytest.param(
            opened(version=3, shown=1, shown_at=NOON),
            Due(Act.EDIT, NOON + EDIT_EVERY),
            id="grown",
        ),
        pytest.param(opened(shown=1, shown_at=NOON), None, id="shown"),
        pytest.param(
            opened(shown=1, shown_at=NOON, worked_at=NOON + SECOND),
            Due(Act.TELL_OVER, NOON + CALM),
            id="works",
        ),
        pytest.param(
            opened(shown=1, version=2, shown_at=NOON, closed_at=NOON),
            Due(Act.EDIT, NOON + EDIT_EVERY),
            id="over, and yet to be shown so",
        ),
        pytest.param(opened(shown=1, closed_at=NOON), None, id="over"),
        pytest.param(
            opened(failure(1, "ProviderRefused"), shown=1),
            Due(Act.CLOSE, NOON + QUIET),
            id="refused prompts have no end",
        ),
        pytest.param(
            opened(not_before=NOON + QUIET),
            Due(Act.POST, NOON + QUIET),
            id="put off",
        ),
    ],
)
def test_what_is_due(alert: Alert, expected: Due | None):
    assert due(alert) == expected


def test_a_failure_after_a_success_is_more_of_the_same():
    """One picture in between does not end the trouble."""
    alert = opened()

    [works] = heard([alert], DRAWN, now=NOON + SECOND)
    [fails] = heard([works], failure(2), now=NOON + 2 * SECOND)

    assert works.worked_at == NOON + SECOND
    assert (fails.worked_at, fails.count) == (None, 2)


def test_a_picture_ends_no_alert_of_refused_prompts():
    alert = opened(failure(1, "ProviderRefused"))

    assert heard([alert], DRAWN) == []


def test_what_comes_and_goes_is_told_ever_more_rarely():
    """A provider that fails every minute must not make a message every minute."""
    before = opened(closed_at=NOON, flaps=2)

    [soon] = heard([before], failure(2), now=NOON + SECOND)
    [late] = heard([before], failure(2), now=NOON + FLAPS_WITHIN)

    assert (soon.flaps, late.flaps) == (3, 0)
    assert soon.id != before.id
    assert [calm(0), calm(1), calm(30)] == [CALM, 2 * CALM, LONGEST_CALM]


def test_a_sender_that_fails_is_left_alone_ever_longer():
    waits = [wait_after(refusals, None) for refusals in (1, 2, 3, 40)]

    assert waits == [5 * SECOND, 10 * SECOND, 20 * SECOND, LONGEST_WAIT]
    assert wait_after(9, SECOND) == SECOND


@pytest.mark.parametrize(
    ("wait", "is_now"),
    [
        pytest.param(-SECOND, True, id="over"),
        pytest.param(timedelta(0), True, id="just over"),
        pytest.param(SECOND, False, id="to come"),
        pytest.param(FARTHEST, False, id="the farthest there is"),
        pytest.param(timedelta(days=3), True, id="the clock was set back"),
    ],
)
def test_a_wrong_clock_holds_nothing_up(wait, is_now):
    assert Due(Act.POST, NOON + wait).is_now(NOON) is is_now


def test_no_sender_asks_for_longer_than_the_farthest():
    assert wait_after(1, timedelta(days=1)) == FARTHEST
