"""What every Records promises of pictures that may stand for a new request."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.people import Place, Platform, Visibility
from tests.contracts.values import ANN, BOB, NOON, make_record

HASH = "cd" * 32
PATH = f"2026/11/{'ab' * 32}.png"
PUBLIC, MEMBERS, OWNER = Visibility.WORKSPACE, Visibility.MEMBERS, Visibility.OWNER


def in_channel(channel, visibility):
    """Give a place of the one workspace."""
    return Place(
        platform=Platform.SLACK,
        workspace_id="T1",
        channel_id=channel,
        visibility=visibility,
    )


def kept(record_id="job0-1", **changes):
    """Give a record whose picture is kept."""
    job = record_id.partition("-")[0]
    return make_record(record_id, job_id=job, **{"stored_path": PATH} | changes)


async def same(stores, **asked):
    """Give the id of what is found for a person in a place."""
    wanted = {
        "since": NOON,
        "person": ANN,
        "place": in_channel("C1", PUBLIC),
    }
    found = await stores.records.find_same(HASH, **wanted | asked)
    return found and found.id


@pytest.mark.parametrize(
    ("drawn_in", "asked_in", "for_ann", "for_bob"),
    [
        pytest.param(("C1", PUBLIC), ("C1", PUBLIC), True, True, id="public, here"),
        pytest.param(("C1", PUBLIC), ("C2", PUBLIC), True, True, id="public, there"),
        pytest.param(("C1", PUBLIC), ("G1", MEMBERS), True, True, id="into private"),
        pytest.param(("C1", PUBLIC), ("D1", OWNER), True, True, id="into direct"),
        pytest.param(("G1", MEMBERS), ("G1", MEMBERS), True, True, id="private, here"),
        pytest.param(
            ("G1", MEMBERS), ("G2", MEMBERS), False, False, id="private, there"
        ),
        pytest.param(("G1", MEMBERS), ("C1", PUBLIC), False, False, id="out of it"),
        pytest.param(("G1", MEMBERS), ("D1", OWNER), True, False, id="to oneself"),
        pytest.param(("G1", MEMBERS), ("G1", OWNER), True, True, id="whispered there"),
        pytest.param(("D1", OWNER), ("D1", OWNER), True, False, id="direct"),
        pytest.param(("D1", OWNER), ("C1", PUBLIC), False, False, id="out of direct"),
        pytest.param(("C1", OWNER), ("C1", PUBLIC), False, False, id="whispered"),
        pytest.param(("D1", OWNER), ("G1", MEMBERS), False, False, id="into a group"),
    ],
)
async def test_it_is_found_where_all_may_see_it(
    stores, *, drawn_in, asked_in, for_ann, for_bob
):
    """Ann's picture, asked for by herself and by Bob."""
    await stores.keep(kept(place=in_channel(*drawn_in)))

    place = in_channel(*asked_in)
    found = [await same(stores, person=who, place=place) for who in (ANN, BOB)]

    assert found == ["job0-1" if each else None for each in (for_ann, for_bob)]


@pytest.mark.parametrize(
    "stranger",
    [
        pytest.param({"workspace_id": "T2"}, id="another workspace"),
        pytest.param({"platform": Platform.DISCORD}, id="another platform"),
    ],
)
async def test_strangers_find_nothing(stores, stranger):
    """Also with the same names."""
    await stores.keep(kept())
    person = replace(ANN, **stranger)
    place = replace(in_channel("C1", PUBLIC), **stranger)

    assert await same(stores, person=person, place=place) is None


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"prompt_hash": "ef" * 32}, id="another request"),
        pytest.param({"is_safe": False, "stored_path": None}, id="withheld"),
        pytest.param({"is_safe": False}, id="unsafe but kept"),
        pytest.param({"stored_path": None}, id="without a file"),
        pytest.param({"created_at": NOON - timedelta(seconds=1)}, id="too old"),
    ],
)
async def test_what_cannot_be_shown_is_not_found(stores, changes):
    """An offer is a promise."""
    await stores.keep(kept(**changes))

    assert await same(stores) is None


async def test_the_window_includes_its_beginning(stores):
    """Seven days are seven days."""
    await stores.keep(kept(created_at=NOON))

    assert await same(stores, since=NOON) == "job0-1"


async def test_a_seed_that_was_typed_counts(stores):
    """One that the bot chose does not."""
    await stores.keep(kept(seed=42))

    assert await same(stores, seed=7) is None
    assert await same(stores, seed=42) == "job0-1"
    assert await same(stores) == "job0-1"


async def test_the_newest_that_may_be_shown_is_found(stores):
    """What others hide is passed over."""
    await stores.keep(
        kept("a-1"),
        kept("b-1"),
        kept("c-1", place=in_channel("G1", MEMBERS), person=BOB),
        kept("d-1", stored_path=None),
    )

    assert await same(stores) == "b-1"
    await stores.records.delete(["b-1"])
    assert await same(stores) == "a-1"


async def test_identical_bytes_are_one_file_of_two_records(stores):
    """Counted for each record; the file goes with the last of them."""
    await stores.keep(kept("a-1"), kept("b-1", person=BOB))

    report = await stores.records.report()
    uses = await stores.records.uses([PATH])
    first = await stores.records.delete(["a-1"])
    left = await stores.records.report()
    last = await stores.records.delete(["b-1"])

    assert (report.total.images, report.total.size_bytes) == (2, 3_000_000)
    assert uses == {PATH: 2}
    assert (first, last) == ([], [PATH])
    assert (left.total.images, left.total.size_bytes) == (1, 1_500_000)
