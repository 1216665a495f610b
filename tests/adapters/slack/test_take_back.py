"""A message is taken back with its files."""

import pytest

from bot.domain.record import PostedMessage
from bot.errors import PlatformBusy, PlatformDown, PlatformRefused
from tests.adapters.slack.making import Notes, make_job, make_picture
from tests.fakes.slack.double import Fault


@pytest.fixture
async def posted(slack, sender, tmp_path):
    """Two pictures in one message, and what was noted about it."""
    notes = Notes()
    pictures = [make_picture(tmp_path, n) for n in (1, 2)]
    [message] = await sender.post(make_job(), pictures, notes)
    return message, notes.current


async def test_message_and_files_go(slack, sender, posted):
    """A file outlasts the message that showed it."""
    await sender.take_back(*posted)

    assert slack.messages() == []
    assert all(file.is_deleted for file in slack.workspace.files.values())


async def test_what_is_gone_already_is_no_error(slack, sender, posted):
    """Somebody was quicker, or the answer to an earlier try was lost."""
    message, notes = posted
    slack.faults.add("files.delete", Fault(error="internal_error"))
    with pytest.raises(PlatformDown):
        await sender.take_back(message, notes)

    await sender.take_back(message, notes)
    await sender.take_back(message, notes)

    assert slack.messages() == []
    assert all(file.is_deleted for file in slack.workspace.files.values())


async def test_without_notes_the_message_goes_alone(slack, sender, posted):
    message, _ = posted

    await sender.take_back(message, {})

    assert slack.messages() == []


async def test_others_messages_are_refused(slack, sender):
    theirs = slack.workspace.add_message("C0PUBLIC", "U1", text="hello")
    message = PostedMessage(channel_id="C0PUBLIC", message_id=theirs.ts, record_ids=())

    with pytest.raises(PlatformRefused, match="does not let the bot delete"):
        await sender.take_back(message, {})


async def test_a_rate_limit_says_when_to_come_back(slack, sender, posted):
    slack.faults.add("chat.delete", Fault(retry_after=30))

    with pytest.raises(PlatformBusy) as raised:
        await sender.take_back(*posted)

    assert raised.value.retry_after.total_seconds() == 30
    assert len(slack.messages()) == 1
