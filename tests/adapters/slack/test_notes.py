"""Private notes within Slack's budget."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.chat.progress import Progress, Stage
from tests.adapters.slack.making import NOON, make_job
from tests.fakes.slack.double import Fault

DRAWING = Progress(stage=Stage.DRAWING, text="Drawing…")
DONE = Progress(stage=Stage.DONE, text="Done. It is in the channel.")
FAILED = Progress(stage=Stage.FAILED, text="Ideogram refused <it>.")
WAITING = Progress(stage=Stage.WAITING, text="Type /invite.")


@pytest.fixture
def make_slash_job(slack):
    def make(kind="command", **changes):
        url = slack.api.new_response_url("commands", user="U1", channel="C0PUBLIC")
        return make_job(return_address={"kind": kind, "response_url": url}, **changes)

    return make


async def test_progress_replaces_itself(slack, notes, make_slash_job):
    """One note that changes, not a column of them."""
    job = make_slash_job()

    await notes.show(job, DRAWING)
    await notes.show(job, DONE)

    assert [note.text for note in slack.notes] == [DRAWING.text, DONE.text]
    assert all(note.replaces for note in slack.notes)


async def test_the_end_is_told_whatever_came_before(slack, notes, make_slash_job):
    """Of five uses the last is kept for the end, and one for an invitation."""
    job = make_slash_job()
    for _ in range(10):
        await notes.show(job, DRAWING)

    await notes.show(job, WAITING)
    await notes.show(job, FAILED)

    assert slack.api.response_uses() == [5]
    assert slack.notes[-1].text == "Ideogram refused &lt;it&gt;."
    assert {note.via for note in slack.notes} == {"response_url"}


async def test_uses_before_a_restart_are_reckoned_with(
    slack, notes, make_slash_job, clock
):
    """Nobody counted on; two uses are left at least."""
    clock.time = NOON + timedelta(minutes=1)
    job = make_slash_job(created_at=NOON - timedelta(seconds=30))

    await notes.show(job, DRAWING)
    await notes.show(job, DONE)

    assert [note.text for note in slack.notes] == [DONE.text]


async def test_late_failure_is_told_in_the_channel(slack, notes, make_slash_job, clock):
    """A response URL lives half an hour; a failure is told nevertheless."""
    job = make_slash_job()
    slack.api.expire_response_urls()
    clock.time = NOON + timedelta(hours=1)

    await notes.show(job, FAILED)

    (note,) = slack.notes
    assert (note.via, note.user) == ("ephemeral", "U1")


async def test_refused_response_url_falls_back(slack, notes, make_slash_job):
    """What Slack's clock calls expired, ours need not."""
    job = make_slash_job()
    slack.api.expire_response_urls()

    await notes.show(job, FAILED)

    assert slack.notes[0].via == "ephemeral"


async def test_presses_are_not_narrated(slack, notes, make_slash_job):
    """Below a picture every note would be a new one: only what must be known is told."""
    job = make_slash_job(kind="press")

    await notes.show(job, DRAWING)
    await notes.show(job, DONE)
    await notes.show(job, FAILED)

    (note,) = slack.notes
    assert not note.replaces


async def test_mentions_hear_of_failures_only(slack, notes):
    """The picture itself tells that all went well."""
    job = make_job(return_address={"kind": "message"})

    await notes.show(job, DRAWING)
    await notes.show(job, DONE)
    await notes.show(job, replace(FAILED, stage=Stage.CANCELLED))

    assert len(slack.notes) == 1


@pytest.mark.parametrize(
    "fault", [Fault(drop="before"), Fault(status=500)], ids=["cut", "500"]
)
async def test_showing_never_raises(slack, notes, make_slash_job, fault):
    """A note is not worth a job."""
    slack.faults.add("response_url", fault)
    slack.faults.add("chat.postEphemeral", Fault(error="user_not_in_channel"))

    await notes.show(make_slash_job(), FAILED)

    assert slack.notes == []
