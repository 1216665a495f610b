"""Search against a model in Python, and how SQLite walks."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from bot.domain.people import Visibility
from bot.domain.record import RecordId, Search
from storage.sqlite.migrations.apply import migrate, migrations
from storage.sqlite.rows import record_row
from storage.sqlite.searching import find_page, page_query
from storage.sqlite.terms import pieces
from storage.sqlite.words import fold, read_words, searchable
from storage.sqlite.writing import delete_records, write_new, write_record, write_tags
from tests.contracts.values import ANN, GENERAL, NOON, make_record

TEXT = st.text(alphabet="aAbBéÉßẞ\"%_*-' \n", max_size=12)


at_leisure = settings(deadline=None)  # a loaded machine is no failure


@cache
def template():
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrate(db)
    return db


def open_memory():
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.row_factory = sqlite3.Row
    template().backup(db)
    return db


def is_found(record, words):
    text = fold(f"{record.prompt}\n{record.expanded_prompt or ''}")
    return all(word in text for word in fold(words).split())


@at_leisure
@given(prompts=st.lists(st.tuples(TEXT, TEXT), max_size=6), words=TEXT)
def test_finds_what_holds_every_word(prompts, words):
    """Whatever is typed: found is exactly what a plain look would find."""
    db = open_memory()
    records = [
        make_record(f"job0-{number}", prompt=prompt, expanded_prompt=expanded or None)
        for number, (prompt, expanded) in enumerate(prompts)
    ]
    for record in records:
        write_record(db, record)

    found = find_page(db, Search(words=words))

    assert found == [record for record in reversed(records) if is_found(record, words)]
    db.close()


PEOPLE = st.builds(
    replace,
    st.just(ANN),
    workspace_id=st.sampled_from(["T1", "T2"]),
    user_id=st.sampled_from(["U1", "U2"]),
)
DAYS = st.integers(0, 80).map(lambda hours: NOON + timedelta(hours=hours))
SEEN = st.builds(
    make_record,
    created_at=DAYS,
    person=PEOPLE,
    place=st.builds(
        replace,
        st.just(GENERAL),
        channel_id=st.sampled_from(["C1", "C2"]),
        visibility=st.sampled_from(Visibility),
    ),
)


@at_leisure
@given(
    drawn=st.lists(SEEN, max_size=10),
    since=st.none() | DAYS,
    until=st.none() | DAYS,
    person=PEOPLE,
)
def test_pages_hold_what_a_person_may_see_of_a_time(drawn, since, until, person):
    """In whatever order the pictures were written down, page by page."""
    db = open_memory()
    records = [
        replace(record, id=RecordId(f"job0-{number}"))
        for number, record in enumerate(drawn)
    ]
    for record in records:
        write_record(db, record)
    search = Search(since=since, until=until, seen_by=(person, GENERAL), limit=3)

    found = page = find_page(db, search)
    while page:
        page = find_page(db, replace(search, cursor=page[-1].id))
        found = found + page

    assert [record.id for record in found] == [
        record.id
        for record in reversed(records)
        if record.is_visible_to(person, GENERAL)
        and (since is None or record.created_at >= since)
        and (until is None or record.created_at < until)
    ]
    db.close()


ASKED = st.builds(
    Search,
    words=st.sampled_from(
        [None, "fox", "a fox", "foxes", "oxe", "fox, in", "x", "fox-in", "bear", "!!!"]
    ),
    tags=st.sampled_from([(), ("fox",), ("fox", "campaign"), ("bear",)]),
    seed=st.sampled_from([None, None, 1, 2]),
    model=st.sampled_from([None, None, "V_2", "V_3"]),
    user_id=st.sampled_from([None, None, "U1"]),
    channel_id=st.sampled_from([None, None, "C1"]),
    since=st.none() | DAYS,
    until=st.none() | DAYS,
    seen_by=st.none() | PEOPLE.map(lambda person: (person, GENERAL)),
)
DRAWN = st.builds(
    replace,
    SEEN,
    prompt=st.sampled_from(["a fox", "Foxes!!!", "a fox, in a BOX", "a fox-in-box"]),
    expanded_prompt=st.sampled_from([None, "two bears"]),
    tags=st.sampled_from([(), ("fox",), ("campaign", "fox")]),
    seed=st.sampled_from([1, 2]),
    model=st.sampled_from(["V_2", "V_3"]),
)


def is_asked_for(record, asked):
    person_and_place = asked.seen_by
    return (
        is_found(record, asked.words or "")
        and set(asked.tags) <= set(record.tags)
        and asked.seed in {None, record.seed}
        and asked.model in {None, record.model}
        and asked.user_id in {None, record.person.user_id}
        and asked.channel_id in {None, record.place.channel_id}
        and (asked.since is None or record.created_at >= asked.since)
        and (asked.until is None or record.created_at < asked.until)
        and (person_and_place is None or record.is_visible_to(*person_and_place))
    )


@at_leisure
@given(
    drawn=st.lists(DRAWN, max_size=12),
    again=st.lists(st.tuples(st.integers(0, 11), DRAWN), max_size=4),
    gone=st.sets(st.integers(0, 11), max_size=4),
    asked=ASKED,
    many=st.sampled_from([0, 100]),
)
def test_any_combination_finds_what_a_look_at_every_record_would(
    drawn, again, gone, asked, many
):
    """Also after records were replaced and deleted, and whichever way is taken."""
    db = open_memory()
    records = {}
    for number, record in [*enumerate(drawn), *again]:
        record_id = RecordId(f"job0-{number}")
        records[record_id] = replace(record, id=record_id)
        write_record(db, records[record_id])
    deleted = [RecordId(f"job0-{number}") for number in gone]
    delete_records(db, deleted, unless_pinned=False)
    words = read_words(asked.words or "", db, many=many)
    pages = [[record.id for record in find_page(db, asked)]]

    for is_rare in (False, True):
        sql, values = page_query(asked, words, is_rare=is_rare)
        rows = db.execute(sql, values | {"first": 0, "before": 100}).fetchall()
        pages.append([] if words.is_in_vain else [row["id"] for row in rows])

    order = [row["id"] for row in db.execute("SELECT id FROM generations ORDER BY seq")]
    expected = [
        record_id
        for record_id in reversed(order)
        if is_asked_for(records[record_id], asked)
    ]
    assert pages == [expected] * 3
    db.close()


def test_a_word_that_no_prompt_has_any_more_is_forgotten():
    """It may have been somebody's name."""
    db = open_memory()
    write_record(db, make_record("a-1", prompt="a fox", expanded_prompt=None))
    write_record(db, make_record("b-1", prompt="Ann and fox", expanded_prompt=None))

    delete_records(db, [RecordId("b-1")], unless_pinned=False)

    assert [row["word"] for row in db.execute("SELECT word FROM words")] == ["a", "fox"]
    assert not db.execute("SELECT 1 FROM word_parts ('ann')").fetchall()
    db.close()


