"""Commands that draw nothing."""

from dataclasses import replace

import pytest

from bot.chat.commands import (
    Cancel,
    Change,
    Edit,
    Find,
    Generate,
    Help,
    History,
    MessageRef,
    More,
    Reproduce,
    Show,
    Stats,
    WithheldReply,
)
from bot.chat.replies import EditForm, MoreForm, Nothing, Notice, RecordList, Refusal
from bot.domain.people import Visibility
from tests.fakes.waiting import until


async def test_history_is_ones_own_a_page_at_a_time(shop):
    """Newest first, by key."""
    for number in range(12):
        await shop.drawn(f"fox {number}")
    await shop.drawn("bob's", origin=shop.origin(user="bob"))

    first = await shop.ask(History(origin=shop.origin()))
    rest = await shop.ask(History(origin=shop.origin(), cursor=first.cursor))

    assert [r.prompt for r in first.records] == [f"fox {n}" for n in range(11, 1, -1)]
    assert [r.prompt for r in rest.records] == ["fox 1", "fox 0"]
    assert rest.cursor is None


async def test_search_finds_what_the_person_may_see(shop):
    """By words, tags and seeds; nothing of another private channel."""
    await shop.drawn("a red Fox --tags campaign --seed 1")
    await shop.drawn("a blue fox --seed 2")
    await shop.drawn(
        "a secret fox",
        origin=shop.origin(user="bob", channel="G", visibility=Visibility.MEMBERS),
    )

    async def found(text):
        reply = await shop.ask(Find(origin=shop.origin(), text=text))
        return [record.prompt for record in reply.records]

    assert await found("FOX") == ["a blue fox", "a red Fox"]
    assert await found("fox --tag campaign") == ["a red Fox"]
    assert await found("--seed 2") == ["a blue fox"]


async def test_search_for_nothing_says_how(shop):
    """An empty search is no list of everything."""
    assert isinstance(await shop.ask(Find(origin=shop.origin(), text=" ")), Refusal)


async def test_show_gives_the_command_that_asks_for_it(shop):
    """So that it can be copied and changed."""
    [record] = await shop.drawn("a fox --ar 16:9 --seed 7")

    reply = await shop.ask(Show(origin=shop.origin(user="bob"), target=record.id))

    typed = dict(reply.lines)["To type"]
    assert typed.startswith("/imagine a fox")
    assert "--ar 16:9" in typed
    assert "--seed 7" in typed


async def test_show_does_not_tell_of_what_one_may_not_see(shop):
    """The same words as for what does not exist."""
    private = shop.origin(visibility=Visibility.MEMBERS)
    [record] = await shop.drawn("a secret", origin=private)
    stranger = shop.origin(user="bob", channel="C2")

    hidden = await shop.ask(Show(origin=stranger, target=record.id))
    missing = await shop.ask(Show(origin=stranger, target="0000"))

    assert isinstance(hidden, Refusal)
    assert hidden.text.replace(record.id, "0000") == missing.text


async def test_edit_fills_in_what_was_typed(shop):
    """Sending the form unchanged asks for the very same."""
    [record] = await shop.drawn("a fox --ar 16:9 --seed 7 --no text")

    form = await shop.ask(Edit(origin=shop.origin(), target=record.id))
    again = await shop.ask(
        Generate(origin=shop.origin(), text=f"{form.prompt} {form.flags}")
    )
    await shop.done(again)

    assert isinstance(form, EditForm)
    before, after = shop.images.requests
    assert replace(before, style_type="AUTO") == after  # what None means


async def test_more_pins_tags_and_deletes(shop):
    """Deleting is for the one who asked for it."""
    [record] = await shop.drawn("a fox")

    form = await shop.ask(More(origin=shop.origin(user="bob"), target=record.id))
    await shop.ask(
        Change(origin=shop.origin(), target=record.id, is_pinned=True, tags="A, b")
    )
    changed = await shop.stores.records.get(record.id)
    theirs = await shop.ask(
        Change(origin=shop.origin(user="bob"), target=record.id, is_deleted=True)
    )
    file = shop.stores.files.local_path(record.stored_path)
    existed = file.exists()
    own = await shop.ask(
        Change(origin=shop.origin(), target=record.id, is_deleted=True)
    )

    assert isinstance(form, MoreForm)
    assert not form.can_delete
    assert (changed.is_pinned, changed.tags) == (True, ("a", "b"))
    assert isinstance(theirs, Refusal)
    assert isinstance(own, Notice)
    assert "The message that shows the picture goes too." in own.text
    assert (existed, file.exists()) == (True, False)
    assert await shop.stores.records.get(record.id) is None
    [message] = await shop.stores.take_backs.due(record.created_at)
    assert message.notes == {"state": "sending"}


