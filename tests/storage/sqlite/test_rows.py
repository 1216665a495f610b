"""Rows to values and back."""

import json

from bot.domain.request import ImageRequest
from storage.sqlite.rows import job_row, read_job
from tests.contracts.values import make_job


def test_a_job_written_by_an_earlier_version_is_read():
    """A field added since has its default."""
    row = job_row(make_job())
    request = json.loads(row["request"])
    del request["formats"]
    row["request"] = json.dumps(request | {"forgotten": 1})

    job = read_job(row)

    assert job.request.formats == ()
    assert isinstance(job.request, ImageRequest)


def test_a_job_without_extras_comes_back():
    job = make_job(lineage=None, return_address={}, place=make_job().place)

    assert read_job(job_row(job)) == job
