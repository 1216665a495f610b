"""Kept pictures over HTTP."""

import pytest

from bot.domain.request import ImageRequest
from tests.adapters.web.doubles import Site, state

PRIVATE = ImageRequest(prompt="a fox", model="V_2", seed=42, is_private=True)


@pytest.fixture
def site(tmp_path) -> Site:
    return Site(tmp_path)


async def test_bytes_are_those_on_disk(site):
    record = site.record(site.job("amber-fox-000001"))
    async with site.visitor() as client:
        answer = await client.get(f"/pictures/{record.id}")

    assert answer.status_code == 200
    assert answer.content == (site.folder / record.stored_path).read_bytes()
    assert answer.headers["content-type"] == "image/png"
    assert "private" in answer.headers["cache-control"]
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-disposition"] == (
        'inline; filename="a-fox-seed42.png"'
    )
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_private_picture_is_for_its_person(site):
    async with site.visitor() as fox, site.visitor() as owl:
        me = (await state(fox))["you"]["id"]
        record = site.record(site.job(me, request=PRIVATE))
        address = f"/pictures/{record.id}"

        assert (await fox.get(address)).status_code == 200
        assert (await owl.get(address)).status_code == 404


@pytest.mark.parametrize(
    ("stored", "content"),
    [
        pytest.param(None, None, id="never kept"),
        pytest.param("gone.png", None, id="file is gone"),
        pytest.param("page.png", b"<script>alert(1)</script>", id="no picture"),
    ],
)
async def test_what_is_no_kept_picture_is_not_found(site, stored, content):
    if content:
        (site.folder / stored).write_bytes(content)
    record = site.record(site.job("amber-fox-000001"), stored_path=stored)
    async with site.visitor() as client:
        assert (await client.get(f"/pictures/{record.id}")).status_code == 404


async def test_an_unknown_picture_is_not_found(site):
    async with site.visitor() as client:
        assert (await client.get("/pictures/none-1")).status_code == 404
        assert (await client.get("/pictures/..%2F..%2Fetc%2Fpasswd")).status_code == 404
