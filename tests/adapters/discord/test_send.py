"""Posting pictures: what the message holds, and that there is exactly one."""

import asyncio
import io
import random
from datetime import timedelta

import pytest
from PIL import Image

from adapters.discord.send import DiscordSender
from bot.domain.job import Lineage
from bot.errors import NotInPlace, PlatformBusy, PlatformDown, PlatformRefused
from tests.adapters.discord.conftest import Notes
from tests.fakes.discord.world import ATTACH, HISTORY, SEND, VIEW

MESSAGES = r"/channels/\d+/messages"


@pytest.fixture
def sender(app):
    return app.sender


async def test_picture_arrives_byte_for_byte(sender, discord, make_job, make_pictures):
    """What is shown is what was kept, in a regular message."""
    job = make_job()
    content = random.Random(1).randbytes(3_000_000)

    [posted] = await sender.post(job, make_pictures(job, content=content), Notes())

    [message] = discord.messages()
    [attachment] = message.attachments
    assert attachment.content == content
    assert attachment.description == "Picture drawn from the prompt: a fox"
    assert not message.is_interaction_response
    assert posted.message_id == str(message.id)
    assert posted.channel_id == str(discord.channel.id)
    assert posted.record_ids == (f"{job.id}-1",)


async def test_caption_tells_how_it_was_drawn(sender, discord, make_job, make_pictures):
    """Seed, model and size are there to be read; nobody is pinged."""
    request = {"prompt": "a *fox* for @everyone <@1>"}
    lineage = Lineage(
        parent_id="x", typed_prompt="a fox", changes=("aspect ratio 1:1 to 9:16",)
    )
    job = make_job(request=request, lineage=lineage)

    await sender.post(job, make_pictures(job), Notes())

    [message] = discord.messages()
    [embed] = message.embeds
    text = embed["description"]
    assert r"a \*fox\*" in text
    assert "@everyone" not in text
    assert "<@1>" not in text.replace(r"\<@1\>", "")
    assert "Changed: aspect ratio 1:1 to 9:16." in text
    assert f"<@{discord.ada.id}>" in text
    assert "seed 42 · V_2 · 1024×1024" in embed["footer"]["text"]
    assert message.allowed_mentions == {"parse": []}


@pytest.mark.parametrize("count", [1, 2, 5, 6, 8])
async def test_all_pictures_of_a_job_are_in_one_message(
    sender, discord, make_job, make_pictures, count
):
    """However many there are, each has its buttons within Discord's limits."""
    job = make_job(request={"count": count})

    [posted] = await sender.post(job, make_pictures(job, count=count), Notes())

    [message] = discord.messages()
    assert len(message.attachments) == len(posted.record_ids) == count
    for record in posted.record_ids:
        assert f"reproduce:{record}" in message.custom_ids
        assert f"more:{record}" in message.custom_ids
    assert f"new_seed:{posted.record_ids[0]}" in message.custom_ids


async def test_unsafe_pictures_are_left_out(sender, discord, make_job, make_pictures):
    """The message says how many there would have been."""
    job = make_job(request={"count": 3})

    [posted] = await sender.post(job, make_pictures(job, count=3, unsafe={1}), Notes())

    [message] = discord.messages()
    assert posted.record_ids == (f"{job.id}-1", f"{job.id}-3")
    text = message.embeds[0]["description"]
    assert "1 of 3 was withheld by Ideogram." in text


async def test_nothing_is_posted_without_a_picture(
    sender, discord, make_job, make_pictures
):
    """The private note tells why."""
    job = make_job()

    assert await sender.post(job, make_pictures(job, unsafe={0}), Notes()) == []
    assert discord.messages() == []


async def test_too_large_picture_is_shown_smaller(
    sender, discord, make_job, make_pictures, tmp_path
):
    """The place's limit is kept, and so is the original."""
    noise = random.Random(1).randbytes(300 * 300 * 3)
    path = tmp_path / "noise.png"
    Image.frombytes("RGB", (300, 300), noise).save(path)
    job = make_job(return_address={"size_limit": "100000"})
    pictures = make_pictures(job, content=path.read_bytes())

    await sender.post(job, pictures, Notes())

    [message] = discord.messages()
    [attachment] = message.attachments
    assert len(attachment.content) <= 100_000
    assert Image.open(io.BytesIO(attachment.content)).size == (300, 300)
    assert attachment.filename.endswith(".jpg")
    assert "Shown smaller" in message.embeds[0]["description"]
    assert pictures[0].file.read_bytes() == path.read_bytes()


