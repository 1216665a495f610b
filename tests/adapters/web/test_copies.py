"""Sized copies on the page: a message of their own, for those who may see the picture."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.web.view import entry_json
from bot.domain.copy import Copy
from bot.domain.request import ImageRequest
from tests.adapters.web.doubles import NoNotes, Site

FOX, OWL = "amber-fox-000001", "jade-owl-000002"


@pytest.fixture
def site(tmp_path) -> Site:
    return Site(tmp_path)


def make_copy(site, record, form="200x100:webp"):
    copy = Copy(
        record_id=record.id,
        format=form,
        stored_path=site.files.draw("small.png"),
        sha256="ab" * 32,
        size_bytes=2048,
        width=200,
        height=100,
        created_at=datetime(2026, 11, 20, tzinfo=UTC),
    )
    site.copies.kept.append(copy)
    return copy


async def post_copies(site, job):
    """Post a picture, then a copy of it."""
    await site.post(job)
    record = site.record(job)
    copy = make_copy(site, record)
    resize = replace(job, id="0000000000copies", resizes=(record.id,))
    await site.sender.post(
        resize, [replace(site.picture(record), copy=copy)], NoNotes()
    )
    return record


async def test_copies_are_a_message_of_their_own(site):
    """The picture's message stays as it is."""
    job = site.job(FOX)

    record = await post_copies(site, job)

    picture = site.channel.find(f"m-{job.id}")
    copies = site.channel.find("m-0000000000copies")
    assert picture.copies == ()
    [shown] = entry_json(1, copies)["pictures"]
    assert shown["url"] == f"/pictures/{record.id}/200x100%3Awebp"
    assert (shown["width"], shown["height"]) == (200, 100)
    assert shown["facts"] == ["200x100, PNG, 2 KiB"]


async def test_a_copy_is_streamed_under_its_own_name(site):
    job = site.job(FOX)
    record = await post_copies(site, job)
    site.records.add(record)

    async with site.visitor() as client:
        answer = await client.get(f"/pictures/{record.id}/200x100:webp")
        unknown = await client.get(f"/pictures/{record.id}/1x1")

    assert answer.status_code == 200
    assert "200x100" in answer.headers["content-disposition"]
    assert unknown.status_code == 404


async def test_private_copies_are_seen_by_their_person_alone(site):
    request = ImageRequest(prompt="a fox", model="V_2", seed=42, is_private=True)
    job = site.job(FOX, request=request)
    record = await post_copies(site, job)
    site.records.add(record)

    async with site.visitor() as client:
        answer = await client.get(f"/pictures/{record.id}/200x100:webp")

    assert answer.status_code == 404
    assert site.channel.find("m-0000000000copies").audience == FOX
