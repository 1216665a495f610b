"""Jobs before a moderator: shown once, published when approved, erased when rejected."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.chat.commands import Origin, Review
from bot.chat.progress import Stage
from bot.chat.replies import Notice
from bot.commands.reviewing import ReviewHandler
from bot.domain.audit import AuditSearch, Deed
from bot.domain.job import Job, JobState, Step
from bot.domain.people import Person, Visibility
from bot.domain.record import Record, Search
from bot.domain.request import prompt_hash
from bot.errors import NotAllowed, NotFound, NotInPlace, PlatformDown
from bot.policy.permissions import Permissions
from bot.policy.policy import Policy
from tests.bot.jobs.workshop import ANN, BOB, CHANNEL, Workshop, workshop
from tests.fakes.images import PNG, drawn
from tests.fakes.values import NOON
from tests.fakes.waiting import until

MODERATORS = "C9"
PICTURE = PNG + b"http://pictures/a fox/7"


@pytest.fixture
async def shop(tmp_path):
    async with workshop(tmp_path) as shop:
        yield shop


def handler(shop: Workshop, *admins: str) -> ReviewHandler:
    permissions = Permissions(admins=frozenset(f"slack:{admin}" for admin in admins))
    return ReviewHandler(
        queue=shop.queue,
        reviews=shop.reviews,
        audit=shop.audit,
        worker=shop.worker,
        clock=shop.clock,
        policy=lambda: Policy(permissions=permissions),
    )


def press(
    job: Job, *, approves: bool, by: Person = BOB, channel: str = MODERATORS
) -> Review:
    place = replace(CHANNEL, channel_id=channel, visibility=Visibility.MEMBERS)
    origin = Origin(event_id="1", person=by, place=place)
    return Review(origin=origin, target=job.id, is_approved=approves)


async def in_review(shop: Workshop, **changes) -> Job:
    job = await shop.submit(reviewed_in=MODERATORS, **changes)
    await until(lambda: _stands(shop, job, JobState.REVIEW))
    return job


async def _stands(shop: Workshop, job: Job, state: JobState) -> bool:
    found = await shop.queue.find(job.id)
    return found is not None and found.state is state


async def seen(shop: Workshop, person: Person) -> list[Record]:
    return await shop.records.search(Search(words="fox", seen_by=(person, CHANNEL)))


async def test_moderators_see_it_first_and_nobody_else(shop):
    """Kept, paid, shown to moderators; not to be found, shown or offered again."""
    job = await in_review(shop)

    [record] = await shop.records.of_job(job.id)
    same = await shop.records.find_same(
        prompt_hash(job.request), since=NOON, person=ANN, place=CHANNEL
    )

    assert shop.review_sender.posts == [(job.id, [PICTURE])]
    assert shop.sender.posts == []
    assert (record.stored_path, record.withheld) == (None, "in review")
    assert record.original_url is None
    assert await seen(shop, BOB) == []
    assert await seen(shop, ANN) == [record]
    assert same is None
    assert not record.is_visible_to(BOB, CHANNEL)
    assert (await shop.records.report()).total.images == 1
    await until(lambda: shop.sender.shown)
    [(_, progress)] = shop.sender.shown
    assert progress.stage is Stage.WAITING
    assert "moderator has to approve" in progress.text


async def test_approved_it_is_posted_once(shop):
    """Then it is as if nobody had looked."""
    job = await in_review(shop)

    notice = await handler(shop)(press(job, approves=True))

    done = await shop.ended(job)
    [record] = await shop.records.of_job(job.id)
    assert notice.text.startswith("Approved")
    assert done.state is JobState.DONE
    assert shop.sender.posts == [(job.id, [PICTURE])]
    assert (record.withheld, record.place) == (None, CHANNEL)
    assert shop.files.local_path(record.stored_path).read_bytes() == PICTURE
    assert record.size_bytes == len(PICTURE)
    assert await seen(shop, BOB) == [record]
    assert await shop.copies.of_records([record.id]) == []
    [settled] = shop.review_sender.settled
    assert settled.verdict.user_id == BOB.user_id
    [entry] = await shop.audit.entries(AuditSearch())
    assert (entry.deed, entry.person, entry.rule) == (Deed.APPROVED, BOB, "approval")


async def test_rejected_it_is_erased_and_its_person_told(shop):
    """The record stays, with the reason; the money stays counted."""
    job = await in_review(shop)
    [path] = await shop.reviews.files(job.id)

    await handler(shop)(press(job, approves=False))

    failed = await shop.ended(job)
    [record] = await shop.records.of_job(job.id)
    assert (failed.state, failed.error_kind) == (JobState.FAILED, "PictureRejected")
    assert "moderator rejected" in failed.error
    assert not shop.files.local_path(path).exists()
    assert (record.stored_path, record.withheld) == (None, "rejected by a moderator")
    assert await seen(shop, BOB) == []
    assert shop.sender.posts == []
    assert (await shop.records.report()).total.cost_usd == record.cost_usd > 0
    [entry] = await shop.audit.entries(AuditSearch())
    assert entry.deed is Deed.REJECTED


@pytest.mark.parametrize("first", [True, False], ids=["approved", "rejected"])
async def test_the_first_press_decides(shop, first):
    """The second moderator is told, and nothing changes."""
    job = await in_review(shop)
    press_of = handler(shop)
    await press_of(press(job, approves=first))

    second = await press_of(press(job, approves=not first))

    ended = await shop.ended(job)
    assert "already" in second.text
    assert (ended.state is JobState.DONE) == first
    assert len(await shop.audit.entries(AuditSearch())) == 1


async def test_nobody_approves_their_own(shop):
    """Except an admin; the try is written down."""
    job = await in_review(shop)

    with pytest.raises(NotAllowed, match="another moderator"):
        await handler(shop)(press(job, approves=True, by=ANN))

    [entry] = await shop.audit.entries(AuditSearch())
    assert (entry.deed, entry.person) == (Deed.REFUSED, ANN)
    assert isinstance(
        await handler(shop, "ann")(press(job, approves=True, by=ANN)), Notice
    )


async def test_nobody_approves_their_own_from_another_server(shop):
    """In Discord the moderators' channel may be in a server of its own."""
    job = await in_review(shop)
    there = replace(ANN, workspace_id="T2")

    with pytest.raises(NotAllowed, match="another moderator"):
        await handler(shop)(press(job, approves=True, by=there))


