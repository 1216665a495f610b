"""Every reply of the core has its answer on the page."""

import pytest

from adapters.web.entries import DetailNote, JobNote, ListNote, PlainNote, Tone
from adapters.web.render import Answer, render
from bot.chat.progress import Stage
from bot.chat.replies import (
    Accepted,
    EditForm,
    MoreForm,
    Nothing,
    Notice,
    RecordDetail,
    RecordList,
    Refusal,
)
from bot.domain.job import JobId
from bot.domain.record import RecordId
from tests.fakes.values import make_record

RECORD = make_record()
LIST = RecordList(title="Found", records=(RECORD,), cursor=RecordId("c"))
DETAIL = RecordDetail(record=RECORD, lines=(("Seed", "42"),))


@pytest.mark.parametrize(
    ("reply", "note"),
    [
        (
            Accepted(job_id=JobId("j"), text="Queued."),
            JobNote(job_id=JobId("j"), stage=Stage.QUEUED, text="Queued."),
        ),
        (Notice(text="Saved."), PlainNote(tone=Tone.NOTICE, text="Saved.")),
        (Refusal(text="No."), PlainNote(tone=Tone.REFUSAL, text="No.")),
        (LIST, ListNote(page=LIST, words="fox")),
        (DETAIL, DetailNote(detail=DETAIL)),
        (Nothing(), None),
    ],
    ids=["accepted", "notice", "refusal", "list", "detail", "nothing"],
)
def test_notes(reply, note):
    assert render(reply, words="fox") == Answer(note=note)


def test_forms():
    """A form is opened by the page that asked, not shown in the channel."""
    edit = EditForm(record_id=RECORD.id, prompt="a fox", flags="--seed 42")
    more = MoreForm(record_id=RECORD.id, is_pinned=True, tags="x", can_delete=False)

    assert render(edit) == Answer(
        form={
            "kind": "edit",
            "record": RECORD.id,
            "prompt": "a fox",
            "flags": "--seed 42",
        }
    )
    assert render(more) == Answer(
        form={
            "kind": "more",
            "record": RECORD.id,
            "is_pinned": True,
            "tags": "x",
            "can_delete": False,
        }
    )