async def test_a_message_with_other_pictures_stays(shop):
    """Deleting one of two takes nothing away that somebody still wants."""
    [first, _] = await shop.drawn("a fox --n 2")

    own = await shop.ask(Change(origin=shop.origin(), target=first.id, is_deleted=True))

    assert own.text.endswith("delete it there.")
    assert await shop.stores.take_backs.due(first.created_at) == []


async def test_pinning_leaves_untouched_tags_alone(shop):
    """Also one more than may be typed: `reproduced` comes on top of twenty."""
    many = ",".join(f"t{number}" for number in range(20))
    [parent] = await shop.drawn(f"a fox --tags {many}")
    again = await shop.ask(Reproduce(origin=shop.origin(), target=parent.id))
    [record] = await shop.done(again)
    form = await shop.ask(More(origin=shop.origin(), target=record.id))

    saved = await shop.ask(
        Change(origin=shop.origin(), target=record.id, is_pinned=True, tags=form.tags)
    )

    assert isinstance(saved, Notice)
    assert len((await shop.stores.records.get(record.id)).tags) == 21


async def test_cancel_takes_the_newest_unfinished_job(shop):
    """Of the person who asks, and of no one else."""
    shop.images.gate.clear()
    accepted = await shop.ask(Generate(origin=shop.origin(), text="a fox"))
    await until(lambda: shop.images.requests)

    nobodys = await shop.ask(Cancel(origin=shop.origin(user="bob")))
    foreign = await shop.ask(
        Cancel(origin=shop.origin(user="bob"), target=accepted.job_id)
    )
    own = await shop.ask(Cancel(origin=shop.origin(), target=accepted.job_id[:6]))
    shop.images.gate.set()
    await shop.done(accepted)
    late = await shop.ask(Cancel(origin=shop.origin(), target=accepted.job_id))

    assert isinstance(nobodys, Refusal)
    assert isinstance(foreign, Refusal)
    assert isinstance(own, Notice)
    assert shop.sender.posts == []
    assert "cancelled" in late.text


async def test_the_hint_for_withheld_text_comes_once(shop):
    """For each person and picture."""
    await shop.drawn("a fox")
    ref = MessageRef(channel_id="C1", message_id="1")

    def withheld(user):
        return WithheldReply(origin=shop.origin(user=user), target=ref)

    replies = [await shop.ask(withheld(user)) for user in ("ann", "ann", "bob")]

    assert [type(reply) for reply in replies] == [Notice, Nothing, Notice]


@pytest.mark.parametrize("words", ["--ar", "--seed", "/imagine search", "same"])
async def test_help_names_everything(shop, words):
    """From the same tables that read what is typed."""
    assert words in (await shop.ask(Help(origin=shop.origin()))).text


async def test_stats_are_ones_own_and_the_workspaces(shop):
    """In dollars."""
    await shop.drawn("a fox --n 2")
    await shop.drawn("a fox", origin=shop.origin(user="bob"))

    text = (await shop.ask(Stats(origin=shop.origin()))).text

    assert "You: 2 pictures, $0.16." in text
    assert "Everyone here: 3 pictures, $0.24." in text


async def test_an_empty_history_says_so(shop):
    """An empty page is a page."""
    reply = await shop.ask(History(origin=shop.origin()))

    assert isinstance(reply, RecordList)
    assert reply.records == ()
    assert reply.title.startswith("You have no pictures yet.")


async def test_a_search_in_vain_says_so(shop):
    """A heading with nothing below it looks like a fault."""
    reply = await shop.ask(Find(origin=shop.origin(), text="zebra"))

    assert reply == RecordList(title="No picture matches “zebra”.", records=())
