"""A picture that was drawn before, offered on the page and shown again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.chat.commands import DrawAnew, Generate, ShowHere
from bot.chat.replies import Accepted, AlreadyDrawn
from bot.domain.people import Visibility
from bot.domain.request import ImageRequest
from tests.adapters.web.doubles import PLACE, Site, entries, send, state

FOX, OWL = "amber-fox-000001", "jade-owl-000002"
JOB = "k3v9w2m1q8zt4c7d"
PRIVATE = ImageRequest(prompt="a fox", model="V_2", seed=42, is_private=True)


@pytest.fixture
def site(tmp_path) -> Site:
    return Site(tmp_path)


def offer(site):
    """Let the core offer a kept picture to whoever asks."""
    record = site.record(site.job(OWL))
    reply = AlreadyDrawn(job_id=JOB, record=record, text="Drawn before.")
    site.core.script[Generate] = lambda _command: reply
    return record


async def notes(client):
    return [e for e in await entries(client) if e["kind"] == "note"]


async def test_the_offer_has_picture_and_buttons(site):
    """Seen by the one who asked alone."""
    record = offer(site)
    async with site.visitor() as client, site.visitor() as other:
        await send(client, kind="say", text="/imagine a fox")

        [note] = await notes(client)

        shown = note["note"]
        assert shown["kind"] == "offer"
        assert shown["picture"]["id"] == record.id
        assert [(b["action"], b["label"]) for b in shown["buttons"]] == [
            ("show_here", "Show it here"),
            ("draw_anew", "Draw anew"),
        ]
        assert await entries(other) == []


@pytest.mark.parametrize(
    ("action", "kind"), [("show_here", ShowHere), ("draw_anew", DrawAnew)]
)
async def test_a_press_takes_the_offers_place(site, action, kind):
    """One note, which goes on telling of the job."""
    offer(site)
    site.core.script[kind] = lambda c: Accepted(job_id=c.target, text="Going on.")
    async with site.visitor() as client:
        await send(client, kind="say", text="/imagine a fox")
        await send(client, kind="decide", action=action, job=JOB)

        [note] = await notes(client)

        assert (note["note"]["kind"], note["note"]["text"]) == ("job", "Going on.")


async def test_what_was_shown_again_is_there_after_a_restart(site):
    """Both messages, each for who asked, in the order of their times."""
    first = site.job(FOX)
    await site.post(first)
    [record] = site.records.rows.values()
    later = first.created_at + timedelta(hours=1)
    again = site.job(OWL, shows=(record.id,), created_at=later)
    await site.post(again, record)
    async with site.visitor() as client:
        before = {e["id"]: e for e in await entries(client)}

    async with site.again("run2").visitor() as client:
        after = {e["id"]: e for e in await entries(client)}

    for entry in (*before.values(), *after.values()):
        del entry["rev"]
    assert after == before
    posts = [entry for entry in after.values() if entry["kind"] == "post"]
    assert {post["by"]["id"] for post in posts} == {FOX, OWL}
    assert len({post["id"] for post in posts}) == 2


async def test_what_was_shown_to_one_person_stays_theirs(site):
    """A public picture, shown again in private."""
    first = site.job(FOX)
    await site.post(first)
    [record] = site.records.rows.values()
    async with site.visitor() as client:
        me = (await state(client))["you"]["id"]
        place = replace(PLACE, visibility=Visibility.OWNER)
        again = site.job(me, shows=(record.id,), request=PRIVATE, place=place)
        await site.post(again, record)
        restarted = site.again("run2")

        async with restarted.visitor() as other:
            seen = [e["id"] for e in await entries(other) if e["kind"] == "post"]
        async with restarted.visitor() as same:
            same.cookies = client.cookies
            own_posts = [e for e in await entries(same) if e["kind"] == "post"]

    assert seen == [f"m-{first.id}"]
    assert len(own_posts) == 2


async def test_shown_again_by_a_job_that_is_gone(site):
    """The picture stands where it was drawn; nothing is shown twice under one name."""
    first = site.job(FOX)
    await site.post(first)
    [record] = site.records.rows.values()
    again = site.job(OWL, shows=(record.id,))
    await site.post(again, record)
    del site.core.jobs[again.id]

    async with site.again("run2").visitor() as client:
        posts = [e["id"] for e in await entries(client) if e["kind"] == "post"]

    assert posts == [f"m-{first.id}"]
