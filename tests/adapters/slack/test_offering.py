"""How the offer of an earlier picture reaches one person, with the picture or without."""

import pytest

from adapters.slack.offers import offer, pictured
from bot.chat.commands import Origin
from bot.chat.replies import AlreadyDrawn
from tests.adapters.slack.making import ALICE, PUBLIC, make_record
from tests.fakes.slack.double import Fault
from tests.fakes.slack.model import SlackFile

JOB = "k3v9w2m1q8zt4c7d"
REPLY = AlreadyDrawn(
    job_id=JOB, record=make_record(), text="Drawn before.", notes={"files": ["F1"]}
)
MESSAGE, PICTURED = offer(REPLY, ""), pictured(REPLY, "")


@pytest.fixture
def file(slack):
    """The earlier picture, as Slack keeps it."""
    kept = SlackFile(id="F1", name="0job-1.png", length=1, alt_txt=None, content=b"x")
    kept.is_complete = True
    slack.workspace.files["F1"] = kept
    return kept


@pytest.fixture
def typed(slack):
    """A slash command, whose answer has shown the offer without the picture."""
    url = slack.api.new_response_url("commands", user="U1", channel="C0PUBLIC")
    address = {"kind": "command", "response_url": url}
    return Origin(event_id="1", person=ALICE, place=PUBLIC, return_address=address)


SAID = Origin(event_id="2", person=ALICE, place=PUBLIC)


def shown(slack):
    """Give how each note came, and whether it has the picture."""
    return [
        (note.via, any(block["type"] == "image" for block in note.blocks))
        for note in slack.notes
    ]


async def test_the_answer_to_a_command_gets_its_picture(slack, notes, file, typed):
    """The note that the acknowledgement has shown is replaced by one with the picture."""
    await notes.offer(typed, JOB, MESSAGE, PICTURED)

    assert shown(slack) == [("response_url", True)]
    assert slack.notes[0].replaces


async def test_what_was_said_is_answered_in_one_note(slack, notes, file):
    """No acknowledgement carries words there."""
    await notes.offer(SAID, JOB, MESSAGE, PICTURED)

    assert shown(slack) == [("ephemeral", True)]


@pytest.mark.parametrize(
    "state",
    [
        pytest.param({"is_deleted": True}, id="deleted"),
        pytest.param({"is_complete": False}, id="not shared yet"),
        pytest.param({"name": "0job-1.webp"}, id="of another kind"),
    ],
)
async def test_a_file_that_slack_refuses_costs_only_the_picture(
    slack, notes, file, typed, state
):
    """`invalid_blocks`: the words, the link and the buttons are shown all the same."""
    for name, value in state.items():
        setattr(file, name, value)

    await notes.offer(typed, JOB, MESSAGE, PICTURED)
    await notes.offer(SAID, "another", MESSAGE, PICTURED)

    assert shown(slack) == [("ephemeral", False)]  # the command's stays as it is


async def test_a_file_nobody_knows_costs_only_the_picture(slack, notes):
    """As after files were cleared out of the workspace."""
    await notes.offer(SAID, JOB, MESSAGE, PICTURED)

    assert shown(slack) == [("ephemeral", False)]


async def test_without_a_picture_there_is_one_note(slack, notes, typed):
    """The acknowledgement has said it all."""
    await notes.offer(typed, JOB, MESSAGE, None)
    await notes.offer(SAID, "another", MESSAGE, None)

    assert shown(slack) == [("ephemeral", False)]


async def test_a_repeated_event_is_offered_once(slack, notes, file):
    """Slack repeats what it thinks was lost."""
    for _ in range(3):
        await notes.offer(SAID, JOB, MESSAGE, PICTURED)

    assert len(slack.notes) == 1


async def test_where_the_bot_is_not_it_asks_in_the_direct_conversation(slack, notes):
    """A form sent from a private note; nobody could press anything otherwise."""
    slack.faults.add("chat.postEphemeral", Fault(error="not_in_channel"))
    slack.faults.add("chat.postEphemeral", Fault(error="not_in_channel"))

    await notes.offer(SAID, JOB, MESSAGE, PICTURED)

    [said] = slack.messages("DU1")
    assert said.button("draw_anew")["value"] == JOB


@pytest.mark.parametrize(
    "fault", [Fault(drop="before"), Fault(status=500)], ids=["cut", "500"]
)
async def test_an_offer_never_raises(slack, notes, typed, fault):
    """The acknowledgement's note is there already."""
    slack.faults.add("response_url", fault)

    await notes.offer(typed, JOB, MESSAGE, PICTURED)

    assert slack.notes == []
