"""The core's replies as private notes and forms. Pure."""

from dataclasses import dataclass
from typing import Any, assert_never

from adapters.web.entries import (
    BatchOfferNote,
    DetailNote,
    JobNote,
    ListNote,
    NoteContent,
    OfferNote,
    PlainNote,
    Tone,
)
from adapters.web.view import Json
from bot.chat.progress import Stage
from bot.chat.replies import (
    Accepted,
    AlreadyDrawn,
    BatchForm,
    BatchOffer,
    EditForm,
    MoreForm,
    Nothing,
    Notice,
    RecordDetail,
    RecordList,
    Refusal,
    Reply,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the person gets: a note in the channel, a form to open, or neither."""

    note: NoteContent | None = None
    form: Json | None = None


def render(  # noqa: PLR0911 - one return a kind of reply reads best
    reply: Reply, *, words: str | None = None
) -> Answer:
    """Give the answer for *reply*; *words* is what was searched, if it was a search."""
    match reply:
        case Accepted():
            note = JobNote(job_id=reply.job_id, stage=Stage.QUEUED, text=reply.text)
            return Answer(note=note)
        case AlreadyDrawn():
            return Answer(note=OfferNote(offer=reply))
        case BatchOffer():
            return Answer(note=BatchOfferNote(offer=reply))
        case Notice():
            return Answer(note=PlainNote(tone=Tone.NOTICE, text=reply.text))
        case Refusal():
            return Answer(note=PlainNote(tone=Tone.REFUSAL, text=reply.text))
        case RecordList():
            return Answer(note=ListNote(page=reply, words=words))
        case RecordDetail():
            return Answer(note=DetailNote(detail=reply))
        case EditForm() | MoreForm() | BatchForm():
            return Answer(form=_form(reply))
        case Nothing():
            return Answer()
        case _:
            assert_never(reply)


def _form(form: EditForm | MoreForm | BatchForm) -> dict[str, Any]:
    match form:
        case BatchForm():
            return {"kind": "batch"}
        case EditForm():
            return {
                "kind": "edit",
                "record": form.record_id,
                "prompt": form.prompt,
                "flags": form.flags,
            }
        case MoreForm():
            return {
                "kind": "more",
                "record": form.record_id,
                "is_pinned": form.is_pinned,
                "tags": form.tags,
                "can_delete": form.can_delete,
            }
