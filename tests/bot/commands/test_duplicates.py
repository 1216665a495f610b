"""The same request once more: offered as it was drawn, never paid for without being asked."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.chat.commands import Cancel, DrawAnew, Generate, ShowHere
from bot.chat.replies import Accepted, AlreadyDrawn, Notice, Refusal
from bot.domain.duplicate import ago
from bot.domain.job import JobState
from bot.domain.people import Platform, Visibility
from bot.policy.reading import read_policy

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def duplicate_days():
    """As it is delivered."""
    return 7


async def asked(shop, text="a fox", **where):
    """Ask for *text* as somebody, somewhere; give the reply."""
    return await shop.ask(Generate(origin=shop.origin(**where), text=text))


async def test_the_same_is_offered_and_not_drawn(shop):
    """Money is spent once."""
    [record] = await shop.drawn("a fox in a suit")

    offer = await asked(shop, "A  Fox in a SUIT --style auto")

    assert isinstance(offer, AlreadyDrawn)
    assert offer.record.id == record.id
    assert offer.text.startswith("Drawn a moment ago by you")
    assert offer.message is not None
    assert len(shop.images.requests) == 1
    [held] = await shop.stores.queue.jobs(state=JobState.HELD)
    assert held.id == offer.job_id


async def test_show_it_here_posts_the_kept_picture_for_nothing(shop):
    """One message, no call, no record."""
    [record] = await shop.drawn("a fox")
    offer = await asked(shop, channel="C2", user="bob")

    accepted = await shop.ask(
        ShowHere(origin=shop.origin(user="bob", channel="C2"), target=offer.job_id)
    )
    await shop.done(accepted)

    assert len(shop.images.requests) == 1
    assert await shop.stores.records.of_job(offer.job_id) == []
    shown = await shop.stores.records.messages_of(record.id)
    assert {message.channel_id for message in shown} == {"C1", "C2"}
    ends = [text for job, _, text in shop.sender.ends() if job == offer.job_id]
    assert ends == ["Done. It was drawn before: nothing was charged."]


async def test_draw_anew_draws(shop):
    """When that is what is wanted."""
    await shop.drawn("a fox")
    offer = await asked(shop)

    accepted = await shop.ask(DrawAnew(origin=shop.origin(), target=offer.job_id))
    records = await shop.done(accepted)

    assert len(records) == 1
    assert len(shop.images.requests) == 2


async def test_draw_anew_draws_by_the_rules_of_now(shop, rules):
    """Its press may come days after the offer."""
    await shop.drawn("a fox")
    offer = await asked(shop)
    text = '[content]\nsuffix = "in our style"'
    rules.replace(read_policy(text, read_model=str.upper))

    accepted = await shop.ask(DrawAnew(origin=shop.origin(), target=offer.job_id))
    await shop.done(accepted)

    assert shop.images.requests[-1].sent_prompt == "a fox, in our style"


@pytest.mark.parametrize("first", [ShowHere, DrawAnew])
@pytest.mark.parametrize("second", [ShowHere, DrawAnew])
async def test_the_first_press_decides(shop, first, second):
    """Pressed at once or one after the other."""
    await shop.drawn("a fox")
    offer = await asked(shop)
    presses = [
        each(origin=shop.origin(), target=offer.job_id) for each in (first, second)
    ]

    replies = await asyncio.gather(*map(shop.ask, presses))
    [job] = [job for job in await shop.stores.queue.jobs() if job.id == offer.job_id]
    chosen, other = (ShowHere, DrawAnew) if job.shows else (DrawAnew, ShowHere)
    late = [
        await shop.ask(each(origin=shop.origin(), target=offer.job_id))
        for each in (chosen, other)
    ]

    new = [reply for reply in replies if isinstance(reply, Accepted) and reply.is_new]
    assert len(new) == 1
    assert (first is second) == all(isinstance(reply, Accepted) for reply in replies)
    assert isinstance(late[0], Accepted)
    assert not late[0].is_new
    assert isinstance(late[1], Refusal)
    assert "answered already" in late[1].text
    await shop.done(offer)
    assert len(shop.images.requests) == (2 if chosen is DrawAnew else 1)


async def test_a_cancelled_offer_is_not_answered(shop):
    """Its buttons may still be on the screen."""
    await shop.drawn("a fox")
    offer = await asked(shop)
    await shop.ask(Cancel(origin=shop.origin(), target=offer.job_id))

    replies = [
        await shop.ask(each(origin=shop.origin(), target=offer.job_id))
        for each in (ShowHere, DrawAnew)
    ]

    assert all(isinstance(reply, Refusal) for reply in replies)
    assert len(shop.images.requests) == 1


async def test_a_link_never_leads_to_another_place(shop):
    """A picture of a public channel that was shown in a private one since."""
    await shop.drawn("a fox", origin=shop.origin(channel="C5"))
    hidden = {"user": "bob", "channel": "G9", "visibility": Visibility.MEMBERS}
    offer = await asked(shop, **hidden)
    there = await shop.ask(ShowHere(origin=shop.origin(**hidden), target=offer.job_id))
    await shop.done(there)

    told = [(await asked(shop, channel=each)).message for each in ("C1", "G9")]

    assert [message.channel_id for message in told] == ["C5", "G9"]


async def test_nobody_else_may_press(shop):
    """The note is private, its job's id is not a secret."""
    await shop.drawn("a fox")
    offer = await asked(shop)

    reply = await shop.ask(
        DrawAnew(origin=shop.origin(user="eve"), target=offer.job_id)
    )

    assert isinstance(reply, Refusal)
    assert len(shop.images.requests) == 1