async def test_place_that_takes_less_than_it_says(
    sender, discord, make_job, make_pictures, tmp_path
):
    """A refused size is tried once more at half of it."""
    noise = random.Random(1).randbytes(300 * 300 * 3)
    path = tmp_path / "noise.png"
    Image.frombytes("RGB", (300, 300), noise).save(path)
    discord.guild.upload_limit = 120_000
    job = make_job(return_address={"size_limit": "200000"})

    await sender.post(job, make_pictures(job, content=path.read_bytes()), Notes())

    [message] = discord.messages()
    assert len(message.attachments[0].content) <= 100_000


async def test_what_cannot_be_made_smaller_is_refused(sender, make_job, make_pictures):
    """A sentence instead of an endless attempt."""
    job = make_job(return_address={"size_limit": "10"})

    with pytest.raises(PlatformRefused, match="too large"):
        await sender.post(job, make_pictures(job, content=b"x" * 100), Notes())


# --- exactly once -----------------------------------------------------------


async def test_notes_are_durable_before_the_message(
    sender, discord, make_job, make_pictures
):
    """A crash between the two leaves a trace that the next attempt follows."""
    job, notes = make_job(), Notes()
    discord.fail("POST", MESSAGES, "drop before")

    with pytest.raises(PlatformDown):
        await sender.post(job, make_pictures(job), notes)

    assert notes.current["state"] == "sending"
    assert discord.messages() == []


async def test_lost_answer_does_not_post_twice(
    sender, discord, make_job, make_pictures
):
    """Discord took the message and the line broke: the message is found again."""
    job, notes = make_job(), Notes()
    pictures = make_pictures(job)
    discord.fail("POST", MESSAGES, "drop after")
    with pytest.raises(PlatformDown):
        await sender.post(job, pictures, notes)
    discord.world.nonce_life = 0.0

    [posted] = await sender.post(job, pictures, notes)

    [message] = discord.messages()
    assert posted.message_id == str(message.id)


async def test_failed_answer_does_not_post_twice(
    sender, discord, make_job, make_pictures
):
    """The library repeats a request that was answered 500; the nonce makes it one."""
    job = make_job()
    discord.fail("POST", MESSAGES, "500 after")

    await sender.post(job, make_pictures(job), Notes())

    assert len(discord.messages()) == 1


async def test_message_that_never_arrived_is_sent_again(
    sender, discord, make_job, make_pictures
):
    """Other messages of the bot's in the channel are not taken for it."""
    other, job, notes = make_job(event="other"), make_job(), Notes()
    await sender.post(other, make_pictures(other), Notes())
    discord.fail("POST", MESSAGES, "drop before")
    with pytest.raises(PlatformDown):
        await sender.post(job, make_pictures(job), notes)

    [posted] = await sender.post(job, make_pictures(job), notes)

    assert len(discord.messages()) == 2
    assert posted.message_id == str(discord.messages()[1].id)


async def test_message_is_found_by_another_process(
    start, discord, make_job, make_pictures
):
    """After a restart the new process looks before it sends."""
    first = await start()
    job, notes = make_job(), Notes()
    pictures = make_pictures(job)
    [before] = await first.sender.post(job, pictures, notes)
    discord.world.nonce_life = 0.0

    second = await start()
    [after] = await second.sender.post(job, pictures, Notes(notes.current))

    assert after == before
    assert len(discord.messages()) == 1


async def test_without_history_the_nonce_decides(
    sender, discord, make_job, make_pictures
):
    """While Discord remembers the nonce, sending again is safe."""
    await discord.change(discord.channel, bot_deny=HISTORY)
    await discord.slash("help")  # the bot has heard of it then
    job, notes = make_job(), Notes()
    pictures = make_pictures(job)
    discord.fail("POST", MESSAGES, "drop after")
    with pytest.raises(PlatformDown):
        await sender.post(job, pictures, notes)

    await sender.post(job, pictures, notes)

    assert len(discord.messages()) == 1


