"""The shape of the database."""

import sqlite3

import pytest
from sqlite_utils import Database

from bot.domain.exchange import COLUMNS
from bot.errors import StorageError
from storage.sqlite.migrations.apply import STEPS, migrate, migrations


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    yield connection
    connection.close()


def names(connection):
    return set(Database(connection).table_names())


def test_a_new_database_gets_every_table(connection):
    migrate(connection)

    expected = {"generations", "generation_tags", "generation_search", "jobs", "steps"}
    assert expected | {"posted", "once"} <= names(connection)


def test_the_table_generations_has_the_documented_columns(connection):
    """Other programs read this table."""
    migrate(connection)

    columns = Database(connection)["generations"].columns_dict
    assert set(columns) == {"seq", "withheld", *COLUMNS}


def test_a_second_start_changes_nothing(connection):
    migrate(connection)
    before = connection.execute("SELECT sql FROM sqlite_master").fetchall()

    migrate(connection)

    assert connection.execute("SELECT sql FROM sqlite_master").fetchall() == before


@pytest.mark.parametrize("done", range(1, len(STEPS)))
def test_every_shape_before_is_brought_up_to_date(connection, done):
    """Whatever version wrote the file last."""
    older = Database(connection)
    migrations().apply(older, stop_before=STEPS[done].__name__)

    migrate(connection)

    assert {step.name for step in migrations().applied(older)} == {
        step.__name__ for step in STEPS
    }


def test_rows_outlive_the_steps_after_them(connection):
    """An update must not cost a record."""
    older = Database(connection)
    migrations().apply(older, stop_before="m002_search")
    texts = {name: "" for name, types in COLUMNS.items() if types[0] is str}
    rest = {name: 0 for name in COLUMNS if name not in texts} | {"tags": "[]"}
    older["generations"].insert(texts | rest | {"id": "job0-1"})

    migrate(connection)

    assert [row["id"] for row in older["generations"].rows] == ["job0-1"]


def test_unsafe_pictures_of_before_say_why_they_have_no_file(connection):
    """A record without a file tells the reason, whichever version wrote it."""
    older = Database(connection)
    migrations().apply(older, stop_before="m022_review")
    texts = {name: "" for name, types in COLUMNS.items() if types[0] is str}
    rest = {name: 0 for name in COLUMNS if name not in texts} | {"tags": "[]"}
    rows = [{"id": "unsafe", "stored_path": None}, {"id": "safe", "is_safe": 1}]
    older["generations"].insert_all([texts | rest | row for row in rows])

    migrate(connection)

    found = {row["id"]: row["withheld"] for row in older["generations"].rows}
    assert found == {"unsafe": "unsafe", "safe": None}


def test_a_step_that_fails_leaves_the_shape_before(connection):
    """Half an update would be no shape at all."""
    connection.execute("CREATE TABLE once (key TEXT)")

    with pytest.raises(sqlite3.OperationalError):
        migrate(connection)

    assert names(connection) == {"once"}
    assert not connection.in_transaction


def test_a_newer_database_is_left_alone(connection):
    """Going back a version must not break what the newer one wrote."""
    migrate(connection)
    newer = migrations()
    newer(name="m999_later")(lambda db: db.execute("CREATE TABLE later (id)"))
    newer.apply(Database(connection))

    with pytest.raises(StorageError, match="newer version"):
        migrate(connection)
