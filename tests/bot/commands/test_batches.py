"""A batch from its lines to the person's yes."""

import pytest

from bot.chat.actions import BatchAction
from bot.chat.commands import Cancel, DecideBatch, SubmitBatch
from bot.chat.replies import BatchOffer, Notice, Refusal
from bot.domain.batch import BatchState
from tests.fakes.waiting import until

LINES = b"a fox --seed 1\n\na hare --n 2\n"


async def submitted(shop, content=LINES, *, origin=None, **more):
    origin = origin or shop.origin()
    return await shop.ask(SubmitBatch(origin=origin, content=content, **more))


async def decided(shop, offer, action, *, origin=None):
    origin = origin or shop.origin()
    return await shop.ask(
        DecideBatch(origin=origin, batch_id=offer.batch_id, action=action)
    )


async def over(shop, offer):
    async def is_over():
        batch = await shop.stores.batches.find(offer.batch_id)
        return batch.state.is_final and not await shop.stores.batches.unfinished()

    await until(is_over)
    return await shop.stores.batches.tally(offer.batch_id)


async def test_lines_and_price_come_first(shop):
    """Nothing is drawn before the person says yes."""
    offer = await submitted(shop, file_name="Spring 2026.txt")

    assert isinstance(offer, BatchOffer)
    assert offer.text == (
        "Batch Spring 2026: 2 lines, 3 pictures, $0.24. "
        "Nothing is drawn before you press Start."
    )
    assert shop.images.requests == []


async def test_a_started_batch_is_drawn(shop):
    offer = await submitted(shop, flags="--campaign spring --model v2-turbo")

    reply = await decided(shop, offer, BatchAction.START)
    tally = await over(shop, offer)

    assert reply == Notice(text="Started: 2 lines.")
    assert (tally.done, tally.pictures) == (2, 3)
    assert {r.model for r in shop.images.requests} == {"V_2_TURBO"}
    assert {r.tags for r in shop.images.requests} == {("spring",)}


async def test_every_wrong_line_is_named_and_nothing_is_queued(shop):
    refusal = await submitted(shop, b"a fox\na hare --sed 1\nan owl --ar 7:1\n")

    assert isinstance(refusal, Refusal)
    assert "Line 2: " in refusal.text
    assert "Did you mean --seed?" in refusal.text
    assert "Line 3: " in refusal.text
    assert refusal.text.count("Nothing was drawn.") == 1
    assert await shop.stores.queue.jobs() == []


async def test_a_thousand_wrong_lines_are_told_in_one_message(shop):
    refusal = await submitted(shop, b"a --sed 1\n" * 1000)

    assert "And 980 more lines are wrong." in refusal.text


@pytest.mark.parametrize(
    ("content", "flags", "says"),
    [
        (b"a fox", "--dely 5s", "--dely"),
        (b"a fox", "--delay soon", "write 5s"),
        (b"a fox", "--delay 5s --delay 6s", "twice"),
        (b"a fox", "--campaign a,b", "one name"),
        (b"a fox", "a hare", "is no flag"),
        (b"a fox --private", "", "leave --private out"),
        (b"", "", "no line"),
        (b"a fox", "--callback-url https://example.com/", "not open to you"),
    ],
)
async def test_what_is_wrong_about_the_whole_is_said(shop, content, flags, says):
    refusal = await submitted(shop, content, flags=flags)

    assert isinstance(refusal, Refusal)
    assert says in refusal.text


async def test_the_same_event_is_one_batch(shop):
    """A platform repeats what it thinks was lost."""
    origin = shop.origin(event="upload 1")

    first = await submitted(shop, origin=origin)
    again = await submitted(shop, origin=origin)

    assert (first.is_new, again.is_new) == (True, False)
    assert first.batch_id == again.batch_id


async def test_a_batch_is_started_once(shop):
    offer = await submitted(shop)

    await decided(shop, offer, BatchAction.START)
    again = await decided(shop, offer, BatchAction.START)
    await over(shop, offer)

    assert "Nothing was changed" in again.text
    assert len(shop.images.requests) == 2


@pytest.mark.parametrize("action", BatchAction)
async def test_only_its_person_decides(shop, action):
    offer = await submitted(shop)

    reply = await decided(shop, offer, action, origin=shop.origin(user="bob"))

    assert isinstance(reply, Refusal)
    assert (await shop.stores.batches.find(offer.batch_id)).state is BatchState.HELD


async def test_a_batch_that_never_began_is_cancelled_silently(shop):
    offer = await submitted(shop)

    reply = await decided(shop, offer, BatchAction.CANCEL)
    tally = await over(shop, offer)

    assert reply.text.startswith("Cancelled")
    assert (tally.cancelled, shop.images.requests) == (2, [])


async def test_cancel_takes_a_batchs_id(shop):
    offer = await submitted(shop)

    reply = await shop.ask(Cancel(origin=shop.origin(), target=offer.batch_id[:8]))

    assert reply.text.startswith("Cancelled")
    assert (await shop.stores.batches.find(offer.batch_id)).state.is_final
