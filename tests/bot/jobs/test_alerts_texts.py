"""What alerts say."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.alert import Alert, AlertId, AlertKind, AlertMessage, Failed, Who
from bot.domain.job import JobId
from bot.domain.people import Person, Platform
from bot.jobs import alerts_texts
from tests.fakes.values import NOON

ALERT = Alert(
    id=AlertId("a1"),
    kind=AlertKind.KEY,
    target="slack:C0OPS",
    opened_at=NOON,
    last_at=NOON + timedelta(minutes=2),
    count=103,
    error="Ideogram does not know the key.",
)
FAILED = Failed(
    jobs=tuple(JobId(f"j{number}") for number in range(10)),
    people=(
        Person(platform=Platform.SLACK, workspace_id="T1", user_id="U1"),
        Person(platform=Platform.DISCORD, workspace_id="7", user_id="42"),
    ),
    more_people=3,
)


def text(message: AlertMessage) -> str:
    lines = [
        "".join(f"@{part.user_id}" if isinstance(part, Who) else part for part in line)
        for line in message.lines
    ]
    return "\n".join([message.title, *lines])


def test_an_alert_says_what_how_often_and_who():
    said = text(alerts_texts.message(ALERT, FAILED))

    assert said.splitlines() == [
        "Ideogram refuses the key: 103 generations failed.",
        "Ideogram does not know the key.",
        "Jobs: j0, j1, j2, j3, j4, j5, j6, j7, j8, j9 and 93 more",
        "Asked for by @U1, 42 (discord) and 3 more",
        "Since 01 Jan 12:00:00 UTC, last at 01 Jan 12:02:00 UTC.",
    ]


def test_an_alert_says_who_tried_again_and_that_it_works():
    tried = replace(
        ALERT,
        tried_by="U2",
        tried=103,
        worked_at=NOON + timedelta(minutes=5),
        closed_at=NOON + timedelta(minutes=6),
    )

    said = text(alerts_texts.message(tried, FAILED))

    assert said.endswith(
        "Tried again by @U2, 103 pictures.\nIt works again since 01 Jan 12:05:00 UTC."
    )


def test_the_end_is_a_message_of_its_own():
    over = alerts_texts.over(ALERT, Failed(jobs=(), people=()))

    assert over.key == "a1-over"
    assert not over.has_try_again
    assert text(over).startswith("Ideogram takes the key again.\n103 generations had")
