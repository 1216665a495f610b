"""Sized copies: made once the picture is posted, and posted once, over any crash."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from bot.domain.job import JobState, Step
from bot.domain.record import PostedMessage
from bot.errors import PlatformBusy
from bot.jobs.following import place_below, resize_id, resize_jobs
from tests.bot.jobs.workshop import CHANNEL, workshop
from tests.contracts.values import make_job, make_record


def picture(width=1024, height=1024):
    out = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(out, "PNG")
    return out.getvalue()


def size_of(content):
    return Image.open(io.BytesIO(content)).size


@pytest.fixture
async def shop(tmp_path):
    async with workshop(tmp_path) as shop:
        shop.images.picture = picture()
        yield shop


async def follow_ups(shop, job):
    records = await shop.records.of_job(job.id)
    return resize_jobs(job, records, await shop.steps.posted(job.id))


async def test_copies_follow_the_picture_into_its_thread(shop):
    """The whole road of `--format`."""
    job = await shop.submit(formats=("instagram", "200x100:webp"))
    await shop.ended(job)

    [after] = await follow_ups(shop, job)
    done = await shop.ended(after)

    _, (posted_by, contents) = shop.sender.posts
    assert posted_by == after.id
    assert [size_of(content) for content in contents] == [(1080, 1080), (200, 100)]
    assert done.place == replace(CHANNEL, thread_id="1")
    assert (done.state, done.calls, len(shop.images.requests)) == (JobState.DONE, 0, 1)


async def test_copies_are_kept_beside_the_picture(shop):
    job = await shop.submit(formats=("instagram",))
    await shop.ended(job)
    [after] = await follow_ups(shop, job)
    await shop.ended(after)

    [record] = await shop.records.of_job(job.id)
    [copy] = await shop.copies.of_records([record.id])

    file = shop.files.local_path(copy.stored_path)
    assert (copy.format, copy.width, copy.height) == ("instagram", 1080, 1080)
    assert file.stat().st_size == copy.size_bytes
    assert file.parent.parent == shop.files.local_path(record.stored_path).parent.parent


async def test_a_reply_to_the_copies_means_the_picture(shop):
    job = await shop.submit(formats=("instagram", "og-image"))
    await shop.ended(job)
    [after] = await follow_ups(shop, job)
    await shop.ended(after)

    shown = await shop.records.of_message(CHANNEL.platform, "T1", "C1", "2")

    assert shown == await shop.records.of_job(job.id)


async def test_several_pictures_have_their_copies_in_one_message(shop):
    """`--n 3`."""
    job = await shop.submit(formats=("instagram", "og-image"), count=3)
    await shop.ended(job)

    [after] = await follow_ups(shop, job)
    await shop.ended(after)

    assert len(shop.sender.posts[1][1]) == 6


async def test_a_copy_that_cannot_be_made_takes_no_other_with_it(shop):
    """The others are posted, and the person is told which is not there and why."""
    job = await shop.submit(formats=("4000x4000", "instagram"))
    await shop.ended(job)
    [after] = await follow_ups(shop, job)

    failed = await shop.ended(after)

    assert [size_of(one) for one in shop.sender.posts[1][1]] == [(1080, 1080)]
    assert (failed.state, failed.error_kind) == (JobState.FAILED, "PictureUnfit")
    assert "The other copy is made. 4000x4000 is 3.9 times" in failed.error


async def test_nothing_is_posted_when_no_copy_can_be_made(shop):
    job = await shop.submit(formats=("4000x4000",))
    await shop.ended(job)
    [after] = await follow_ups(shop, job)

    failed = await shop.ended(after)

    assert failed.state is JobState.FAILED
    assert len(shop.sender.posts) == 1


async def test_a_picture_that_is_gone_has_no_copies(shop):
    job = await shop.submit(formats=("instagram",), is_offered=False)
    resize = replace(job, id="0123456789abcdef", resizes=("gone-1",))
    await shop.queue.submit(resize)

    shop.worker.offer(resize)

    assert (await shop.ended(resize)).error_kind == "NotFound"


async def test_copies_that_were_cancelled_are_not_posted(shop):
    job = await shop.submit(formats=("instagram",), is_offered=False)
    resize = replace(job, id="0123456789abcdef", resizes=("any-1",))
    await shop.queue.submit(resize)
    await shop.queue.request_cancel(resize.id)

    shop.worker.offer(await shop.queue.find(resize.id))

    assert (await shop.ended(resize)).state is JobState.CANCELLED
    assert shop.sender.posts == []


async def test_copies_are_posted_once_a_busy_platform_has_time(shop):
    """They are made once."""
    job = await shop.submit(formats=("instagram",))
    await shop.ended(job)
    [after] = await follow_ups(shop, job)
    await shop.ended(after)
    again = replace(after, id="0123456789abcdef")
    await shop.queue.submit(again)
    shop.sender.faults.append(PlatformBusy("Busy."))

    shop.worker.offer(again)
    await shop.ended(again)

    assert len(shop.sender.posts) == 3
    [copy] = await shop.copies.of_records(after.resizes)
    assert copy.format == "instagram"


async def test_a_crash_before_the_copies_are_asked_for_loses_none(shop):
    """The picture is posted, its job has not ended."""
    earlier = await shop.submit("earlier")
    await shop.ended(earlier)
    [record] = await shop.records.of_job(earlier.id)
    job = await shop.submit(formats=("instagram",), is_offered=False)
    posted = replace(record, id=f"{job.id}-1", job_id=job.id)
    message = PostedMessage(channel_id="C1", message_id="77", record_ids=(posted.id,))
    for step in (Step.DRAW, Step.KEEP):
        await shop.steps.finish(job.id, step, {}, records=[posted])
    await shop.steps.finish(job.id, Step.POST, {}, posted=[message])
    await shop.queue.save(replace(job, state=JobState.RUNNING))

    await shop.recovery.take_up()

    await shop.ended(job)
    [after] = await follow_ups(shop, job)
    assert (await shop.ended(after)).place.thread_id == "77"
    assert [who for who, _ in shop.sender.posts] == [earlier.id, after.id]


async def test_copies_noted_as_made_are_not_made_again(tmp_path):
    """A crash between keeping and posting them."""
    async with workshop(tmp_path) as shop:
        shop.images.picture = picture()
        job = await shop.submit(formats=("4000x4000", "instagram"))
        await shop.ended(job)
        [after] = await follow_ups(shop, job)
        await shop.ended(after)
        [copy] = await shop.copies.of_records(after.resizes)
        crashed = replace(after, id="0123456789abcdef", state=JobState.RUNNING)
        await shop.queue.submit(crashed)
        kept = (await shop.steps.steps(after.id))[Step.KEEP]
        await shop.steps.finish(crashed.id, Step.KEEP, kept.notes)
        [record] = await shop.records.of_job(job.id)
        shop.files.local_path(record.stored_path).unlink()  # would be missed
    async with workshop(tmp_path) as shop:
        await shop.recovery.take_up()
        failed = await shop.ended(crashed)

        assert [len(one) for one in shop.sender.posts[0][1]] == [copy.size_bytes]
        assert failed.error_kind == "PictureUnfit"


# --- which jobs follow ------------------------------------------------------------


def test_the_same_jobs_follow_however_often_it_is_asked():
    job, records = make_job(), [make_record(stored_path="x")]

    assert resize_jobs(job, records, ()) == resize_jobs(job, records, ())
    assert resize_jobs(job, records, ())[0].id == resize_id(job, 0) != job.id


def test_no_message_holds_too_many_files():
    """Discord takes ten."""
    formats = ("1x1", "2x2", "3x3", "4x4")
    job = make_job(request=replace(make_job().request, formats=formats))
    records = [make_record(f"job0-{i}", stored_path="x") for i in range(1, 6)]

    jobs = resize_jobs(job, records, ())

    assert [each.resizes for each in jobs] == [
        ("job0-1", "job0-2"),
        ("job0-3", "job0-4"),
        ("job0-5",),
    ]
    assert len({each.id for each in jobs}) == 3


def test_nothing_follows_a_job_that_makes_copies():
    job = make_job(resizes=("job0-1",))

    assert resize_jobs(job, [make_record(stored_path="x")], ()) == []


def test_a_picture_without_a_file_has_no_copies():
    assert resize_jobs(make_job(), [make_record()], ()) == []


def test_an_unsafe_picture_has_no_copies_where_it_was_asked_for():
    """Only who asked may see it; who wants copies of it presses Resize."""
    job = make_job(request=replace(make_job().request, formats=("8x8",)))
    fine = make_record("job0-1", stored_path="x")
    unsafe = make_record("job0-2", stored_path="y", is_safe=False)

    [follows] = resize_jobs(job, [fine, unsafe], ())

    assert follows.resizes == ("job0-1",)


POSTED = PostedMessage(channel_id="C1", message_id="9.5", record_ids=("job0-1",))


@pytest.mark.parametrize(
    ("thread", "channel", "is_private", "expected"),
    [
        pytest.param(None, "C1", False, ("C1", "9.5"), id="below the picture"),
        pytest.param("3.1", "C1", False, ("C1", "3.1"), id="in its own thread"),
        pytest.param("3.1", "D1", False, ("D1", "9.5"), id="moved to a direct message"),
        pytest.param("3.1", "D1", True, ("D1", "9.5"), id="private"),
        pytest.param("3.1", "C1", True, ("C1", "9.5"), id="private, in place"),
    ],
)
def test_copies_belong_below_the_message(thread, channel, is_private, expected):
    place = replace(CHANNEL, thread_id=thread)
    message = replace(POSTED, channel_id=channel)

    below = place_below(place, message, is_private=is_private)

    assert (below.channel_id, below.thread_id) == expected


@pytest.mark.parametrize("is_private", [True, False])
def test_without_a_known_message_nothing_private_comes_into_a_thread(is_private):
    place = replace(CHANNEL, thread_id="3.1")

    below = place_below(place, None, is_private=is_private)

    assert below.thread_id == (None if is_private else "3.1")
