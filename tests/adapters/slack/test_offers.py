"""An earlier picture offered in Slack."""

import pytest

from adapters.slack.offers import pictured
from adapters.slack.presses import read_press
from adapters.slack.render import message
from bot.chat.commands import DrawAnew, MessageRef, Origin, ShowHere
from bot.chat.replies import AlreadyDrawn
from tests.adapters.slack.making import ALICE, PUBLIC, make_record
from tests.fakes.slack.arguments import check_blocks

HOME = "https://team.slack.com/"
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


@pytest.mark.parametrize(
    ("notes", "shown"),
    [
        pytest.param({"files": ["F1"]}, "F1", id="one picture, as once noted"),
        pytest.param(
            {"files": ["F1", "F2"], "records": ["0job-2", "0job-1"]},
            "F2",
            id="the second of two",
        ),
        pytest.param({"files": ["F1", "F2"]}, None, id="nobody knows which"),
        pytest.param({}, None, id="posted on no Slack"),
    ],
)
def test_the_picture_is_slacks_own_file(notes, shown):
    """Slack's file ids are noted in the order of the pictures that were posted."""
    told = pictured(offer(notes=notes), HOME)

    images = [b for b in (told or {}).get("blocks", []) if b["type"] == "image"]
    assert [each["slack_file"] for each in images] == ([{"id": shown}] if shown else [])
    check_blocks((told or {}).get("blocks", []))


def test_a_kind_that_slack_does_not_show_is_not_sent():
    """Slack would refuse the whole message."""
    record = make_record(stored_path="ab/fox.webp")

    assert pictured(offer(record=record, notes={"files": ["F1"]}), HOME) is None


def test_the_link_is_the_permalink():
    """As `chat.getPermalink` gives it."""
    where = MessageRef(channel_id="C0PUBLIC", message_id="1358546515.000008")

    told = message(offer(message=where), home=HOME)

    link = "https://team.slack.com/archives/C0PUBLIC/p1358546515000008"
    assert f"<{link}|The message that shows it>" in told["blocks"][0]["text"]["text"]


@pytest.mark.parametrize(
    ("action", "kind"), [("show_here", ShowHere), ("draw_anew", DrawAnew)]
)
def test_a_press_names_its_job(action, kind):
    """Also after a restart: the button says it all."""
    command = read_press(action, "k3v9w2m1q8zt4c7d", ORIGIN)

    assert isinstance(command, kind)
    assert command.target == "k3v9w2m1q8zt4c7d"
