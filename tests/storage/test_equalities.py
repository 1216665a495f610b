"""What a database keeps for speed says what a look at every record would say.

Whatever its indices and totals are made of: this asks the ports alone. Each database has
finer tests of its own (tests/storage/sqlite/test_searching.py, test_totals.py).
"""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.record import Report, Search, Totals
from tests.contracts.values import GENERAL, NOON, make_record

WORDS = ["fox", "foxes", "Füchschen", "box", "a", "bear", "sci-fi"]
PEOPLE = [
    Person(platform=platform, workspace_id=workspace, user_id=user)
    for platform in (Platform.SLACK, Platform.DISCORD)
    for workspace in ("T1", "T2")
    for user in ("U1", "U2")
]


def draw(chance, number):
    person = chance.choice(PEOPLE)
    place = Place(
        platform=person.platform,
        workspace_id=person.workspace_id,
        channel_id=chance.choice(["C1", "C2"]),
        visibility=chance.choice(list(Visibility)),
    )
    return make_record(
        f"r{number:03}-1",
        prompt=" ".join(chance.choices(WORDS, k=3)),
        expanded_prompt=chance.choice([None, "two bears"]),
        model=chance.choice(["V_2", "V_3"]),
        style_type=chance.choice(["AUTO", "DESIGN"]),
        tags=tuple(chance.sample(["fox", "campaign"], k=chance.randrange(3))),
        seed=chance.randrange(3),
        created_at=NOON + timedelta(hours=number * 20),
        size_bytes=chance.choice([None, 1000]),
        cost_usd=chance.choice([Decimal("0.033"), Decimal("0.08")]),
        person=person,
        place=place,
    )


def maybe(chance, choices):
    return chance.choice([None, None, chance.choice(choices)])


@pytest.fixture(params=range(3), ids="dice {}".format)
def chance(request):
    return random.Random(request.param)


@pytest.fixture
async def shelf(tmp_path, database, chance):
    """Some hundred records added, a third deleted, some tagged anew; and what is left."""
    async with database(tmp_path) as stores:
        drawn = [draw(chance, number) for number in range(120)]
        await stores.records.add(drawn)
        gone = {record.id for record in chance.sample(drawn, k=40)}
        await stores.records.delete(list(gone))
        left = {record.id: record for record in drawn if record.id not in gone}
        for record in chance.sample([*left.values()], k=20):
            await stores.records.change(record.id, tags=["anew"])
            left[record.id] = replace(record, tags=("anew",))
        yield stores.records, [*left.values()]


def is_asked_for(record, asked):
    text = f"{record.prompt}\n{record.expanded_prompt or ''}".casefold()
    return (
        all(word in text for word in (asked.words or "").casefold().split())
        and set(asked.tags) <= set(record.tags)
        and asked.seed in {None, record.seed}
        and asked.model in {None, record.model}
        and asked.user_id in {None, record.person.user_id}
        and asked.channel_id in {None, record.place.channel_id}
        and (asked.since is None or record.created_at >= asked.since)
        and (asked.until is None or record.created_at < asked.until)
        and (asked.seen_by is None or record.is_visible_to(*asked.seen_by))
    )


async def test_a_search_finds_what_a_look_at_every_record_would(shelf, chance):
    records, left = shelf
    moments = [NOON + timedelta(days=days) for days in range(100)]

    for _ in range(60):
        person = maybe(chance, PEOPLE)
        place = person and replace(
            GENERAL, platform=person.platform, workspace_id=person.workspace_id
        )
        asked = Search(
            words=maybe(chance, [*WORDS, "ox", "FOX bear", "füchs", "nothing"]),
            tags=maybe(chance, [("fox",), ("fox", "campaign"), ("anew",)]) or (),
            seed=maybe(chance, [0, 1, 2]),
            model=maybe(chance, ["V_2", "V_3"]),
            user_id=maybe(chance, ["U1", "U2"]),
            channel_id=maybe(chance, ["C1", "C2"]),
            since=maybe(chance, moments),
            until=maybe(chance, moments),
            seen_by=person and (person, place),
            limit=200,
        )

        found = await records.search(asked)

        assert found == [one for one in reversed(left) if is_asked_for(one, asked)]


def add_up(found):
    groups = {name: {} for name in ("model", "user", "channel", "day", "work", "style")}
    total = Totals()
    for one in found:
        total = plus(total, one)
        for kind, name in (
            ("model", one.model),
            ("user", one.person.user_id),
            ("channel", one.place.channel_id),
            ("day", one.created_at.date().isoformat()),
            ("work", one.person.workspace_id),
            ("style", one.style_type),
        ):
            groups[kind][name] = plus(groups[kind].get(name, Totals()), one)
    return Report(
        total=total,
        by_model=groups["model"],
        by_user=groups["user"],
        by_channel=groups["channel"],
        by_day=groups["day"],
        by_workspace=groups["work"],
        by_style=groups["style"],
    )


def plus(totals, record):
    return Totals(
        images=totals.images + 1,
        size_bytes=totals.size_bytes + (record.size_bytes or 0),
        cost_usd=totals.cost_usd + record.cost_usd,
    )


async def test_a_report_is_what_adding_up_gives(shelf, chance):
    """Over months, days and cut days, of all, of a workspace and of a person."""
    records, left = shelf
    days = [NOON + timedelta(days=days, hours=12 * days) for days in range(70)]
    midnights = [day.replace(hour=0, minute=0, microsecond=0) for day in days]

    for _ in range(60):
        since, until = maybe(chance, days + midnights), maybe(chance, days + midnights)
        person, home = maybe(chance, PEOPLE), maybe(chance, [(Platform.SLACK, "T1")])

        report = await records.report(
            since=since, until=until, person=person, workspace=home
        )

        assert report == add_up(
            one
            for one in left
            if (since is None or one.created_at >= since)
            and (until is None or one.created_at < until)
            and person in {None, one.person}
            and home in {None, (one.person.platform, one.person.workspace_id)}
        )