@at_leisure
@given(
    steps=st.lists(st.tuples(st.integers(0, 5), TEXT, st.booleans()), max_size=15),
    together=st.sets(st.integers(0, 5)),
)
def test_the_words_are_those_of_the_prompts_there_are(steps, together):
    """Whatever was written, drawn anew and deleted before, one by one or together."""
    db = open_memory()
    for number, prompt, is_deleted in steps:
        record = make_record(f"job0-{number}", prompt=prompt, expanded_prompt=None)
        if is_deleted:
            delete_records(db, [record.id], unless_pinned=True)
        else:
            write_record(db, record)

    gone = [RecordId(f"job0-{number}") for number in together]
    delete_records(db, gone, unless_pinned=True)

    prompts = [row["prompt"] for row in db.execute("SELECT prompt FROM generations")]
    expected = {
        piece for prompt in prompts for piece in pieces(searchable(prompt, None))
    }
    assert {row["word"] for row in db.execute("SELECT word FROM words")} == expected
    db.execute("INSERT INTO word_parts (word_parts) VALUES ('integrity-check')")
    db.close()


@at_leisure
@given(first=st.lists(DRAWN, max_size=3), rest=st.lists(DRAWN, max_size=8), asked=ASKED)
def test_records_written_together_are_found_as_one_by_one(first, rest, asked):
    """An import writes in batches; what is here already stays as it is."""
    one_by_one, together = open_memory(), open_memory()
    named = [
        replace(record, id=RecordId(f"job0-{number}"))
        for number, record in enumerate([*first, *rest])
    ]
    for record in named:
        write_record(one_by_one, record)
    for record in named[: len(first)]:
        write_record(together, record)

    written = write_new(together, [*named, *named])

    assert written == named[len(first) :]
    assert find_page(together, asked) == find_page(one_by_one, asked)
    totals = "SELECT * FROM totals ORDER BY kind, span, platform, workspace_id, name"
    both = [[tuple(row) for row in db.execute(totals)] for db in (together, one_by_one)]
    assert both[0] == both[1]
    for db in (one_by_one, together):
        db.close()


