"""Sized copies in Slack: in the thread of their picture, once, under names of their own."""

from dataclasses import replace

import pytest

from bot.domain.copy import Copy
from bot.domain.people import Visibility
from tests.adapters.slack.making import (
    NOON,
    PUBLIC,
    Notes,
    make_job,
    make_picture,
    make_request,
)
from tests.fakes.slack.faults import Fault

COMPLETE = "files.completeUploadExternal"


def make_copy(folder, form="instagram", **changes):
    picture = make_picture(folder)
    file = folder / f"{form}.png"
    file.write_bytes(form.encode())
    copy = Copy(
        record_id=picture.record.id,
        format=form,
        stored_path=f"ab/{form}.png",
        sha256="ab" * 32,
        size_bytes=2048,
        width=1080,
        height=1080,
        created_at=NOON,
    )
    return replace(picture, file=file, copy=replace(copy, **changes))


def below(picture_message, **changes):
    """Give the job whose copies belong below that message."""
    place = replace(
        PUBLIC,
        channel_id=picture_message.channel_id,
        thread_id=picture_message.message_id,
    )
    request = make_request(formats=("instagram",))
    values = {"place": place, "request": request, "resizes": ("0job-1",)} | changes
    return make_job(id="0copies", **values)


@pytest.fixture
async def shown(sender, tmp_path):
    """The message that shows the picture."""
    [posted] = await sender.post(make_job(), [make_picture(tmp_path)], Notes())
    return posted


async def test_copies_are_in_the_thread_of_the_picture(slack, sender, tmp_path, shown):
    copies = [
        make_copy(tmp_path),
        make_copy(tmp_path, "800x600", width=800, height=600),
    ]

    await sender.post(below(shown), copies, Notes())

    _, message = slack.messages()
    assert message.thread_ts == shown.message_id
    assert message.contents == [b"instagram", b"800x600"]
    assert [file.name for file in message.files] == [
        "a-fox-in-a-suit-instagram-1080x1080.png",
        "a-fox-in-a-suit-800x600.png",
    ]
    assert "instagram, 1080x1080, PNG, 2 KiB" in str(message.blocks)
    assert "actions" not in {block["type"] for block in message.blocks}


async def test_private_copies_are_below_the_private_picture(slack, sender, tmp_path):
    request = make_request(is_private=True)
    [shown] = await sender.post(
        make_job(request=request), [make_picture(tmp_path)], Notes()
    )
    job = below(shown, request=request)
    place = replace(job.place, visibility=Visibility.OWNER)

    await sender.post(replace(job, place=place), [make_copy(tmp_path)], Notes())

    assert slack.messages() == []
    _, message = slack.messages(shown.channel_id)
    assert message.thread_ts == shown.message_id


async def test_private_copies_of_an_unknown_message_stay_private(
    slack, sender, tmp_path
):
    """Never into the channel the picture was asked for in."""
    request = make_request(is_private=True)
    job = make_job(request=request, resizes=("0job-1",))

    [posted] = await sender.post(job, [make_copy(tmp_path)], Notes())

    assert slack.messages() == []
    assert posted.channel_id.startswith("D")


async def test_copies_are_shared_once_when_the_answer_is_lost(
    slack, sender, tmp_path, shown
):
    job, notes = below(shown), Notes()
    slack.faults.add(COMPLETE, Fault(drop="after"))

    [posted] = await sender.post(job, [make_copy(tmp_path)], notes)

    _, message = slack.messages()
    assert posted.message_id == message.ts
