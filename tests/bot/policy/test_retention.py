"""How long a picture stays."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.people import Platform
from bot.domain.record import RecordId
from bot.policy.retention import KeptPicture, Limits, RetentionRule

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PICTURE = KeptPicture(
    id=RecordId("job0-1"),
    created_at=NOW - 10 * DAY,
    platform=Platform.SLACK,
    workspace_id="T1",
    channel_id="C1",
    model="V_2",
    tags=("draft", "fox"),
    is_safe=True,
)


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        pytest.param({}, True, id="none"),
        pytest.param({"platform": Platform.SLACK}, True, id="platform"),
        pytest.param({"platform": Platform.DISCORD}, False, id="other platform"),
        pytest.param({"workspace_id": "T1"}, True, id="workspace"),
        pytest.param({"workspace_id": "T2"}, False, id="other workspace"),
        pytest.param({"channel_id": "C2"}, False, id="other channel"),
        pytest.param({"tag": "fox"}, True, id="tag"),
        pytest.param({"tag": "owl"}, False, id="other tag"),
        pytest.param({"model": "V_3"}, False, id="other model"),
        pytest.param({"is_unsafe": True}, False, id="safe"),
        pytest.param({"is_unsafe": False}, True, id="not unsafe"),
        pytest.param({"tag": "fox", "channel_id": "C2"}, False, id="all must hold"),
    ],
)
def test_a_rule_fits_when_all_its_conditions_hold(conditions, fits):
    assert RetentionRule(keep_for=DAY, **conditions).fits(PICTURE) is fits


def test_the_first_rule_that_fits_decides():
    """An exception stands before the rule it is one of."""
    keep = RetentionRule(keep_for=None, tag="fox")
    drop = RetentionRule(keep_for=DAY, channel_id="C1")

    assert not Limits(rules=(keep, drop)).is_due(PICTURE, NOW)
    assert Limits(rules=(drop, keep)).is_due(PICTURE, NOW)


@pytest.mark.parametrize(
    ("days", "is_due"),
    [
        pytest.param(None, False, id="for ever"),
        pytest.param(11, False, id="young"),
        pytest.param(10, True, id="to the instant"),
        pytest.param(9, True, id="old"),
        pytest.param(0, True, id="zero"),
    ],
)
def test_what_no_rule_fits_stays_as_long_as_all_else(days, is_due):
    otherwise = None if days is None else days * DAY
    limits = Limits(
        rules=(RetentionRule(keep_for=DAY, tag="owl"),), otherwise=otherwise
    )

    assert limits.is_due(PICTURE, NOW) is is_due


def test_nothing_younger_than_the_shortest_time_is_looked_at():
    rules = (RetentionRule(keep_for=None), RetentionRule(keep_for=3 * DAY))

    assert Limits(rules=rules, otherwise=30 * DAY).newest_due(NOW) == NOW - 3 * DAY
    assert Limits(rules=rules[:1]).newest_due(NOW) is None