def test_new_tags_are_found_and_old_ones_are_not():
    db = open_memory()
    write_record(db, make_record(tags=("old",)))

    write_tags(db, 1, ["new"])

    assert len(find_page(db, Search(tags=("new",)))) == 1
    assert not find_page(db, Search(tags=("old",)))
    db.close()


def test_a_whole_prompt_may_be_looked_for():
    """Long prompts have thousands of words; FTS5 must take them all."""
    db = open_memory()
    prompt = " ".join(f"word{number}" for number in range(2500))
    write_record(db, make_record(prompt=prompt))

    assert len(find_page(db, Search(words=prompt))) == 1
    db.close()


@pytest.mark.parametrize(
    ("search", "index"),
    [
        pytest.param(Search(), "SEARCH g USING INTEGER PRIMARY KEY", id="all"),
        pytest.param(Search(until=NOON), "SEARCH g USING INTEGER PRIMARY", id="until"),
        pytest.param(Search(words="fox"), "SCAN s VIRTUAL TABLE", id="words"),
        pytest.param(Search(seed=1, tags=("x",)), "SCAN s VIRTUAL TABLE", id="terms"),
        pytest.param(Search(seen_by=(ANN, GENERAL)), "SCAN s VIRTUAL", id="seen"),
    ],
)
@pytest.mark.parametrize("many", [0, 100], ids=["common words", "few words"])
def test_a_page_is_read_off_an_index_in_order(search, index, many):
    """A page over a million records costs what a page over ten does: nothing is sorted."""
    db = open_memory()
    write_record(db, make_record())
    words = read_words(search.words or "", db, many=many)
    sql, values = page_query(search, words)

    rows = db.execute(f"EXPLAIN QUERY PLAN {sql}", values | {"first": 0, "before": 1})
    plan = " / ".join(row["detail"] for row in rows)

    assert index in plan
    assert "TEMP B-TREE" not in plan
    db.close()


def test_an_older_database_is_brought_up_to_date():
    """What was written before there were terms is found by every one of them."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.row_factory = sqlite3.Row
    migrations().apply(Database(db), stop_before="m010_terms")
    record = make_record(prompt="Ein Füchschen", expanded_prompt="a fox")
    row = record_row(record) | {"seq": 7, "thread_id": None}
    Database(db)["generations"].insert(row)
    text = searchable(record.prompt, record.expanded_prompt)
    db.execute("INSERT INTO generation_search (rowid, text) VALUES (7, ?)", (text,))
    for tag in record.tags:
        db.execute("INSERT INTO generation_tags (tag, seq) VALUES (?, 7)", (tag,))

    migrate(db)

    person, place = record.person, record.place
    for asked in (
        Search(words="füchs FOX"),
        Search(tags=record.tags, seed=record.seed, model=record.model),
        Search(user_id=person.user_id, channel_id=place.channel_id),
        Search(words="fox", seen_by=(person, place)),
    ):
        assert [found.id for found in find_page(db, asked)] == [record.id]
    delete_records(db, [record.id], unless_pinned=False)
    assert not db.execute("SELECT * FROM words").fetchall()
    db.close()
