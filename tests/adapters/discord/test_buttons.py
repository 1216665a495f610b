"""Buttons and the forms they open."""

import pytest

from bot.chat.commands import Change, Edit, Generate, More, NewSeed, Reproduce
from bot.chat.replies import Accepted, EditForm, MoreForm, Nothing, Notice, Refusal
from bot.parsing.values import read_tags
from tests.adapters.discord.conftest import Notes

DEFER, MESSAGE, UPDATE, MODAL, PRIVATE = 5, 4, 6, 9, 64


@pytest.fixture
async def posted(app, discord, make_job, make_pictures):
    """Give a message with a picture, and the picture's record id."""
    job = make_job()
    [shown] = await app.sender.post(job, make_pictures(job), Notes())
    return discord.messages()[0], shown.record_ids[0]


async def test_same_again(core, discord, posted):
    """A press is a job of its own, written down first, noted privately."""
    message, record = posted

    pressed = await discord.press(message, f"reproduce:{record}")

    [command] = core.commands
    assert command == Reproduce(origin=command.origin, target=record, is_press=True)
    assert command.origin.event_id == str(pressed.id)
    assert pressed.response == {"type": DEFER, "data": {"flags": PRIVATE}}
    await discord.note(pressed, "Drawing now")
    assert message.content == ""


async def test_new_seed(core, discord, posted):
    """The prompt once more, differently."""
    message, record = posted

    await discord.press(message, f"new_seed:{record}")

    [command] = core.commands
    assert command == NewSeed(origin=command.origin, target=record)


async def test_buttons_work_after_a_restart(start, core, discord, posted):
    """Nothing about a button is remembered: its id says it all."""
    message, record = posted
    await start()
    core.commands.clear()

    await discord.press(message, f"reproduce:{record}")

    assert {c.target for c in core.commands} == {record}


async def test_second_press_is_told_so(core, discord, posted):
    """It is the same job, whose note stands below the first press."""
    message, record = posted
    core.replies[Reproduce] = Accepted(job_id="x", text="Drawing now.", is_new=False)

    pressed = await discord.press(message, f"reproduce:{record}")

    assert pressed.response["type"] == MESSAGE
    assert pressed.response["data"]["flags"] == PRIVATE
    assert message.texts == [""]


async def test_refused_press_is_told_privately(core, discord, posted):
    """A record that is gone says so to who pressed."""
    message, record = posted
    core.replies[Reproduce] = Refusal(text="The record of this picture is gone.")

    pressed = await discord.press(message, f"reproduce:{record}")

    assert pressed.response["data"]["content"] == "The record of this picture is gone."
    assert pressed.response["data"]["flags"] == PRIVATE


async def test_silence_closes_the_press(core, discord, posted):
    """Discord wants some answer to every press."""
    message, record = posted
    core.replies[Reproduce] = Nothing()

    pressed = await discord.press(message, f"reproduce:{record}")

    assert pressed.response["type"] == UPDATE


async def test_edit_opens_a_form_that_draws(core, discord, posted):
    """Prompt and flags are filled in; what is sent is an ordinary command."""
    message, record = posted
    core.replies[Edit] = EditForm(
        record_id=record, prompt="a fox", flags="--seed 42 --ar 16:9"
    )

    opened = await discord.press(message, f"edit:{record}")
    sent = await discord.submit_modal(opened, {"prompt": "a red fox"})

    assert opened.response["type"] == MODAL
    command = core.commands[-1]
    assert isinstance(command, Generate)
    assert command.text == "a red fox --seed 42 --ar 16:9"
    assert command.origin.event_id == str(sent.id)
    assert sent.response == {"type": DEFER, "data": {"flags": PRIVATE}}


async def test_form_is_taken_by_another_process(start, core, discord, posted):
    """A restart while a form is open loses nothing that was typed."""
    message, record = posted
    core.replies[Edit] = EditForm(record_id=record, prompt="a fox", flags="")
    opened = await discord.press(message, f"edit:{record}")
    await start()

    await discord.submit_modal(opened, {"prompt": "a red fox"})

    assert core.commands[-1].text == "a red fox"


async def test_prompt_that_is_too_long_for_a_form(core, discord, posted):
    """Discord's forms end at 4000 characters; nothing is cut silently."""
    message, record = posted
    core.replies[Edit] = EditForm(record_id=record, prompt="a" * 4001, flags="")

    opened = await discord.press(message, f"edit:{record}")

    assert opened.response["type"] == MESSAGE
    assert "4000 characters" in opened.response["data"]["content"]


async def test_more_pins_and_tags(core, discord, posted):
    """The form shows how things stand, and changes them."""
    message, record = posted
    core.replies[More] = MoreForm(
        record_id=record, is_pinned=False, tags="fox", can_delete=True
    )
    core.replies[Change] = Notice(text="Saved.")

    opened = await discord.press(message, f"more:{record}")
    sent = await discord.submit_modal(opened, {"pinned": True, "tags": "fox, sea"})

    command = core.commands[-1]
    assert command == Change(
        origin=command.origin, target=record, is_pinned=True, tags="fox, sea"
    )
    assert sent.response["data"]["content"] == "Saved."


@pytest.mark.parametrize(
    ("filled_in", "tags"),
    [
        pytest.param({"tags": ""}, (), id="emptied"),
        pytest.param({"pinned": True}, ("fox", "red sea"), id="untouched"),
        pytest.param({"tags": " Owl ,"}, ("owl",), id="changed"),
    ],
)
async def test_more_sets_the_tags_as_they_stand_in_the_form(
    core, discord, posted, filled_in, tags
):
    """An emptied field clears them, an untouched one leaves them."""
    message, record = posted
    core.replies[More] = MoreForm(
        record_id=record, is_pinned=False, tags="fox, red sea", can_delete=False
    )
    core.replies[Change] = Notice(text="Saved.")

    opened = await discord.press(message, f"more:{record}")
    await discord.submit_modal(opened, filled_in)

    assert read_tags(core.commands[-1].tags) == tags


async def test_more_deletes(core, discord, posted):
    """Only who may delete is offered it."""
    message, record = posted
    core.replies[More] = MoreForm(
        record_id=record, is_pinned=True, tags="", can_delete=True
    )
    core.replies[Change] = Notice(text="Deleted.")

    opened = await discord.press(message, f"more:{record}")
    await discord.submit_modal(opened, {"delete": True})

    command = core.commands[-1]
    assert command == Change(origin=command.origin, target=record, is_deleted=True)


async def test_more_without_the_right_to_delete(core, discord, posted):
    """The box is not there at all."""
    message, record = posted
    core.replies[More] = MoreForm(
        record_id=record, is_pinned=True, tags="", can_delete=False
    )

    opened = await discord.press(message, f"more:{record}")

    parts = [c["component"]["custom_id"] for c in opened.response["data"]["components"]]
    assert parts == ["tags", "formats", "pinned"]
