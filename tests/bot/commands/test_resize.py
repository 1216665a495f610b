"""Sized copies asked for later, from the form of More or by a command."""

import io

import pytest
from PIL import Image

from bot.chat.commands import Change, Edit, Resize
from bot.chat.replies import Accepted, Refusal
from bot.domain.people import Platform, Visibility


def picture():
    out = io.BytesIO()
    Image.effect_noise((256, 256), 60).convert("RGB").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
async def record(shop):
    shop.images.picture = picture()
    [record] = await shop.drawn("a fox")
    return record


async def test_copies_asked_for_in_the_form_are_made(shop, record):
    """In the thread of the picture; what else the form says is done as well."""
    change = Change(
        origin=shop.origin(),
        target=record.id,
        is_pinned=True,
        formats="200x100, 100x100:webp",
    )

    reply = await shop.ask(change)
    await shop.done(reply)

    assert isinstance(reply, Accepted)
    assert reply.text.startswith("Saved. The picture is pinned: it stays.")
    assert reply.text.endswith("Making 200x100, 100x100:webp; nothing is charged.")
    job = await shop.stores.queue.find(reply.job_id)
    assert (job.place.thread_id, len(shop.images.requests)) == ("1", 1)
    assert len(shop.sender.posts[1][1]) == 2
    copies = await shop.stores.copies.of_records([record.id])
    assert [copy.format for copy in copies] == ["200x100", "100x100:webp"]


async def test_a_wrong_format_changes_nothing(shop, record):
    change = Change(
        origin=shop.origin(), target=record.id, is_pinned=True, formats="instagran"
    )

    reply = await shop.ask(change)

    assert isinstance(reply, Refusal)
    assert "Did you mean instagram?" in reply.text
    assert not (await shop.stores.records.get(record.id)).is_pinned


async def test_a_form_sent_twice_makes_one_job(shop, record):
    """Slack repeats what was not acknowledged in time."""
    change = Change(
        origin=shop.origin(event="form"), target=record.id, formats="100x100"
    )

    first, second = await shop.ask(change), await shop.ask(change)
    await shop.done(first)

    assert (first.is_new, second.is_new) == (True, False)
    assert first.job_id == second.job_id
    assert len(shop.sender.posts) == 2


async def test_a_command_makes_copies_by_the_beginning_of_an_id(shop, record):
    command = Resize(origin=shop.origin(), target=record.id[:8], formats="100x100")

    reply = await shop.ask(command)
    await shop.done(reply)

    assert len(shop.sender.posts) == 2


@pytest.mark.parametrize(
    ("formats", "says"),
    [
        pytest.param("", "Which sizes?", id="none"),
        pytest.param("0x5", "1 to 8192", id="no size"),
    ],
)
async def test_what_is_no_format_is_told(shop, record, formats, says):
    command = Resize(origin=shop.origin(), target=record.id, formats=formats)

    reply = await shop.ask(command)

    assert says in reply.text


async def test_a_picture_of_a_strange_channel_is_not_found(shop, record):
    command = Resize(
        origin=shop.origin(user="bob", workspace="T2"),
        target=record.id,
        formats="100x100",
    )

    assert "There is no picture" in (await shop.ask(command)).text


async def test_copies_asked_for_elsewhere_are_posted_there(shop, record):
    """The picture is not shown in that channel, so there is no thread."""
    command = Resize(
        origin=shop.origin(channel="C2"), target=record.id, formats="100x100"
    )

    reply = await shop.ask(command)

    job = await shop.stores.queue.find(reply.job_id)
    assert (job.place.channel_id, job.place.thread_id) == ("C2", None)


async def test_copies_of_a_private_picture_are_private(shop):
    shop.images.picture = picture()
    [record] = await shop.drawn("a fox --private")
    command = Resize(origin=shop.origin(), target=record.id, formats="100x100")

    reply = await shop.ask(command)

    job = await shop.stores.queue.find(reply.job_id)
    assert job.request.is_private
    assert job.place.visibility is Visibility.OWNER


async def test_the_form_of_edit_keeps_the_formats(shop):
    """They were typed, so they are shown."""
    shop.images.picture = picture()
    [record] = await shop.drawn("a fox --format 100x100")

    form = await shop.ask(Edit(origin=shop.origin(), target=record.id))

    assert "--format 100x100" in form.flags


async def test_the_terminal_sees_every_picture(shop, record):
    """At the terminal sits the operator."""
    origin = shop.origin(platform=Platform.TERMINAL, workspace="local")
    command = Resize(origin=origin, target=record.id, formats="100x100")

    assert isinstance(await shop.ask(command), Accepted)
