"""The private note while a job goes on."""

import asyncio
from datetime import timedelta

import pytest

from adapters.discord.send import DiscordSender
from bot.chat.commands import Generate, PlaceOpened
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
    """One message, edited."""
    job = make_job(asked)

    for stage in (Stage.DRAWING, Stage.POSTING, Stage.DONE):
        await app.sender.show(job, at(stage))
        await discord.note(asked, f"{stage}.")

    assert asked.original.texts[1:] == [
        "Drawing now: the picture with v2.",
        "drawing.",
        "posting.",
        "done.",
    ]


async def test_news_that_come_fast_are_put_together(app, discord, make_job, asked):
    """Discord limits edits; the last word is always said."""
    job = make_job(asked)

    for number in range(20):
        await app.sender.show(job, at(Stage.DRAWING, f"Try {number}."))
    await app.sender.show(job, at(Stage.DONE))
    await discord.note(asked, "done.")

    assert asked.original.texts[2:] == ["done."]


async def test_last_note_is_sent_before_the_end(start, discord, clock, make_job):
    """Stopping does not leave a note that says "drawing" for ever."""
    sender = DiscordSender(clock=clock, pause=timedelta(hours=1))
    app = await start(sender=sender)
    asked = await discord.slash("imagine", {"prompt": "a fox"})
    await discord.note(asked, "Drawing now")
    await sender.show(make_job(asked), at(Stage.DONE))

    await app.__aexit__(None, None, None)

    assert asked.original.content == "done."


async def test_note_waits_for_the_first_response(app, core, discord, make_job):
    """A job can be quicker than its own acknowledgement."""
    goes_on = asyncio.Event()
    jobs = []

    async def work_at_once(command):
        [made] = discord.world.interactions.values()
        jobs.append(make_job(made))
        await app.sender.show(jobs[0], at(Stage.DRAWING))
        goes_on.set()

    core.before_reply = work_at_once
    asked = await discord.slash("imagine", {"prompt": "a fox"})
    await discord.note(asked, "drawing.")

    assert goes_on.is_set()
    assert isinstance(core.commands[0], Generate)
    assert ("PATCH", f"/webhooks/{discord.world.bot.id}/{asked.token}") not in (
        discord.limits.requests
    )


async def test_nothing_is_tried_after_the_token(app, discord, clock, make_job, asked):
    """15 minutes after the command the note is what it is."""
    job = make_job(asked)
    clock.ahead = timedelta(minutes=16)
    before = len(discord.limits.requests)

    await app.sender.show(job, at(Stage.DONE))
    await app.__aexit__(None, None, None)

    assert len(discord.limits.requests) == before


async def test_note_that_fails_fails_nothing(app, discord, make_job, asked):
    """The picture matters, not the note about it."""
    discord.world.ahead = 16 * 60

    await app.sender.show(make_job(asked), at(Stage.DONE))
    await app.__aexit__(None, None, None)

    assert asked.original.content != "done."


async def test_reply_learns_of_a_failure_in_the_channel(app, discord, make_job):
    """Who replied to a picture has no private note."""
    hers = await discord.say("same")
    job = make_job(return_address={"message_id": str(hers.id)})

    await app.sender.show(job, at(Stage.DRAWING))
    await app.sender.show(job, at(Stage.FAILED, "The safety check refused it."))
    [answer] = await discord.world.until(discord.messages)

    assert answer.content == "The safety check refused it."
    assert answer.reference is hers
    assert answer.allowed_mentions["parse"] == []


async def test_reply_that_waits_is_told_once(app, discord, make_job):
    """A waiting job looks again every so often."""
    hers = await discord.say("same")
    job = make_job(return_address={"message_id": str(hers.id)})

    await app.sender.show(job, at(Stage.WAITING))
    await discord.world.until(discord.messages)
    discord.world.nonce_life = 0.0
    await app.sender.show(job, at(Stage.WAITING))
    await app.__aexit__(None, None, None)

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