async def test_only_the_moderators_channel_decides(shop):
    """A button's value can be copied; its channel cannot."""
    job = await in_review(shop)

    with pytest.raises(NotFound):
        await handler(shop)(press(job, approves=True, channel="C1"))

    assert await shop.reviews.find(job.id) is None


async def test_a_press_before_the_message_is_noted_counts(shop):
    """Moderators may be quicker than the answer of the platform."""
    job = await in_review(shop)
    await shop.queue.save(replace(job, state=JobState.RUNNING))
    await handler(shop)(press(job, approves=True))

    saved = await shop.queue.save(replace(job, state=JobState.REVIEW))

    assert saved.state is not JobState.REVIEW
    assert (await shop.ended(job)).state is JobState.DONE


async def test_cancelled_in_review_it_is_kept_and_never_posted(shop):
    """It was paid for; the moderators' buttons go."""
    job = await in_review(shop)

    shop.worker.cancel(await shop.queue.request_cancel(job.id))

    ended = await shop.ended(job)
    [record] = await shop.records.of_job(job.id)
    assert ended.state is JobState.CANCELLED
    assert [review.is_cancelled for review in shop.review_sender.settled] == [True]
    assert record.withheld == "never approved"
    assert await shop.reviews.files(job.id)
    with pytest.raises(NotFound):
        await handler(shop)(press(job, approves=True))


async def test_a_moderators_channel_that_is_closed_holds_the_job(shop):
    """Nothing is published; it goes on once the bot is invited there."""
    shop.review_sender.faults.append(NotInPlace("Invite me."))
    job = await shop.submit(reviewed_in=MODERATORS)
    await until(lambda: _stands(shop, job, JobState.WAITING))
    assert shop.sender.posts == []

    for woken in await shop.queue.wake(replace(CHANNEL, channel_id=MODERATORS)):
        shop.worker.wake(woken)

    await until(lambda: _stands(shop, job, JobState.REVIEW))
    assert len(shop.review_sender.posts) == 1


