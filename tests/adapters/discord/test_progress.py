"""The private note while a job goes on."""

import asyncio
from datetime import timedelta

import pytest

from adapters.discord.send import DiscordSender
from bot.chat.commands import PlaceOpened
from bot.chat.progress import Progress, Stage
from bot.errors import NotInPlace
from tests.adapters.discord.conftest import Notes
from tests.fakes.discord.world import SEND


def at(stage, text=None):
    return Progress(stage=stage, text=text or f"{stage}.")


@pytest.fixture
async def asked(app, discord):
    made = await discord.slash("imagine", {"prompt": "a fox"})
    await discord.note(made, "Drawing now")
    return made


async def test_note_follows_the_job(app, discord, make_job, asked):
    """One message, edited; what the core takes for told was shown."""
    job = make_job(asked)

    for stage in (Stage.DRAWING, Stage.POSTING, Stage.DONE):
        await app.sender.show(job, at(stage))
        assert asked.original.content == f"{stage}."

    assert asked.original.texts[1] == "Drawing now: the picture with v2."
    assert discord.messages() == []


async def test_note_waits_for_the_first_one(app, core, discord, make_job):
    """A job can be quicker than its own acknowledgement, and is not overtaken by it."""
    async with asyncio.TaskGroup() as tasks:

        async def work_at_once(_command):
            [made] = discord.world.interactions.values()
            tasks.create_task(app.sender.show(make_job(made), at(Stage.DRAWING)))

        core.before_reply = work_at_once
        asked = await discord.slash("imagine", {"prompt": "a fox"})

    assert asked.original.texts[1:] == [
        "Drawing now: the picture with v2.",
        "drawing.",
    ]


async def test_note_waits_for_the_login(app, discord, clock, make_job, asked):
    """After a restart the core tells how jobs ended before the connection is there."""
    sender = DiscordSender(clock=clock)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sender.show(make_job(asked), at(Stage.DONE)))
        await discord.slash("help")  # the note is waiting by now
        sender.line.connect(app.sender.line.client)

    assert asked.original.content == "done."


async def test_note_does_not_hold_up_the_end(start, discord, clock, make_job):
    """Once Discord is left for good, nobody waits for it."""
    app = await start(sender=DiscordSender(clock=clock, patience=timedelta(hours=1)))
    asked = await discord.slash("imagine", {"prompt": "a fox"})
    await discord.note(asked, "Drawing now")

    await app.__aexit__(None, None, None)
    await app.sender.show(make_job(asked), at(Stage.DONE))

    assert asked.original.content != "done."


async def test_nothing_is_tried_after_the_token(app, discord, clock, make_job, asked):
    """15 minutes after the command the note is what it is."""
    clock.ahead = timedelta(minutes=16)
    before = len(discord.limits.requests)

    await app.sender.show(make_job(asked), at(Stage.DONE))

    assert len(discord.limits.requests) == before


async def test_note_that_fails_fails_nothing(app, discord, make_job, asked):
    """The picture matters, not the note about it."""
    discord.world.ahead = 16 * 60

    await app.sender.show(make_job(asked), at(Stage.DONE))

    assert asked.original.content != "done."


async def test_reply_learns_of_a_failure_in_the_channel(app, discord, make_job):
    """Who replied to a picture has no private note."""
    hers = await discord.say("same")
    job = make_job(return_address={"message_id": str(hers.id)})

    await app.sender.show(job, at(Stage.DRAWING))
    await app.sender.show(job, at(Stage.FAILED, "The safety check refused it."))

    [answer] = discord.messages()
    assert answer.content == "The safety check refused it."
    assert answer.reference is hers
    assert answer.allowed_mentions["parse"] == []


async def test_reply_that_waits_is_told_once(app, discord, make_job):
    """A waiting job looks again every so often."""
    hers = await discord.say("same")
    job = make_job(return_address={"message_id": str(hers.id)})
    discord.world.nonce_life = 0.0

    await app.sender.show(job, at(Stage.WAITING))
    await app.sender.show(job, at(Stage.WAITING))

    assert len(discord.messages()) == 1


async def test_permission_opens_the_place(app, core, discord, make_job, make_pictures):
    """What waits is posted as soon as it can be."""
    await discord.change(discord.channel, bot_deny=SEND)
    job, notes = make_job(), Notes()
    with pytest.raises(NotInPlace):
        await app.sender.post(job, make_pictures(job), notes)

    await discord.change(discord.channel, bot_deny=0)
    await discord.slash("help")

    [opened] = [c for c in core.commands if isinstance(c, PlaceOpened)]
    assert opened.origin.place.channel_id == str(discord.channel.id)
    assert opened.origin.place.workspace_id == str(discord.guild.id)
