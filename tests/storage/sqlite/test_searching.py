"""Search against a model in Python, and how SQLite walks."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.people import Visibility
from bot.domain.record import RecordId, Search
from storage.sqlite.migrations.apply import migrate
from storage.sqlite.searching import find_page, page_query
from storage.sqlite.words import fold
from storage.sqlite.writing import write_record
from tests.contracts.values import ANN, GENERAL, NOON, make_record

TEXT = st.text(alphabet="aAbBéÉßẞ\"%_*-' \n", max_size=12)


def open_memory():
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.row_factory = sqlite3.Row
    migrate(db)
    return db


def is_found(record, words):
    text = fold(f"{record.prompt}\n{record.expanded_prompt or ''}")
    return all(word in text for word in fold(words).split())


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


@given(
    drawn=st.lists(st.tuples(SEEN, st.sampled_from(["a fox", "foxes"])), max_size=10),
    asked=st.builds(
        Search,
        words=st.sampled_from([None, "fox", "a fox", "foxes"]),
        tags=st.sampled_from([(), ("fox",), ("fox", "campaign")]),
        user_id=st.sampled_from([None, "U1"]),
        seen_by=st.none() | PEOPLE.map(lambda person: (person, GENERAL)),
    ),
)
def test_every_way_to_a_page_gives_the_same(drawn, asked):
    """Which rows are walked depends on how many there are, what is found does not."""
    db = open_memory()
    for number, (record, prompt) in enumerate(drawn):
        name = RecordId(f"job0-{number}")
        write_record(db, replace(record, id=name, prompt=prompt, expanded_prompt=None))
    pages = []

    for is_small in (False, True):
        sql, values = page_query(asked, is_small=is_small)
        rows = db.execute(sql, values | {"first": 0, "before": 100})
        pages.append([row["id"] for row in rows])

    assert pages[0] == pages[1] == [record.id for record in find_page(db, asked)]
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
        pytest.param(Search(words="fox"), "SCAN s VIRTUAL TABLE", id="words"),
        pytest.param(Search(tags=("fox",)), "SEARCH t USING PRIMARY KEY", id="tag"),
        pytest.param(Search(seed=1), "generations_seed", id="seed"),
        pytest.param(Search(user_id="U1"), "generations_user", id="user"),
        pytest.param(
            Search(user_id="U1", seen_by=(ANN, GENERAL)), "generations_user", id="own"
        ),
        pytest.param(
            Search(seen_by=(ANN, GENERAL)), "MERGE (UNION ALL)", id="seen by a person"
        ),
    ],
)
def test_a_page_is_read_off_an_index_in_order(search, index):
    """A page over a million records costs what a page over ten does: nothing is sorted."""
    db = open_memory()
    sql, values = page_query(search)

    rows = db.execute(f"EXPLAIN QUERY PLAN {sql}", values | {"first": 0, "before": 1})
    plan = " / ".join(row["detail"] for row in rows)

    assert index in plan
    assert "TEMP B-TREE" not in plan
    db.close()
