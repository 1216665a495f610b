"""Sized copies in Discord: an answer to their picture, once, under names of their own."""

from dataclasses import replace

import pytest

from bot.domain.copy import Copy
from bot.domain.people import Visibility
from bot.errors import PlatformDown
from tests.adapters.discord.conftest import Notes
from tests.fakes.discord.world import SEND

MESSAGES = r"/channels/\d+/messages"
PRIVATE = {"is_private": True}


@pytest.fixture
def sender(app):
    return app.sender


@pytest.fixture
def make_copies(make_pictures, clock):
    """Give a factory of the copies of a job's picture."""

    def make(job, *forms, content=b"small"):
        [picture] = make_pictures(job, content=content)
        copies = [
            Copy(
                record_id=picture.record.id,
                format=form,
                stored_path="ab/cd.png",
                sha256="ab" * 32,
                size_bytes=2048,
                width=1080,
                height=1080,
                created_at=clock.now(),
            )
            for form in forms or ("instagram",)
        ]
        return [replace(picture, copy=copy) for copy in copies]

    return make


def below(job, posted, **changes):
    """Give the job whose copies belong below that message."""
    place = replace(
        job.place, channel_id=posted.channel_id, thread_id=posted.message_id
    )
    values = {"place": place, "resizes": posted.record_ids} | changes
    return replace(job, id="0000000000copies", **values)


async def test_copies_answer_the_message_of_the_picture(
    sender, discord, make_job, make_pictures, make_copies
):
    job = make_job()
    [shown] = await sender.post(job, make_pictures(job), Notes())

    [posted] = await sender.post(
        below(job, shown), make_copies(job, "instagram", "og-image"), Notes()
    )

    picture, message = discord.messages()
    assert message.reference == picture
    assert [each.filename for each in message.attachments] == [
        "a-fox-instagram-1080x1080.png",
        "a-fox-og-image-1080x1080.png",
    ]
    assert "instagram, 1080x1080, PNG, 2 KiB" in message.embeds[0]["description"]
    assert message.custom_ids == []
    assert posted.record_ids == shown.record_ids


async def test_a_lost_answer_does_not_post_copies_twice(
    sender, discord, make_job, make_pictures, make_copies
):
    """Neither are they taken for the message of the picture itself."""
    job, notes = make_job(), Notes()
    [shown] = await sender.post(job, make_pictures(job), Notes())
    resize = below(job, shown)
    discord.fail("POST", MESSAGES, "drop after")
    with pytest.raises(PlatformDown):
        await sender.post(resize, make_copies(job), notes)
    discord.world.nonce_life = 0.0

    [posted] = await sender.post(resize, make_copies(job), notes)

    _, message = discord.messages()
    assert posted.message_id == str(message.id) != shown.message_id


async def test_copies_that_never_arrived_are_sent_again(
    sender, discord, make_job, make_pictures, make_copies
):
    job, notes = make_job(), Notes()
    [shown] = await sender.post(job, make_pictures(job), Notes())
    resize = below(job, shown)
    discord.fail("POST", MESSAGES, "drop before")
    with pytest.raises(PlatformDown):
        await sender.post(resize, make_copies(job), notes)

    await sender.post(resize, make_copies(job), notes)

    assert len(discord.messages()) == 2


async def test_private_copies_are_a_note_of_their_own(
    sender, discord, make_job, make_pictures, make_copies
):
    """The note that shows the picture goes on showing it."""
    asked = await discord.slash("imagine", {"prompt": "a fox"})
    job = make_job(asked, request=PRIVATE)
    job = replace(job, place=replace(job.place, visibility=Visibility.OWNER))
    [shown] = await sender.post(job, make_pictures(job), Notes())

    await sender.post(below(job, shown), make_copies(job), Notes())

    [message] = asked.follow_ups
    assert message.is_ephemeral
    assert [each.content for each in message.attachments] == [b"small"]
    assert [each.content for each in asked.original.attachments] == [b"picture 0"]
    assert discord.messages() == []


async def test_copies_where_the_bot_may_not_write(
    sender, discord, make_job, make_pictures, make_copies
):
    discord.channel.bot_deny |= SEND
    asked = await discord.slash("imagine", {"prompt": "a fox"})
    job = make_job(asked)
    [shown] = await sender.post(job, make_pictures(job), Notes())

    await sender.post(below(job, shown), make_copies(job), Notes())

    assert len(asked.follow_ups) == 2
