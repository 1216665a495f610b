"""Replies to pictures, with and without a ping."""

import pytest

from bot.chat.commands import Help, MessageRef, Reproduce, WithheldReply
from bot.chat.replies import Nothing, Notice, Refusal
from tests.fakes.discord.world import ATTACH, SEND


@pytest.fixture
async def picture(client, discord):
    """Give a regular message of the bot's."""
    sent = await client.get_partial_messageable(discord.channel.id).send("a picture")
    return discord.world.message(discord.channel.id, sent.id)


async def settle(discord):
    """Wait until the bot has heard everything said so far."""
    await discord.slash("help")


@pytest.mark.parametrize(
    ("said", "flags"),
    [
        pytest.param("same", "", id="same"),
        pytest.param("Again!", "", id="again"),
        pytest.param("reproduce --ar 9:16", "--ar 9:16", id="with a flag"),
        pytest.param("<@{bot}> same —ar 9:16", "—ar 9:16", id="mentioning the bot"),
    ],
)
@pytest.mark.usefixtures("app")
async def test_reply_reproduces(core, discord, picture, said, flags):
    """A reply with the ping on tells its text."""
    text = said.format(bot=discord.world.bot.id)

    reply = await discord.reply(picture, text)
    await settle(discord)

    command = core.commands[0]
    assert isinstance(command, Reproduce)
    assert command.text == flags
    assert command.origin.event_id == str(reply.id)
    assert command.origin.person.user_id == str(discord.ada.id)
    assert command.target == MessageRef(
        channel_id=str(discord.channel.id), message_id=str(picture.id)
    )


async def test_taken_reply_shows_that_the_bot_is_at_it(app, discord, picture):
    """There is no private way to answer a message."""
    await discord.reply(picture, "same")

    assert await discord.world.until(lambda: discord.channel.typing)
    assert discord.messages() == [picture]


async def test_withheld_reply_is_told_apart(app, core, discord, picture):
    """Without the ping Discord keeps the text back; the core decides about the hint."""
    core.replies[WithheldReply] = Notice(text="Reply with the ping on.")

    reply = await discord.reply(picture, "same", ping=False)
    hint = (await discord.world.until(lambda: discord.messages()[1:]))[0]

    command = core.commands[0]
    assert isinstance(command, WithheldReply)
    assert command.target.message_id == str(picture.id)
    assert hint.content == "Reply with the ping on."
    assert hint.reference is reply
    assert hint.allowed_mentions == {"parse": [], "replied_user": False}


async def test_silence_is_kept(app, core, discord, picture):
    """A hint that was given is not given again, nor below what is no picture."""
    core.replies[WithheldReply] = Nothing()

    await discord.reply(picture, "nice!", ping=False)
    await settle(discord)

    assert discord.messages() == [picture]


async def test_direct_message_needs_no_ping(start, core, discord):
    """In direct messages everything is told."""
    app = await start(guild_ids=[])
    channel = discord.people.direct(discord.ada)
    client = app.sender.line.client
    sent = await client.get_partial_messageable(channel.id).send("a picture")

    picture = discord.world.message(channel.id, sent.id)
    await discord.reply(picture, "same", ping=False)
    await settle(discord)

    assert isinstance(core.commands[0], Reproduce)


async def test_refusal_is_answered_below_the_reply(app, core, discord, picture):
    """The person learns why nothing comes."""
    core.replies[Reproduce] = Refusal(text="9:99 is no ratio.")

    reply = await discord.reply(picture, "same --ar 9:99")
    answer = (await discord.world.until(lambda: discord.messages()[1:]))[0]

    assert answer.content == "9:99 is no ratio."
    assert answer.reference is reply


async def test_answer_that_may_not_be_given_is_no_fault(
    app, core, discord, picture, caplog
):
    """A bot that may not write in the channel is still on the gateway."""
    caplog.set_level("INFO")
    core.replies[Reproduce] = Refusal(text="9:99 is no ratio.")
    discord.channel.bot_deny |= SEND | ATTACH

    await discord.reply(picture, "same --ar 9:99")
    await settle(discord)

    assert app.is_connected
    await app.close_intake()
    assert "50013" in caplog.text


@pytest.mark.parametrize(
    "text", ["same here!", "what a fox", "I would draw the same again"]
)
async def test_talk_is_left_alone(app, core, discord, picture, text):
    """Below a picture people also just talk."""
    await discord.reply(picture, text)
    await settle(discord)

    assert [type(c) for c in core.commands] == [Help]


async def test_replies_to_people_are_left_alone(app, core, discord):
    """The word alone asks for nothing."""
    hers = await discord.say("look at this")
    bob = discord.add_user("bob")

    await discord.reply(hers, "same", user=bob)
    await discord.say("same")
    await settle(discord)

    assert [type(c) for c in core.commands] == [Help]


async def test_other_bots_are_left_alone(app, core, discord, picture):
    """Two bots must not keep each other busy."""
    other = discord.add_user("other")
    other.is_bot = True

    await discord.reply(picture, "same", user=other)
    await settle(discord)

    assert [type(c) for c in core.commands] == [Help]
