"""The command `callbacks`, and the option that asks for one."""

from dataclasses import replace

import pytest

from bot.domain.callback import Callback, CallbackState, DeliveryId, Event
from tests.adapters.terminal.test_main import run
from tests.fakes.program import FakeProgram
from tests.fakes.values import NOON

URL = "https://example.com/hook/key-4711?sig=2"
DEAD = Callback(
    id=DeliveryId("job0.completed"),
    subject="job0",
    event=Event.COMPLETED,
    url=URL,
    created_at=NOON,
    state=CallbackState.DEAD,
    attempts=30,
    last_error="HTTP 503",
)


def program(*told):
    made = FakeProgram()
    made.told = list(told)
    return made


@pytest.mark.parametrize(
    "words",
    [
        ("--callback-url", URL, "a", "fox", "--seed", "4"),
        ("a", "fox", f"--callback-url={URL}", "--seed", "4"),
        ("a", "fox", "--seed", "4", "--callback-url", URL),
    ],
)
def test_the_address_may_stand_anywhere(words):
    """It is the terminal's own option: the parser of chat does not see it."""
    asked = program()

    run(asked, "imagine", *words)
    run(asked, "reproduce", "job0-1", *words)

    assert asked.asked == [
        ("imagine", "a fox --seed 4", URL),
        ("reproduce", "job0-1", "a fox --seed 4", URL),
    ]


def test_an_option_without_its_address_is_refused():
    ran = run(program(), "imagine", "a", "fox", "--callback-url")

    assert ran.status == 2


def test_callbacks_are_listed_without_their_secrets():
    """A path may be a key, as those of most chat services are."""
    shown = run(program(DEAD), "callbacks", "--failed")
    listed = run(program(DEAD), "callbacks", "--json")

    assert "job0.completed" in shown.out
    assert "HTTP 503" in shown.out
    [one] = listed.json
    assert (one["id"], one["state"], one["attempts"]) == ("job0.completed", "dead", 30)
    assert "4711" not in shown.out + listed.out


def test_failed_ones_are_asked_for():
    asked = program()

    ran = run(asked, "callbacks", "--failed", "--json")

    assert asked.asked == [("callbacks", True)]
    assert ran.json == []


@pytest.mark.parametrize(
    ("state", "status"), [(CallbackState.DELIVERED, 0), (CallbackState.PENDING, 1)]
)
def test_the_exit_status_tells_whether_it_arrived(state, status):
    asked = program(replace(DEAD, state=state))

    ran = run(asked, "callbacks", "--resend", "job0.completed")

    assert ran.status == status
    assert asked.asked == [("resend", "job0.completed")]


def test_listing_and_sending_are_two_things():
    assert run(program(DEAD), "callbacks", "--failed", "--resend", "x").status == 2