async def test_without_history_and_nonce_the_person_is_asked(
    sender, discord, clock, make_job, make_pictures
):
    """Neither a lost picture nor a second one: a permission settles it."""
    await discord.change(discord.channel, bot_deny=HISTORY)
    await discord.slash("help")  # the bot has heard of it then
    job, notes = make_job(), Notes()
    pictures = make_pictures(job)
    discord.fail("POST", MESSAGES, "drop after")
    with pytest.raises(PlatformDown):
        await sender.post(job, pictures, notes)
    clock.ahead = timedelta(minutes=10)

    with pytest.raises(NotInPlace, match="Read Message History"):
        await sender.post(job, pictures, notes)

    assert len(discord.messages()) == 1


async def test_rate_limit_is_waited_out(sender, discord, make_job, make_pictures):
    """A short pause is the library's own business."""
    job = make_job()
    discord.fail("POST", MESSAGES, "429")

    await sender.post(job, make_pictures(job), Notes())

    assert len(discord.messages()) == 1


async def test_full_bucket_is_respected(sender, discord, make_job, make_pictures):
    """Three posts in a channel that takes one at a time: none is answered 429."""
    discord.limits.message_limit = (1, 0.1)
    jobs = [make_job(event=str(number)) for number in range(3)]

    async with asyncio.TaskGroup() as tasks:
        for job in jobs:
            tasks.create_task(sender.post(job, make_pictures(job), Notes()))

    assert len(discord.messages()) == 3
    assert discord.limits.refused == 0


async def test_long_rate_limit_is_told(sender, discord, make_job, make_pictures):
    """A long one is the worker's: nothing stands still meanwhile."""
    job = make_job()
    discord.fail("POST", MESSAGES, "429", retry_after=300.0)

    with pytest.raises(PlatformBusy) as busy:
        await sender.post(job, make_pictures(job), Notes())

    assert busy.value.retry_after == timedelta(seconds=300)


# --- where the bot may not write --------------------------------------------


@pytest.mark.parametrize("denied", [VIEW, SEND, ATTACH], ids=["view", "send", "attach"])
async def test_follow_up_where_the_bot_may_not_write(
    sender, discord, make_job, make_pictures, denied
):
    """The picture comes all the same, for everyone to see, filled into a follow-up."""
    discord.channel.bot_deny |= denied
    asked = await discord.slash("imagine", {"prompt": "a fox"})
    job = make_job(asked)

    [posted] = await sender.post(job, make_pictures(job), Notes())

    [message] = asked.follow_ups
    assert not message.is_ephemeral
    assert [a.content for a in message.attachments] == [b"picture 0"]
    assert message.content == ""
    assert f"reproduce:{job.id}-1" in message.custom_ids
    assert posted.message_id == str(message.id)
    assert asked.original.is_ephemeral
    assert not asked.original.attachments


async def test_interrupted_follow_up_is_filled_in(
    sender, discord, make_job, make_pictures
):
    """Its id is written down first; filling it in can be repeated."""
    discord.channel.bot_deny |= SEND
    asked = await discord.slash("imagine", {"prompt": "a fox"})
    job, notes = make_job(asked), Notes()
    fault = discord.fail("PATCH", r"/webhooks/.*/messages/\d+", "drop after", times=9)
    with pytest.raises(PlatformDown):
        await sender.post(job, make_pictures(job), notes)
    fault.times = 0

    await sender.post(job, make_pictures(job), notes)

    [message] = asked.follow_ups
    assert len(message.attachments) == 1


async def test_deleted_follow_up_is_made_again(
    sender, discord, make_job, make_pictures
):
    """A moderator who removed the placeholder did not mean the picture."""
    discord.channel.bot_deny |= SEND
    asked = await discord.slash("imagine", {"prompt": "a fox"})
    job = make_job(asked)

    notes = Notes({"state": "following", "message_id": "123"})
    [posted] = await sender.post(job, make_pictures(job), notes)

    [message] = asked.follow_ups
    assert posted.message_id == str(message.id)


