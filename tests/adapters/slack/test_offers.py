"""An earlier picture offered in Slack."""

import pytest

from adapters.slack.presses import read_press
from adapters.slack.render import message
from bot.chat.commands import DrawAnew, Origin, ShowHere
from bot.chat.replies import AlreadyDrawn
from tests.adapters.slack.making import ALICE, PUBLIC, make_record
from tests.fakes.slack.arguments import check_blocks

ORIGIN = Origin(event_id="1.trigger", person=ALICE, place=PUBLIC)


def offer(**changes):
    """Give the core's answer."""
    record = make_record(prompt="a <fox>")
    values = {"job_id": "k3v9w2m1q8zt4c7d", "record": record, "text": "Drawn before."}
    return AlreadyDrawn(**values | changes)


def test_an_offer_has_two_buttons():
    """Both carry the held job's id and nothing else."""
    told = message(offer())

    check_blocks(told["blocks"])
    assert "&lt;fox&gt;" in told["blocks"][0]["text"]["text"]
    assert [(b["action_id"], b["value"]) for b in told["blocks"][1]["elements"]] == [
        ("show_here", "k3v9w2m1q8zt4c7d"),
        ("draw_anew", "k3v9w2m1q8zt4c7d"),
    ]


def test_a_repeated_event_is_not_offered_twice():
    """Slack repeats what it thinks was lost."""
    assert message(offer(is_new=False)) is None


@pytest.mark.parametrize(
    ("action", "kind"), [("show_here", ShowHere), ("draw_anew", DrawAnew)]
)
def test_a_press_names_its_job(action, kind):
    """Also after a restart: the button says it all."""
    command = read_press(action, "k3v9w2m1q8zt4c7d", ORIGIN)

    assert isinstance(command, kind)
    assert command.target == "k3v9w2m1q8zt4c7d"
