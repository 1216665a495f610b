"""What every Records promises."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest

from bot.domain.job import Step
from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.record import PostedMessage, Report, Search, Totals
from bot.errors import NotFound
from tests.contracts.values import ANN, BOB, GENERAL, NOON, make_record


async def found(stores, **search):
    return [record.id for record in await stores.records.search(Search(**search))]


# --- looking up -------------------------------------------------------------


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(make_record(), id="all filled in"),
        pytest.param(
            make_record(
                expanded_prompt=None,
                negative_prompt=None,
                aspect_ratio=None,
                original_url=None,
                stored_path=None,
                size_bytes=None,
                tags=(),
                parent_id=None,
                sha256=None,
                color_palette=None,
                is_safe=False,
                cost_usd=Decimal("0.033"),
            ),
            id="an unsafe picture",
        ),
        pytest.param(
            make_record(
                prompt="Füchse 🦊 'in' \"suits\"\n; DROP TABLE", tags=("ä, b",)
            ),
            id="unusual letters",
        ),
    ],
)
async def test_a_record_comes_back_as_it_was_written(open_stores, record):
    """Every picture can be drawn again from its record alone."""
    async with open_stores() as stores:
        await stores.keep(record)

    async with open_stores() as stores:
        assert await stores.records.get(record.id) == record


async def test_half_a_character_does_not_cost_the_picture(stores):
    """A chat may cut an emoji in two; the paid picture is kept all the same."""
    await stores.keep(make_record(prompt="a fox \ud83e", tags=("\ud83e",)))

    record = await stores.records.get("job0-1")

    assert record is not None
    assert record.prompt == "a fox ?"
    assert await found(stores, words="fox") == ["job0-1"]


async def test_an_unknown_record_is_none(stores):
    assert await stores.records.get("nothing") is None


async def test_match_gives_records_by_a_beginning(stores):
    for record_id in ("abc-1", "abd-1", "abc-2"):
        await stores.keep(make_record(record_id))

    matches = await stores.records.match("abc")

    assert [record.id for record in matches] == ["abc-2", "abc-1"]
    assert await stores.records.match("%") == []


async def test_match_is_bounded(stores):
    for number in range(12):
        await stores.keep(make_record(f"job0-{number}"))

    assert len(await stores.records.match("job0")) == 10


async def test_of_job_gives_its_records_in_their_order(stores):
    await stores.keep(
        make_record("b-1", job_id="b"),
        make_record("job0-1"),
        make_record("job0-2"),
    )

    records = await stores.records.of_job("job0")

    assert [record.id for record in records] == ["job0-1", "job0-2"]


async def test_all_gives_every_record_oldest_first(stores):
    await stores.keep(*(make_record(f"job0-{number}") for number in range(20)))

    records = [record async for record in stores.records.all()]

    assert [record.id for record in records] == [f"job0-{n}" for n in range(20)]


# --- searching --------------------------------------------------------------


@pytest.fixture
async def three(stores):
    """Three records that differ."""
    await stores.keep(
        make_record("a-1", prompt="A Red FOX", expanded_prompt=None, tags=("x",)),
        make_record(
            "b-1",
            prompt="ein Füchschen, 100%_Öl",
            expanded_prompt='A small fox "in oil"',
            tags=("x", "y"),
            seed=7,
            created_at=NOON + timedelta(days=1),
        ),
        make_record(
            "c-1",
            prompt="naïve-art map",
            expanded_prompt=None,
            tags=(),
            model="V_3",
            person=BOB,
            created_at=NOON + timedelta(days=2),
        ),
    )
    return stores


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(None, ["c-1", "b-1", "a-1"], id="everything"),
        pytest.param("  ", ["c-1", "b-1", "a-1"], id="only spaces"),
        pytest.param("fox", ["b-1", "a-1"], id="prompt and expanded prompt"),
        pytest.param("red fox", ["a-1"], id="all words"),
        pytest.param("fox red", ["a-1"], id="in any order"),
        pytest.param("chsch", ["b-1"], id="part of a word"),
        pytest.param("FÜCHSCHEN", ["b-1"], id="upper case beyond ASCII"),
        pytest.param("öl", ["b-1"], id="two letters"),
        pytest.param("Ö", ["b-1"], id="one letter"),
        pytest.param("fox öl", ["b-1"], id="long and short"),
        pytest.param("red öl", [], id="each word must occur"),
        pytest.param("100%_ö", ["b-1"], id="signs of LIKE are letters"),
        pytest.param("%", ["b-1"], id="a single sign"),
        pytest.param("f%x", [], id="no wildcard"),
        pytest.param("f*x", [], id="no wildcard of GLOB"),
        pytest.param("fox*", [], id="no operator"),
        pytest.param('"in', ["b-1"], id="a quote"),
        pytest.param('""', [], id="two quotes"),
        pytest.param("naïve-art", ["c-1"], id="a hyphen"),
        pytest.param("fox OR map", [], id="OR is a word"),
        pytest.param("NOT map", [], id="NOT is a word"),
        pytest.param("text:map", [], id="no column"),
        pytest.param("');--", [], id="no SQL"),
        pytest.param("fox\0red", ["a-1"], id="a zero byte divides"),
    ],
)
async def test_words_are_looked_for_literally(three, words, expected):
    assert await found(three, words=words) == expected


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        pytest.param({"tags": ("x",)}, ["b-1", "a-1"], id="one tag"),
        pytest.param({"tags": ("y", "x")}, ["b-1"], id="all tags"),
        pytest.param({"tags": ("x", "z")}, [], id="a tag nobody has"),
        pytest.param({"tags": ("x",), "words": "red"}, ["a-1"], id="tag and word"),
        pytest.param({"tags": ("x",), "words": "öl"}, ["b-1"], id="tag, short word"),
        pytest.param({"seed": 7}, ["b-1"], id="seed"),
        pytest.param({"seed": 0}, [], id="seed zero is a seed"),
        pytest.param({"model": "V_3"}, ["c-1"], id="model"),
        pytest.param({"user_id": "U2"}, ["c-1"], id="user"),
        pytest.param({"channel_id": "C1"}, ["c-1", "b-1", "a-1"], id="channel"),
        pytest.param({"channel_id": "C9"}, [], id="a channel without pictures"),
        pytest.param(
            {"channel_id": "C1", "words": "fox", "tags": ("y",), "model": "V_2"},
            ["b-1"],
            id="channel, word, tag and model",
        ),
        pytest.param({"since": NOON + timedelta(days=1)}, ["c-1", "b-1"], id="since"),
        pytest.param({"until": NOON + timedelta(days=1)}, ["a-1"], id="until"),
        pytest.param({"limit": 1}, ["c-1"], id="limit"),
        pytest.param({"words": "fox", "seed": 7, "user_id": "U1"}, ["b-1"], id="many"),
    ],
)
async def test_all_that_is_asked_must_hold(three, search, expected):
    assert await found(three, **search) == expected


async def test_a_channel_is_told_from_others(stores):
    elsewhere = replace(GENERAL, channel_id="C2")
    await stores.keep(make_record("a-1"), make_record("b-1", place=elsewhere))

    assert await found(stores, channel_id="C2") == ["b-1"]
    assert await found(stores, channel_id="C2", words="fox", seed=42) == ["b-1"]


@pytest.mark.parametrize("search", [{}, {"words": "fox"}, {"tags": ("fox",)}])
async def test_pages_follow_the_cursor(stores, search):
    """New records and deleted ones neither repeat nor hide any."""
    await stores.keep(*(make_record(f"job0-{number}") for number in range(5)))
    first = await found(stores, limit=2, **search)
    await stores.keep(make_record("job0-9"))
    await stores.records.delete(["job0-2"])

    second = await found(stores, limit=2, cursor=first[-1], **search)

    assert first == ["job0-4", "job0-3"]
    assert second == ["job0-1", "job0-0"]


async def test_an_unknown_cursor_is_said(stores):
    with pytest.raises(NotFound):
        await stores.records.search(Search(cursor="gone"))


async def test_a_search_shows_exactly_what_a_person_may_see(stores):
    """The same rule as Record.is_visible_to, in every combination there is."""
    platforms = (Platform.SLACK, Platform.DISCORD)
    everyone = [
        Person(platform=platform, workspace_id=workspace, user_id=user)
        for platform, workspace, user in product(platforms, ("1", "2"), ("a", "b"))
    ]
    records = [
        make_record(
            f"job{number}-1",
            job_id=f"job{number}",
            person=person,
            place=Place(
                platform=person.platform,
                workspace_id=person.workspace_id,
                channel_id=channel,
                visibility=visibility,
            ),
        )
        for number, (person, channel, visibility) in enumerate(
            product(everyone, ("c", "d"), Visibility)
        )
    ]
    await stores.keep(*records)

    for person, channel in product(everyone, ("c", "d", "e")):
        place = Place(
            platform=person.platform,
            workspace_id=person.workspace_id,
            channel_id=channel,
        )
        expected = [r.id for r in records if r.is_visible_to(person, place)]
        seen = await found(stores, seen_by=(person, place), limit=1000)
        assert seen == expected[::-1]


# --- totals -----------------------------------------------------------------


async def test_a_report_adds_up(three):
    totals = {
        name: Totals(images=n, size_bytes=n * 1_500_000, cost_usd=n * Decimal("0.08"))
        for name, n in (("one", 1), ("two", 2), ("three", 3))
    }

    report = await three.records.report()

    assert report == Report(
        total=totals["three"],
        by_model={"V_2": totals["two"], "V_3": totals["one"]},
        by_user={"U1": totals["two"], "U2": totals["one"]},
        by_channel={"C1": totals["three"]},
        by_day={
            "2026-11-20": totals["one"],
            "2026-11-21": totals["one"],
            "2026-11-22": totals["one"],
        },
        by_workspace={"T1": totals["three"]},
        by_style={"DESIGN": totals["three"]},
    )


async def test_money_does_not_drift(stores):
    """A hundred times 0.033 is 3.30."""
    await stores.keep(
        *(
            make_record(f"job0-{n}", cost_usd=Decimal("0.033"), size_bytes=None)
            for n in range(100)
        )
    )

    report = await stores.records.report()

    assert report.total.cost_usd == Decimal("3.3")
    assert report.total.size_bytes == 0


@pytest.mark.parametrize(
    ("narrowed", "images"),
    [
        pytest.param({"person": ANN}, 2, id="a person"),
        pytest.param({"person": replace(ANN, workspace_id="T2")}, 0, id="a namesake"),
        pytest.param({"workspace": (Platform.SLACK, "T1")}, 3, id="a workspace"),
        pytest.param({"workspace": (Platform.DISCORD, "T1")}, 0, id="a stranger"),
        pytest.param({"since": NOON + timedelta(days=1)}, 2, id="since"),
        pytest.param({"until": NOON + timedelta(days=1)}, 1, id="until"),
    ],
)
async def test_a_report_may_be_narrowed(three, narrowed, images):
    report = await three.records.report(**narrowed)

    assert report.total.images == images


async def test_a_report_of_nothing_is_zero(stores):
    assert await stores.records.report() == Report(
        total=Totals(), by_model={}, by_user={}, by_channel={}, by_day={}
    )


# --- changing ---------------------------------------------------------------


async def test_change_pins_and_tags(three):
    changed = await three.records.change("a-1", is_pinned=True, tags=["new", "fox"])

    assert changed == await three.records.get("a-1")
    assert changed is not None
    assert (changed.is_pinned, changed.tags) == (True, ("new", "fox"))
    assert await found(three, tags=("new",)) == ["a-1"]
    assert await found(three, tags=("x",)) == ["b-1"]


async def test_change_leaves_what_is_not_named(three):
    await three.records.change("a-1", is_pinned=True)

    changed = await three.records.change("a-1", tags=[])

    assert changed is not None
    assert (changed.is_pinned, changed.tags) == (True, ())


async def test_change_of_a_lost_record_is_none(stores):
    assert await stores.records.change("gone", is_pinned=True) is None


# --- deleting ---------------------------------------------------------------


async def test_delete_leaves_no_trace(three):
    await three.records.delete(["a-1", "gone"])

    assert await three.records.get("a-1") is None
    assert await found(three, words="red") == []
    assert await found(three, tags=("x",)) == ["b-1"]


async def test_delete_gives_the_files_that_nobody_uses_any_more(stores):
    """The same bytes are one file."""
    await stores.keep(
        make_record("job0-1", stored_path="shared.png"),
        make_record("job0-2", stored_path="shared.png"),
        make_record("job0-3", stored_path="own.png"),
        make_record("job0-4"),
    )

    assert await stores.records.delete(["job0-1", "job0-3", "job0-4"]) == ["own.png"]
    assert await stores.records.delete(["job0-2"]) == ["shared.png"]


async def test_messages_of_a_record_tell_all_that_they_show(stores):
    """Deleting one picture of two must leave the message that shows both."""
    await stores.keep(make_record("job0-1"), make_record("job0-2"))
    both = PostedMessage(
        channel_id="C1", message_id="1.1", record_ids=("job0-2", "job0-1")
    )
    await stores.steps.finish("job0", Step.POST, {}, posted=[both])

    assert await stores.records.messages_of("job0-1") == [both]
    assert await stores.records.messages_of("gone") == []


async def test_records_outlive_their_jobs_place(stores):
    """A record's thread and channel come back with it: replies are sent there."""
    await stores.keep(make_record(place=GENERAL))

    record = await stores.records.get("job0-1")

    assert record is not None
    assert record.place == GENERAL


async def test_a_private_picture_is_not_the_newest_of_its_thread(stores):
    """Who says `same` there means the one that everybody sees."""
    await stores.keep(
        make_record("job0-1"),
        make_record(
            "job1-1",
            job_id="job1",
            place=replace(GENERAL, visibility=Visibility.OWNER),
        ),
    )

    found = await stores.records.newest_in_thread(
        GENERAL.platform, GENERAL.workspace_id, GENERAL.channel_id, GENERAL.thread_id
    )

    assert [record.id for record in found] == ["job0-1"]
