"""Entries as the page's script reads them."""

import json

import pytest

from adapters.web.entries import (
    Ask,
    DetailNote,
    JobNote,
    ListNote,
    Note,
    PlainNote,
    Tone,
    post_of,
)
from adapters.web.view import (
    alt_text,
    catalogue_json,
    entry_json,
    facts,
    file_name,
    model_label,
    picture_json,
    ratio_of,
    size_of,
)
from bot.chat.catalogue import Catalogue
from bot.chat.progress import Stage
from bot.chat.replies import RecordDetail, RecordList
from bot.domain.job import JobId, Lineage
from bot.domain.request import ImageRequest, MagicPrompt
from tests.adapters.web.doubles import OPTIONS
from tests.fakes.values import NOON, make_job, make_record


@pytest.mark.parametrize(
    ("name", "label"),
    [("V_2", "v2"), ("V_2_TURBO", "v2 turbo"), ("V_2A", "v2a"), ("V_4_5", "v4.5")],
)
def test_models_are_named_as_people_type_them(name, label):
    assert model_label(name) == label


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1024x768", (1024, 768)),
        ("ASPECT_16_9", (16, 9)),
        ("", None),
        ("0x9", None),
        ("large", None),
    ],
)
def test_sizes(text, size):
    """The page reserves the picture's room before it has arrived."""
    assert size_of(text) == size


@pytest.mark.parametrize(
    ("asked", "ratio"),
    [
        ({}, "1 / 1"),
        ({"aspect_ratio": "ASPECT_9_16"}, "9 / 16"),
        ({"resolution": "1312x736"}, "1312 / 736"),
    ],
)
def test_the_placeholder_has_the_shape_of_the_picture(asked, ratio):
    assert ratio_of(ImageRequest(prompt="a fox", model="V_2", **asked)) == ratio


def test_facts_name_what_differs_from_the_ordinary():
    plain = make_record()
    special = make_record(
        style_type="DESIGN",
        color_palette="JUNGLE",
        negative_prompt="text",
        magic_prompt=MagicPrompt.OFF,
        rendering_speed="TURBO",
    )

    assert facts(plain) == ["v2", "1024 × 1024"]
    assert facts(special)[2:] == [
        "design",
        "turbo",
        "palette jungle",
        "no text",
        "magic off",
    ]


def test_alt_text_is_what_was_drawn_and_not_endless():
    assert alt_text(make_record()) == "a fox in the snow"
    long = alt_text(make_record(expanded_prompt="fox " * 200))
    assert len(long) == 300
    assert long.endswith("…")


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A fox, in a suit; studio light & more words", "a-fox-in-a-suit-studio"),
        ("../../etc/passwd\r\n", "etc-passwd"),
        ("狐", "picture"),
    ],
)
def test_file_names_are_harmless(prompt, name):
    """A prompt must not become a path or a header of its own."""
    assert file_name(make_record(prompt=prompt), ".png") == f"{name}-seed42.png"


def test_a_picture_that_was_not_kept_has_no_address():
    picture = picture_json(make_record(stored_path=None, is_safe=False))

    assert picture["url"] is None
    assert picture["is_safe"] is False


def test_buttons_are_those_of_every_platform():
    actions = [button["action"] for button in picture_json(make_record())["buttons"]]

    assert actions == ["reproduce", "new_seed", "edit", "more"]


def test_a_post_tells_what_was_changed():
    changes = ("aspect ratio 1:1 to 9:16",)
    lineage = Lineage(parent_id="p-1", typed_prompt="a fox", changes=changes)
    post = post_of([make_record()], make_job(lineage=lineage))

    shown = entry_json(3, post)

    assert shown["changes"] == list(changes)
    assert shown["rev"] == 3
    assert shown["is_private"] is False


def test_every_kind_of_entry_is_json():
    """What cannot be sent would end the stream for everyone who listens."""
    page = RecordList(title="Yours", records=(make_record(),), cursor=None)
    detail = RecordDetail(record=make_record(), lines=(("Seed", "42"),))
    contents = [
        JobNote(job_id=JobId("j"), stage=Stage.DRAWING, text="Drawing…"),
        PlainNote(tone=Tone.REFUSAL, text="No."),
        ListNote(page=page, words="fox"),
        DetailNote(detail=detail),
    ]
    notes = [
        Note(id="n", at=NOON, audience="fox", content=content) for content in contents
    ]
    ask = Ask(id="a", at=NOON, audience=None, user_id="amber-fox-1", text="<b>hi</b>")

    shown = [json.loads(json.dumps(entry_json(1, entry))) for entry in [ask, *notes]]

    assert [each["kind"] for each in shown] == ["ask", "note", "note", "note", "note"]
    assert [each["note"]["kind"] for each in shown[1:]] == [
        "job",
        "text",
        "list",
        "detail",
    ]
    assert shown[0]["text"] == "<b>hi</b>"
    assert shown[0]["by"]["name"] == "Amber Fox"


def test_the_catalogue_tells_what_can_be_typed():
    shown = catalogue_json(Catalogue(options=OPTIONS))

    assert shown["options"][0]["flag"] == "ar"
    assert shown["options"][0]["choices"][1] == {"label": "16:9", "value": "16:9"}
    assert [each["name"] for each in shown["commands"]][:2] == ["help", "history"]
