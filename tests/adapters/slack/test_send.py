"""Pictures into Slack: whole, in one message, exactly once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.slack.send import SlackSender
from bot.domain.job import Lineage
from bot.domain.people import Visibility
from bot.domain.record import PostedMessage
from bot.errors import NotInPlace, PlatformBusy, PlatformDown, PlatformRefused
from tests.adapters.slack.making import (
    PUBLIC,
    Notes,
    make_job,
    make_picture,
    make_request,
    make_unsafe_picture,
)
from tests.fakes.slack.double import Fault
from tests.fakes.slack.model import BOT_USER

COMPLETE = "files.completeUploadExternal"


async def test_bytes_arrive_as_they_are_on_disk(slack, sender, tmp_path):
    """The picture in the channel is the picture that was drawn."""
    picture = make_picture(tmp_path)

    posted = await sender.post(make_job(), [picture], Notes())

    (message,) = slack.messages()
    assert message.contents == [picture.file.read_bytes()]
    assert posted == [
        PostedMessage(
            channel_id="C0PUBLIC", message_id=message.ts, record_ids=("0job-1",)
        )
    ]


async def test_pictures_of_a_job_are_one_message(slack, sender, tmp_path):
    """One job, one message, each picture with its own buttons."""
    pictures = [make_picture(tmp_path, n, seed=40 + n) for n in (1, 2, 3)]

    posted = await sender.post(make_job(), pictures, Notes())

    (message,) = slack.messages()
    assert message.contents == [p.file.read_bytes() for p in pictures]
    assert posted[0].record_ids == ("0job-1", "0job-2", "0job-3")
    assert message.button("new_seed", "0job-3")


async def test_alt_text_comes_from_the_prompt(slack, sender, tmp_path):
    """People who do not see the picture hear what it was to show, and no more than 1000."""
    picture = make_picture(tmp_path, prompt="a <!channel> fox " * 200)

    await sender.post(make_job(), [picture], Notes())

    file = slack.messages()[0].files[0]
    assert file.alt_txt.startswith("Drawn by Ideogram: a ‹!channel› fox")  # noqa: RUF001
    assert len(file.alt_txt) <= 1000


async def test_unsafe_pictures_are_counted_not_posted(slack, sender, tmp_path):
    """A picture that was withheld is told, the others are shown."""
    pictures = [make_picture(tmp_path), make_unsafe_picture(2), make_unsafe_picture(3)]

    posted = await sender.post(make_job(), pictures, Notes())

    (message,) = slack.messages()
    assert len(message.files) == 1
    assert "2 of 3 were withheld" in str(message.blocks)
    assert posted[0].record_ids == ("0job-1",)


async def test_nothing_is_posted_without_a_picture(slack, sender):
    """A job whose pictures were all withheld says nothing in the channel."""
    assert await sender.post(make_job(), [make_unsafe_picture(1)], Notes()) == []
    assert slack.messages() == []


async def test_thread_gets_the_picture(slack, sender, tmp_path):
    """Who asks in a thread is answered there."""
    root = slack.workspace.add_message("C0PUBLIC", "U1", text="hello")
    job = make_job(place=replace(PUBLIC, thread_id=root.ts))

    await sender.post(job, [make_picture(tmp_path)], Notes())

    assert slack.messages()[0].thread_ts == root.ts


async def test_private_picture_goes_to_the_person(slack, sender, tmp_path):
    """`--private` is a direct message; the channel sees nothing."""
    job = make_job(request=make_request(is_private=True))

    posted = await sender.post(job, [make_picture(tmp_path)], Notes())

    assert slack.messages() == []
    assert len(slack.messages("DU1")) == 1
    assert posted[0].channel_id == "DU1"


async def test_public_channel_is_joined(slack, sender, tmp_path):
    """A public channel needs no invitation."""
    slack.workspace.channels["C0PUBLIC"].members.discard(BOT_USER)

    await sender.post(make_job(), [make_picture(tmp_path)], Notes())

    assert len(slack.messages()) == 1


async def test_private_channel_needs_an_invitation(slack, sender, tmp_path):
    """The person is told how to invite the bot; afterwards the upload goes on."""
    channel = slack.workspace.add_channel("C0SECRET", kind="group", members={"U1"})
    place = replace(PUBLIC, channel_id="C0SECRET", visibility=Visibility.MEMBERS)
    job, notes = make_job(place=place), Notes()
    picture = make_picture(tmp_path)

    with pytest.raises(NotInPlace, match="/invite @"):
        await sender.post(job, [picture], notes)
    channel.members.add(BOT_USER)
    await sender.post(job, [picture], notes)

    assert slack.messages("C0SECRET")[0].contents == [picture.file.read_bytes()]
    assert slack.api.names().count("files.getUploadURLExternal") == 1


async def test_other_peoples_conversation_is_answered_directly(slack, sender, tmp_path):
    """No bot can be invited between two people; who asked gets it from the bot itself."""
    slack.workspace.add_channel("D0PAIR", kind="im", members={"U1", "U2"})
    place = replace(PUBLIC, channel_id="D0PAIR", visibility=Visibility.OWNER)
    notes, picture = Notes(), make_picture(tmp_path)

    posted = await sender.post(make_job(place=place), [picture], notes)
    again = await sender.post(make_job(place=place), [picture], notes)

    assert len(slack.messages("DU1")) == 1
    assert posted == again
    assert posted[0].channel_id == "DU1"


async def test_archived_channel_is_final(slack, sender, tmp_path):
    """Waiting does not open an archive."""
    slack.workspace.channels["C0PUBLIC"].is_archived = True

    with pytest.raises(PlatformRefused, match="does not let apps post"):
        await sender.post(make_job(), [make_picture(tmp_path)], Notes())


async def test_missing_scope_is_named(slack, sender, tmp_path):
    """The operator learns which scope to add."""
    slack.api.scopes.discard("files:write")

    with pytest.raises(PlatformRefused, match=r"files:write.*reinstall"):
        await sender.post(make_job(), [make_picture(tmp_path)], Notes())


async def test_short_rate_limit_is_waited_for(slack, sender, naps, tmp_path):
    """A few seconds are not worth another round of the job."""
    slack.faults.add(COMPLETE, Fault(retry_after=3))

    await sender.post(make_job(), [make_picture(tmp_path)], Notes())

    assert 3.0 in naps.taken
    assert len(slack.messages()) == 1


async def test_long_rate_limit_is_left_to_the_worker(slack, sender, tmp_path):
    """The worker waits as long as Slack says, and nothing is uploaded twice."""
    slack.faults.add(COMPLETE, Fault(retry_after=30))
    notes, picture = Notes(), make_picture(tmp_path)

    with pytest.raises(PlatformBusy) as busy:
        await sender.post(make_job(), [picture], notes)
    await sender.post(make_job(), [picture], notes)

    assert busy.value.retry_after == timedelta(seconds=30)
    assert len(slack.messages()) == 1
    assert slack.api.names().count("files.getUploadURLExternal") == 1


async def test_lost_answer_does_not_post_twice(slack, sender, tmp_path):
    """The connection broke after Slack had shared the file: files.info tells."""
    slack.faults.add(COMPLETE, Fault(drop="after"))

    posted = await sender.post(make_job(), [make_picture(tmp_path)], Notes())

    assert len(slack.messages()) == 1
    assert posted[0].message_id == slack.messages()[0].ts


@pytest.mark.parametrize("is_hiding", [True, False])
async def test_lost_request_is_sent_again(slack, sender, tmp_path, is_hiding):
    """The connection broke before: nothing was shared, the next try does it."""
    slack.api.is_hiding_unfinished_files = is_hiding
    slack.faults.add(COMPLETE, Fault(drop="before"))
    notes, picture = Notes(), make_picture(tmp_path)

    with pytest.raises(PlatformDown):
        await sender.post(make_job(), [picture], notes)
    await sender.post(make_job(), [picture], notes)

    assert len(slack.messages()) == 1


async def test_killed_after_sharing_posts_once(slack, sender, tmp_path):
    """Another process finds the note and the share, and adds nothing."""
    notes, picture = Notes(), make_picture(tmp_path)
    await sender.post(make_job(), [picture], notes)

    posted = await sender.post(make_job(), [picture], notes)

    assert len(slack.messages()) == 1
    assert posted[0].message_id == slack.messages()[0].ts


class DyingNotes(Notes):
    """The process is killed just after the note was written."""

    async def write(self, notes) -> None:
        await super().write(notes)
        raise asyncio.CancelledError


async def test_killed_before_sharing_posts_once(slack, sender, tmp_path):
    """The note was written, the request never left: it is sent now, without an upload."""
    dying, picture = DyingNotes(), make_picture(tmp_path)
    with pytest.raises(asyncio.CancelledError):
        await sender.post(make_job(), [picture], dying)
    notes = Notes()
    await notes.write(dying.current)

    await sender.post(make_job(), [picture], notes)

    assert len(slack.messages()) == 1
    assert slack.api.names().count("files.getUploadURLExternal") == 1


async def test_files_that_slack_lost_are_uploaded_anew(slack, sender, tmp_path):
    """Uploads that were never shared do not live for ever."""
    notes = Notes()
    await notes.write({"files": ["F0GONE"], "is_completing": False})

    await sender.post(make_job(), [make_picture(tmp_path)], notes)

    assert len(slack.messages()) == 1


async def test_broken_upload_is_tried_again(slack, sender, tmp_path):
    """An upload URL is good for one use: the next try asks for another."""
    slack.faults.add("upload", Fault(drop="after"))
    notes, picture = Notes(), make_picture(tmp_path)

    with pytest.raises(PlatformDown):
        await sender.post(make_job(), [picture], notes)
    await sender.post(make_job(), [picture], notes)

    assert len(slack.messages()) == 1


async def test_slow_shares_are_waited_for(slack, sender, naps, tmp_path):
    """Slack tells the message late; ten seconds are enough for most."""
    slack.api.shares_after = 5

    posted = await sender.post(make_job(), [make_picture(tmp_path)], Notes())

    assert posted[0].message_id == slack.messages()[0].ts
    assert sum(naps.taken) <= 10


async def test_untold_message_is_no_failure(slack, sender, tmp_path):
    """What was shared is never reported as failed, even when Slack keeps silent."""
    slack.api.shares_after = 1000

    assert await sender.post(make_job(), [make_picture(tmp_path)], Notes()) == []
    assert len(slack.messages()) == 1


async def test_deleted_by_a_person_is_not_posted_again(slack, sender, tmp_path):
    """Somebody saw the picture and took it away while the bot was down."""
    notes = Notes()
    await notes.write({"files": ["F1"], "is_completing": True})
    slack.faults.add("files.info", Fault(error="file_deleted"))

    assert await sender.post(make_job(), [make_picture(tmp_path)], notes) == []
    assert slack.messages() == []


async def test_changes_are_named(slack, sender, tmp_path):
    """A reproduced picture says what was changed."""
    lineage = Lineage(
        parent_id="0old-1",
        typed_prompt="a fox",
        changes=("aspect ratio 16:9 to 9:16",),
    )

    await sender.post(make_job(lineage=lineage), [make_picture(tmp_path)], Notes())

    assert "changed: aspect ratio 16:9 to 9:16" in str(slack.messages()[0].blocks)


async def test_unknown_refusal_names_the_code(slack, sender: SlackSender, tmp_path):
    """What is not known is at least told."""
    slack.faults.add(COMPLETE, Fault(error="slack_connect_blocked"))

    with pytest.raises(PlatformRefused, match="slack_connect_blocked"):
        await sender.post(make_job(), [make_picture(tmp_path)], Notes())
