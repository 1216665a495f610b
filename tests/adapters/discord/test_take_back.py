"""A message is taken back."""

from datetime import timedelta

import pytest

from adapters.discord.send import DiscordSender
from bot.domain.record import PostedMessage
from bot.errors import PlatformDown, PlatformRefused
from tests.adapters.discord.conftest import Notes
from tests.fakes.discord.world import VIEW


@pytest.fixture
async def posted(app, discord, make_job, make_pictures):
    job = make_job()
    [message] = await app.sender.post(job, make_pictures(job), Notes())
    return message


async def test_the_message_goes(app, discord, posted):
    await app.sender.take_back(posted, {"state": "sending"})

    assert discord.messages() == []


async def test_what_is_gone_already_is_no_error(app, discord, posted):
    """A person was quicker, or the whole channel went."""
    nowhere = PostedMessage(channel_id="1", message_id="2", record_ids=())

    await app.sender.take_back(posted, {})
    await app.sender.take_back(posted, {})
    await app.sender.take_back(nowhere, {})

    assert discord.messages() == []


async def test_where_the_bot_may_not_look_it_is_a_final_no(app, discord, posted):
    discord.channel.bot_deny = VIEW

    with pytest.raises(PlatformRefused):
        await app.sender.take_back(posted, {})


async def test_a_lost_line_is_a_reason_to_come_again(discord, clock, posted):
    """The bot is not logged in, or not yet."""
    sender = DiscordSender(clock=clock, patience=timedelta(0))

    with pytest.raises(PlatformDown):
        await sender.take_back(posted, {})

    assert len(discord.messages()) == 1
