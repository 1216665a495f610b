"""Whose job is next."""

from datetime import UTC, datetime

import pytest

from bot.domain.job import Job, JobId
from bot.domain.people import Person, Place, Platform
from bot.domain.request import ImageRequest
from bot.jobs.turns import Turns


def job_of(user: str, name: str) -> Job:
    return Job(
        id=JobId(name),
        request=ImageRequest(prompt="a fox", model="V_2", seed=1),
        person=Person(platform=Platform.SLACK, workspace_id="T1", user_id=user),
        place=Place(platform=Platform.SLACK, workspace_id="T1", channel_id="C1"),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.fixture
def turns() -> Turns:
    """Three jobs of Ann's, then two of Bob's, then one of Cid's."""
    turns = Turns()
    for user, name in zip("AAABBC", ["a1", "a2", "a3", "b1", "b2", "c1"], strict=True):
        turns.add(job_of(user, name))
    return turns


def taken(turns: Turns) -> list[str]:
    return [turns.next().id for _ in range(len(turns))]


def test_people_take_turns(turns):
    """Who queues fifty keeps nobody waiting for more than one of them."""
    assert taken(turns) == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_position_is_the_order_of_taking(turns):
    """The number a person reads is the number of jobs that really go first."""
    jobs = [
        job_of(name[0].upper(), name) for name in ["a1", "a2", "a3", "b1", "b2", "c1"]
    ]

    positions = {job.id: turns.before(job) for job in jobs}

    order = taken(turns)
    assert positions == {name: order.index(name) for name in order}


def test_a_cancelled_job_leaves_the_line(turns):
    """The others keep their order."""
    assert turns.remove(JobId("b1"))
    assert not turns.remove(JobId("b1"))

    assert taken(turns) == ["a1", "b2", "c1", "a2", "a3"]


def test_nobody_waits():
    """An empty line says so."""
    with pytest.raises(IndexError):
        Turns().next()
