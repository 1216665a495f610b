"""The table of callbacks: its migration, and that it goes with its jobs."""

import sqlite3

import pytest
from sqlite_utils import Database

from storage.sqlite.migrations.apply import migrate, migrations
from storage.sqlite.rows import job_row
from tests.contracts.values import make_job


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    yield connection
    connection.close()


def insert_callback(connection, subject):
    row = {"id": f"{subject}.failed", "subject": subject, "seq": None}
    texts = ("event", "url", "host", "details", "state", "created_at", "not_before")
    Database(connection)["callbacks"].insert(
        row | dict.fromkeys(texts, "") | {"attempts": 0}
    )


def test_jobs_from_before_tell_nobody(connection):
    """An update must not cost a job, nor call anybody."""
    older = Database(connection)
    migrations().apply(older, stop_before="m014_callbacks")
    known = older["jobs"].columns_dict
    row = {k: v for k, v in job_row(make_job()).items() if k in known}
    older["jobs"].insert(row)

    migrate(connection)

    assert [row["callback_url"] for row in older["jobs"].rows] == [None]
    assert list(older["callbacks"].rows) == []


def test_callbacks_go_with_their_job(connection):
    """Retention deletes jobs; a batch's callbacks have none."""
    migrate(connection)
    tables = Database(connection)
    tables["jobs"].insert(job_row(make_job("job0")))
    insert_callback(connection, "job0")
    insert_callback(connection, "batch0")

    connection.execute("DELETE FROM jobs")

    assert [row["subject"] for row in tables["callbacks"].rows] == ["batch0"]
