"""Replies and pictures as Slack shows them; the samples are read by people."""

import json
from pathlib import Path

import pytest

from adapters.slack.forms import edit_view, more_view
from adapters.slack.picture import alt_text, file_name, message_blocks, title
from adapters.slack.presses import read_press
from adapters.slack.render import message
from bot.chat.commands import Find, History, Origin
from bot.chat.replies import (
    Accepted,
    EditForm,
    MoreForm,
    Nothing,
    RecordDetail,
    RecordList,
    Refusal,
)
from bot.domain.job import Lineage
from tests.adapters.slack.making import (
    ALICE,
    PUBLIC,
    make_job,
    make_picture,
    make_record,
    make_request,
    make_unsafe_picture,
)
from tests.fakes.slack.arguments import check_blocks

SAMPLES = Path(__file__).parents[2] / "samples" / "slack"
ORIGIN = Origin(event_id="1.trigger", person=ALICE, place=PUBLIC)
NASTY = "<!channel> & *you* " * 300


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_text())


def test_one_picture(tmp_path):
    """Prompt, figures, who asked, four buttons."""
    job = make_job(request=make_request(style_type="DESIGN"))
    picture = make_picture(tmp_path, style_type="DESIGN")

    blocks = message_blocks(job, [picture], is_direct=False)

    assert blocks == sample("one_picture")


def test_reproduced_pictures(tmp_path):
    """Several pictures of one job: each with its number, seed and buttons."""
    lineage = Lineage(
        parent_id="0old-1", typed_prompt="a fox", changes=("seed 42 to 7",)
    )
    pictures = [
        make_picture(tmp_path, 1, seed=7),
        make_unsafe_picture(2),
        make_picture(tmp_path, 3, seed=9),
    ]

    blocks = message_blocks(make_job(lineage=lineage), pictures, is_direct=True)

    assert blocks == sample("reproduced_pictures")


def test_history():
    """A private list with a way on."""
    records = (make_record(), make_record(id="0job-2", prompt="a <!here> hen"))
    reply = RecordList(title="Your latest pictures", records=records, cursor="0job-2")

    assert message(reply, History(origin=ORIGIN)) == sample("history")


def test_detail():
    """One record, whole, with its buttons."""
    lines = (("Prompt", "a fox in a suit"), ("Seed", "42"), ("Negative prompt", ""))

    shown = message(RecordDetail(record=make_record(), lines=lines))

    assert shown == sample("detail")


def test_edit_form():
    """The form holds what was typed."""
    form = EditForm(record_id="0job-1", prompt="a fox", flags="--seed 42")

    assert edit_view(form, PUBLIC) == sample("edit_form")


def test_more_form():
    """What else can be done with a picture."""
    form = MoreForm(record_id="0job-1", is_pinned=True, tags="fox", can_delete=True)

    assert more_view(form, PUBLIC) == sample("more_form")


def test_others_pictures_cannot_be_deleted():
    """The form offers only what the person may do."""
    form = MoreForm(record_id="0job-1", is_pinned=False, tags="", can_delete=False)

    names = [block["block_id"] for block in more_view(form, PUBLIC)["blocks"]]

    assert names == ["pin", "tags", "named", "sizes"]


def test_long_prompts_do_not_fit_a_form():
    """Slack's inputs end at 3000 characters; nothing is cut in silence."""
    form = EditForm(record_id="0job-1", prompt="x" * 3001, flags="")

    assert edit_view(form, PUBLIC) is None


def test_eight_pictures_keep_slacks_limits(tmp_path):
    """The largest job there is, with the worst of prompts."""
    pictures = [make_picture(tmp_path, n, prompt=NASTY) for n in range(1, 9)]
    lineage = Lineage(parent_id="0old-1", typed_prompt="", changes=(NASTY,))

    blocks = message_blocks(make_job(lineage=lineage), pictures, is_direct=False)

    check_blocks(blocks)
    assert "<!channel" not in json.dumps(blocks)


def test_long_lists_keep_slacks_limits():
    """A page of records with the worst of prompts."""
    records = tuple(make_record(id=f"0job-{n}", prompt=NASTY) for n in range(60))
    lines = tuple((f"Line {n}", NASTY) for n in range(12))

    listed = message(RecordList(title=NASTY, records=records[:20], cursor="0job-9"))
    detail = message(RecordDetail(record=records[0], lines=lines))

    for shown in (listed, detail):
        check_blocks(shown["blocks"])
        assert "<!channel" not in json.dumps(shown)


def test_next_page_is_of_the_same_search():
    """The button carries words and cursor."""
    command = Find(origin=ORIGIN, text="fox --seed 7")
    reply = RecordList(title="Found", records=(make_record(),), cursor="0job-1")

    button = message(reply, command)["blocks"][-1]["elements"][0]

    assert read_press(button["action_id"], button["value"], ORIGIN) == Find(
        origin=ORIGIN, text="fox --seed 7", cursor="0job-1"
    )


def test_foreign_buttons_do_nothing():
    """Another version's button is acknowledged and left alone."""
    assert read_press("upscale", "0job-1", ORIGIN) is None


@pytest.mark.parametrize(
    "reply",
    [
        Nothing(),
        Accepted(job_id="0job", text="x", is_new=False),
        EditForm(record_id="0job-1", prompt="", flags=""),
    ],
)
def test_some_replies_are_no_message(reply):
    """Nothing is said twice, and forms are opened."""
    assert message(reply) is None


def test_refusals_are_escaped():
    """A refusal may repeat what was typed."""
    assert message(Refusal(text="<!here> is no flag")) == {
        "text": "&lt;!here&gt; is no flag"
    }


def test_files_are_named_for_people(tmp_path):
    """The file is found again by its record; titles are one short line."""
    picture = make_picture(tmp_path, prompt="a fox\n" * 100)

    assert file_name(picture) == "0job-1.png"
    assert len(title(picture)) <= 120
    assert "\n" not in title(picture)
    assert len(alt_text(picture.record)) <= 1000