@pytest.mark.parametrize("approves", [True, False], ids=["approve", "reject"])
async def test_a_platform_that_is_down_delays_the_verdict(shop, approves):
    """It is carried out once the message can be changed, exactly once."""
    job = await in_review(shop)
    shop.review_sender.faults.extend([PlatformDown("Down."), PlatformDown("Down.")])

    await handler(shop)(press(job, approves=approves))

    ended = await shop.ended(job)
    assert (ended.state is JobState.DONE) == approves
    assert len(shop.review_sender.settled) == 1
    assert len(shop.sender.posts) == approves


# --- restarts -------------------------------------------------------------------


async def test_review_survives_a_restart(tmp_path):
    """It is not shown again, and can be decided."""
    async with workshop(tmp_path) as first:
        job = await in_review(first)
    async with workshop(tmp_path) as second:
        await second.recovery.take_up()
        await handler(second)(press(job, approves=True))

        assert (await second.ended(job)).state is JobState.DONE

    assert second.review_sender.posts == []
    assert len(second.sender.posts) == 1


@pytest.mark.parametrize("approves", [True, False], ids=["approve", "reject"])
async def test_a_verdict_outlives_the_process(tmp_path, approves):
    """It is written down before anything is done about it."""
    async with workshop(tmp_path) as first:
        job = await in_review(first)
        [path] = await first.reviews.files(job.id)
        first.worker._stop_taking()
        await handler(first)(press(job, approves=approves))
    async with workshop(tmp_path) as second:
        await second.recovery.take_up()

        ended = await second.ended(job)

        assert (ended.state is JobState.DONE) == approves
        assert second.files.local_path(path).exists() == approves


async def test_an_erasure_that_was_cut_off_is_finished(tmp_path):
    """Between the rows and the files: what to delete was noted before."""
    async with workshop(tmp_path) as first:
        job = await in_review(first)
        paths = await first.reviews.files(job.id)
        first.worker._stop_taking()
        await handler(first)(press(job, approves=False))
        before = (await first.steps.steps(job.id))[Step.REVIEW].notes
        await first.steps.note(job.id, Step.REVIEW, {**before, "erasing": paths})
        await first.reviews.erase(job.id)
    async with workshop(tmp_path) as second:
        await second.recovery.take_up()
        await second.ended(job)

        assert not second.files.local_path(paths[0]).exists()


# --- unsafe ---------------------------------------------------------------------


@pytest.mark.parametrize("keeps", [True, False], ids=["kept", "dropped"])
async def test_what_is_called_unsafe_is_kept_where_the_rules_say_so(shop, keeps):
    """Otherwise it is not even fetched, and its address is forgotten."""
    request = replace((await shop.submit("other")).request, prompt="a wolf")
    await until(lambda: shop.sender.posts)
    shop.images.answers.append(drawn(request, is_safe=False))

    job = await shop.submit("wolf", keeps_unsafe=keeps, prompt="a wolf")

    await shop.ended(job)
    [record] = await shop.records.of_job(job.id)
    assert (record.stored_path is not None) == keeps
    assert (record.original_url is not None) == keeps
    assert record.withheld == (None if keeps else "unsafe")
    assert any("wolf" in url for url in shop.images.downloads) == keeps


async def test_dropped_pictures_are_not_reviewed(shop):
    """There is nothing to look at."""
    request = replace((await shop.submit("other")).request, prompt="a wolf")
    await until(lambda: shop.sender.posts)
    shop.images.answers.append(drawn(request, is_safe=False))

    job = await shop.submit("wolf", reviewed_in=MODERATORS, prompt="a wolf")

    assert (await shop.ended(job)).error_kind == "ProviderRefused"
    assert shop.review_sender.posts == []


async def test_a_late_look_changes_nothing(shop):
    """The job looks again now and then; moderators and person hear nothing of it."""
    job = await in_review(shop)
    found = await shop.queue.find(job.id)
    await until(lambda: shop.sender.shown)
    shown = len(shop.sender.shown)

    async def has_looked():
        now = await shop.queue.find(job.id)
        return now.state is JobState.REVIEW and now.not_before > found.not_before

    shop.worker.wake(found)
    await until(has_looked)

    assert len(shop.review_sender.posts) == 1
    assert len(shop.sender.shown) == shown
    assert found.not_before - shop.clock.now() > timedelta(minutes=50)
