"""The table of callbacks: its migration, and that it goes with its jobs."""

import sqlite3
from dataclasses import replace

import pytest
from sqlite_utils import Database

from bot.domain.callback import CallbackState
from bot.domain.job import JobId, JobState
from storage.sqlite.callbacks import SqliteCallbacks
from storage.sqlite.copying import end_jobs
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobQueue
from storage.sqlite.migrations.apply import migrate, migrations
from storage.sqlite.rows import job_row
from tests.contracts.values import NOON, make_job


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


async def test_a_restored_database_tells_nobody_anything(tmp_path):
    """The bot it was copied from may have told them since."""
    path = tmp_path / "bot.db"
    async with open_database(path) as db:
        queue = SqliteJobQueue(db=db)
        job = make_job(callback_url="https://example.com/")
        await queue.submit(job)
        await queue.save(replace(job, state=JobState.DONE))
        await queue.submit(replace(job, id=JobId("job1")))

    end_jobs(path, "Restored.")

    async with open_database(path) as db:
        callbacks = SqliteCallbacks(db=db)
        assert [c.state for c in await callbacks.callbacks()] == [CallbackState.DEAD]
        assert await callbacks.due(NOON) == []


def test_callbacks_go_with_their_job(connection):
    """Retention deletes jobs; a batch's callbacks have none."""
    migrate(connection)
    tables = Database(connection)
    tables["jobs"].insert(job_row(make_job("job0")))
    insert_callback(connection, "job0")
    insert_callback(connection, "batch0")

    connection.execute("DELETE FROM jobs")

    assert [row["subject"] for row in tables["callbacks"].rows] == ["batch0"]