@pytest.mark.parametrize(
    ("drawn_in", "asked_in"),
    [
        pytest.param({"workspace": "T1"}, {"workspace": "T2"}, id="workspace"),
        pytest.param({}, {"platform": Platform.DISCORD}, id="platform"),
        pytest.param(
            {"visibility": Visibility.MEMBERS, "channel": "G1"},
            {"user": "bob"},
            id="private channel",
        ),
        pytest.param(
            {"visibility": Visibility.MEMBERS, "channel": "G1"},
            {"channel": "C1"},
            id="one's own of a private channel",
        ),
        pytest.param(
            {"visibility": Visibility.OWNER, "channel": "D1"},
            {"channel": "C1"},
            id="one's own direct message",
        ),
    ],
)
async def test_nothing_leaves_a_place_that_others_may_not_see(shop, drawn_in, asked_in):
    """Not even that it exists."""
    await shop.drawn("a fox", origin=shop.origin(**drawn_in))

    reply = await asked(shop, **asked_in)

    assert isinstance(reply, Accepted)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a fox --ar 16:9", id="another shape"),
        pytest.param("a fox --seed 7", id="a seed that it was not drawn with"),
        pytest.param("a fox --magic off", id="another way to read the prompt"),
    ],
)
async def test_another_request_is_drawn(shop, text):
    """Only the same is the same."""
    await shop.drawn("a fox --seed 6")

    assert isinstance(await asked(shop, text), Accepted)


async def test_a_repeated_event_offers_once_and_finds_its_own_job(shop):
    """Slack's retries, also of the event that drew the picture."""
    first = shop.origin(event="first")
    await shop.drawn("a fox", origin=first)
    again = shop.origin(event="again")

    of_first = await shop.ask(Generate(origin=first, text="a fox"))
    offers = [await shop.ask(Generate(origin=again, text="a fox")) for _ in range(2)]

    assert isinstance(of_first, Accepted)
    assert not of_first.is_new
    assert [offer.is_new for offer in offers] == [True, False]


async def test_a_deleted_picture_is_not_shown(shop):
    """It can still be drawn anew."""
    [record] = await shop.drawn("a fox")
    offer = await asked(shop)
    await shop.stores.records.delete([record.id])

    shown = await shop.ask(ShowHere(origin=shop.origin(), target=offer.job_id))
    drawn = await shop.ask(DrawAnew(origin=shop.origin(), target=offer.job_id))

    assert isinstance(shown, Refusal)
    assert isinstance(drawn, Accepted)


async def test_a_held_job_is_in_nobodys_way(shop):
    """`cancel` means what is drawn; recovery leaves it; by its id it can be cancelled."""
    await shop.drawn("a fox")
    offer = await asked(shop)
    await shop.core.recovery.take_up()

    newest = await shop.ask(Cancel(origin=shop.origin()))
    named = await shop.ask(Cancel(origin=shop.origin(), target=offer.job_id))

    assert isinstance(newest, Refusal)
    assert isinstance(named, Notice)
    assert await shop.done(offer) == []
    job = await shop.stores.queue.find(offer.job_id)
    assert job.state is JobState.CANCELLED
    assert len(shop.images.requests) == 1


async def test_at_the_terminal_it_is_told_and_drawn(shop):
    """Who cannot be asked is told."""
    here = {"platform": Platform.TERMINAL, "workspace": "local"}
    [record] = await shop.drawn("a fox", origin=shop.origin(**here))

    again = await asked(shop, **here)

    assert again.text.startswith(
        f"The same was drawn a moment ago: record {record.id}; drawing it anew."
    )


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        pytest.param(timedelta(seconds=3), "a moment ago", id="seconds"),
        pytest.param(timedelta(minutes=1), "1 minute ago", id="a minute"),
        pytest.param(timedelta(hours=23), "23 hours ago", id="hours"),
        pytest.param(timedelta(days=2, hours=5), "2 days ago", id="days"),
    ],
)
def test_how_long_ago(wait, said):
    """In the largest unit that fits."""
    assert ago(NOON - wait, NOON) == said
