"""The channel as it was before the program was started again."""

import pytest

from adapters.web.entries import REPLY_TO, TYPED
from bot.domain.job import Lineage
from bot.domain.request import ImageRequest
from tests.adapters.web.doubles import Site, entries, state

FOX, OWL = "amber-fox-000001", "jade-owl-000002"
PRIVATE = ImageRequest(prompt="a fox", model="V_2", seed=42, is_private=True)


@pytest.fixture
def site(tmp_path) -> Site:
    return Site(tmp_path)


async def test_posts_are_there_as_they_were(site):
    first = await site.post(site.job(FOX))
    changes = ("seed 42 to 7",)
    job = site.job(
        OWL,
        return_address={TYPED: "again --seed 7", REPLY_TO: first},
        lineage=Lineage(parent_id="p-1", typed_prompt="a fox", changes=changes),
    )
    await site.post(job, site.record(job, 0), site.record(job, 1))
    async with site.visitor() as client:
        before = {e["id"]: e for e in await entries(client)}

    async with site.again("run2").visitor() as client:
        after = {e["id"]: e for e in await entries(client)}

    for entry in (*before.values(), *after.values()):
        del entry["rev"]
    assert after == before


async def test_what_was_kept_and_never_posted_is_not_shown(site):
    """A cancelled job's picture has a record, but was no message."""
    site.record(site.job(FOX))

    async with site.again("run2").visitor() as client:
        assert await entries(client) == []


async def test_private_posts_stay_private(site):
    async with site.visitor() as fox:
        me = (await state(fox))["you"]["id"]
        await site.post(site.job(me, request=PRIVATE))
        again = site.again("run2")
        async with again.visitor() as owl:
            assert await entries(owl) == []
        async with again.visitor() as same:
            same.cookies = fox.cookies
            assert [e["kind"] for e in await entries(same)] == ["ask", "post"]


async def test_a_job_that_is_gone_leaves_its_post(site):
    """Pictures outlive the jobs that drew them."""
    await site.post(site.job(FOX))
    site.core.jobs.clear()

    async with site.again("run2").visitor() as client:
        assert [e["kind"] for e in await entries(client)] == ["post"]


async def test_earlier_posts_come_page_by_page(site):
    posted = [await site.post(site.job(FOX, typed="")) for _ in range(70)]

    found = []
    async with site.again("run2").visitor() as client:
        page = await state(client)
        while True:
            found += [e["id"] for e in page["entries"]]
            if page["earlier"] is None:
                break
            answer = await client.get(
                "/api/earlier", params={"cursor": page["earlier"]}
            )
            page = answer.json()

    assert sorted(found) == sorted(posted)


async def test_earlier_than_a_record_that_is_gone_is_said(site):
    async with site.visitor() as client:
        answer = await client.get("/api/earlier", params={"cursor": "gone-1"})

    assert answer.status_code == 404
    assert "There is no record gone-1" in answer.text
