"""Posting to the page: once, whatever happens, and to those who may see it."""

import pytest

from adapters.web.entries import REPLY_TO, TYPED
from bot.chat.progress import Progress, Stage
from bot.domain.record import PostedMessage
from bot.domain.request import ImageRequest
from tests.adapters.web.doubles import NoNotes, Site
from tests.fakes.values import make_record

FOX, OWL = "amber-fox-000001", "jade-owl-000002"
PRIVATE = ImageRequest(prompt="a fox", model="V_2", seed=42, is_private=True)


@pytest.fixture
def site(tmp_path) -> Site:
    return Site(tmp_path)


def seen_by(site: Site, user_id: str) -> list[str]:
    return [entry.id for _, entry in site.channel.entries_for(user_id)]


async def test_a_post_is_public_and_so_is_what_was_typed(site):
    job = site.job(FOX)
    await site.sender.show(job, Progress(stage=Stage.DRAWING, text="Drawing…"))
    assert seen_by(site, OWL) == []

    await site.post(job)

    assert seen_by(site, OWL) == [f"ask-{job.id}", f"m-{job.id}"]
    assert seen_by(site, FOX) == [f"ask-{job.id}", f"note-{job.id}", f"m-{job.id}"]


async def test_a_private_picture_is_seen_by_its_person_alone(site):
    """Neither the picture nor the prompt gets out."""
    job = site.job(FOX, "/imagine a fox --private", request=PRIVATE)

    await site.post(job)

    assert seen_by(site, OWL) == []
    assert seen_by(site, FOX) == [f"ask-{job.id}", f"m-{job.id}"]


async def test_posting_again_after_a_crash_is_the_same_message(site):
    """The worker repeats a post whose checkpoint was not written."""
    job = site.job(FOX)
    record = site.record(job)
    first = await site.sender.post(job, [site.picture(record)], NoNotes())
    again = site.again("run2")

    second = await again.sender.post(job, [site.picture(record)], NoNotes())
    third = await again.sender.post(job, [site.picture(record)], NoNotes())

    assert first == second == third
    assert first[0].record_ids == (record.id,)
    assert seen_by(again, OWL).count(first[0].message_id) == 1


async def test_progress_is_one_note_that_changes(site):
    job = site.job(FOX, typed="")
    for stage in (Stage.QUEUED, Stage.DRAWING, Stage.DONE):
        await site.sender.show(job, Progress(stage=stage, text=stage))

    [(_, note)] = site.channel.entries_for(FOX)
    assert note.content.stage is Stage.DONE
    assert note.content.ratio == "1 / 1"


async def test_several_pictures_are_one_message(site):
    job = site.job(FOX)
    records = [site.record(job, index, seed=42 + index) for index in range(3)]

    message = await site.post(job, *records)

    post = site.channel.find(message)
    assert [record.seed for record in post.records] == [42, 43, 44]


async def test_an_unsafe_picture_is_posted_without_a_file(site):
    job = site.job(FOX)
    record = make_record(job_id=job.id, stored_path=None, is_safe=False)

    message = await site.post(job, record)

    assert site.channel.find(message).records == (record,)


async def test_a_reply_keeps_what_it_answers(site):
    """After a restart the job alone tells it."""
    address = {TYPED: "same", REPLY_TO: "m-parent"}
    job = site.job(FOX, return_address=address)

    await site.post(job)

    assert site.channel.find(f"ask-{job.id}").reply_to == "m-parent"


async def test_a_message_is_taken_back(site):
    """Also when this run of the program has never shown it."""
    job = site.job(FOX)
    await site.post(job)
    message = PostedMessage(
        channel_id="sandbox", message_id=f"m-{job.id}", record_ids=()
    )

    await site.sender.take_back(message, {})
    await site.sender.take_back(message, {})

    assert f"m-{job.id}" not in seen_by(site, OWL)