async def test_without_permission_and_token_the_picture_waits(
    sender, discord, clock, make_job, make_pictures
):
    """The person is told which permission is missing."""
    discord.channel.bot_deny |= SEND
    asked = await discord.slash("imagine", {"prompt": "a fox"})
    job = make_job(asked)
    clock.ahead = timedelta(minutes=16)

    with pytest.raises(NotInPlace, match="Send Messages"):
        await sender.post(job, make_pictures(job), Notes())


async def test_token_that_expires_on_the_way_lets_the_picture_wait(
    sender, discord, make_job, make_pictures
):
    """Discord's clock is the one that counts."""
    discord.channel.bot_deny |= SEND
    asked = await discord.slash("imagine", {"prompt": "a fox"})
    job = make_job(asked)
    discord.world.ahead = 16 * 60

    with pytest.raises(NotInPlace):
        await sender.post(job, make_pictures(job), Notes())


async def test_waiting_picture_is_posted_once_allowed(
    sender, discord, make_job, make_pictures
):
    """What was refused for sure is not searched for."""
    discord.channel.bot_deny |= SEND | HISTORY
    job, notes = make_job(), Notes()
    with pytest.raises(NotInPlace):
        await sender.post(job, make_pictures(job), notes)
    discord.channel.bot_deny = 0

    await sender.post(job, make_pictures(job), notes)

    assert len(discord.messages()) == 1


# --- for one person alone ---------------------------------------------------


async def test_private_picture_is_in_the_private_note(
    sender, discord, make_job, make_pictures
):
    """`--private` shows nothing to anyone else, however often it is repeated."""
    asked = await discord.slash("imagine", {"prompt": "a fox"})
    job = make_job(asked, request={"is_private": True})
    fault = discord.fail("PATCH", r"/webhooks/.*", "drop after", times=9)
    with pytest.raises(PlatformDown):
        await sender.post(job, make_pictures(job), Notes())
    fault.times = 0

    [posted] = await sender.post(job, make_pictures(job), Notes())

    assert discord.messages() == []
    assert asked.original.is_ephemeral
    assert [a.content for a in asked.original.attachments] == [b"picture 0"]
    assert posted.message_id == str(asked.original.id)


async def test_late_private_picture_is_a_direct_message(
    sender, discord, clock, make_job, make_pictures
):
    """After 15 minutes the note cannot be reached any more."""
    asked = await discord.slash("imagine", {"prompt": "a fox"})
    job = make_job(asked, request={"is_private": True})
    clock.ahead = timedelta(minutes=16)
    notes = Notes()

    [posted] = await sender.post(job, make_pictures(job), notes)
    again = await sender.post(job, make_pictures(job), notes)

    direct = discord.people.direct(discord.ada)
    [message] = discord.messages(direct)
    assert discord.messages() == []
    assert posted.channel_id == str(direct.id)
    assert again == [posted]
    assert len(message.attachments) == 1


async def test_closed_direct_messages_are_told(
    sender, discord, clock, make_job, make_pictures
):
    """The person can open them and ask again."""
    discord.rest.closed_to.add(discord.ada.id)
    job = make_job(request={"is_private": True})

    with pytest.raises(PlatformRefused, match="direct message"):
        await sender.post(job, make_pictures(job), Notes())


async def test_posting_waits_for_the_login(
    app, discord, clock, make_job, make_pictures
):
    """After a restart the worker is quicker than the connection."""
    sender = DiscordSender(clock=clock)
    job = make_job()

    async with asyncio.TaskGroup() as tasks:
        posting = tasks.create_task(sender.post(job, make_pictures(job), Notes()))
        await discord.slash("help")  # the post is waiting by now
        sender.line.connect(app.sender.line.client)

    assert posting.result()[0].message_id == str(discord.messages()[0].id)


async def test_posting_does_not_wait_for_ever(clock, make_job, make_pictures):
    """A Discord that stays away is the worker's to try again."""
    sender = DiscordSender(clock=clock, patience=timedelta())
    job = make_job()

    with pytest.raises(PlatformDown):
        await sender.post(job, make_pictures(job), Notes())
