"""What people see: each case beside a file that a reviewer can read."""

import json
from pathlib import Path

import pytest

from adapters.discord.buttons import picture_spots
from adapters.discord.caption import alt_text, caption
from adapters.discord.render import TOO_LONG_TO_EDIT, Shown, render
from adapters.discord.words import plain
from bot.chat.replies import (
    Accepted,
    EditForm,
    Nothing,
    Notice,
    RecordDetail,
    RecordList,
    Refusal,
)
from bot.domain.job import Lineage
from tests.adapters.discord.conftest import make_record

SAMPLES = Path(__file__).parents[2] / "samples" / "discord"


@pytest.fixture
def job(make_job, discord):
    discord.ada.id = 7
    discord.channel.id = 9
    return make_job()


def shown_as_json(shown):
    return {
        "content": shown.content,
        "embed": shown.embed.to_dict() if shown.embed else None,
        "buttons": [[s.row, s.label, s.custom_id] for s in shown.spots],
    }


def check(name, value):
    """Compare with the sample; a missing one is written for the reviewer."""
    path = SAMPLES / f"{name}.json"
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    if not path.exists():
        path.write_text(text)
        pytest.fail(f"{path.name} was missing and is written; look at it")
    assert text == path.read_text()


def test_picture(job):
    """One picture: prompt, facts, and a row of buttons."""
    record = make_record(job)

    embed = caption(job, [record])

    spots = picture_spots([record.id])
    check("picture", shown_as_json(Shown(embed=embed, spots=spots)))


def test_reproduced_picture(make_job, job):
    """What was changed is named."""
    lineage = Lineage(
        parent_id="x", typed_prompt="a fox", changes=("aspect ratio 1:1 to 9:16",)
    )
    again = make_job(lineage=lineage)

    check("reproduced", caption(again, [make_record(again)]).to_dict())


def test_six_pictures(job):
    """More than five share rows."""
    records = [make_record(job, index) for index in range(6)]

    embed = caption(job, records, withheld=1, smaller=2)

    spots = picture_spots([record.id for record in records])
    check("six-pictures", shown_as_json(Shown(embed=embed, spots=spots)))


def test_list(job):
    """A page of records with the way to the next."""
    records = (make_record(job), make_record(job, 1, is_pinned=True, prompt="_x_"))
    reply = RecordList(title="Found", records=records, cursor=records[1].id)

    check("list", shown_as_json(render(reply, words="fox")))


def test_empty_list():
    """Nothing found is a sentence, not an empty frame."""
    shown = render(RecordList(title="Nothing found.", records=()))

    assert shown == Shown(content="Nothing found.")


def test_detail(job):
    """One record, whole."""
    record = make_record(job)
    lines = (("prompt", "a *fox*"), ("seed", "42"))

    check("detail", shown_as_json(render(RecordDetail(record=record, lines=lines))))


@pytest.mark.parametrize(
    "reply",
    [
        Accepted(job_id="x", text="It is @here."),
        Notice(text="It is @here."),
        Refusal(text="It is @here."),
    ],
    ids=["accepted", "notice", "refusal"],
)
def test_sentences_ping_nobody(reply):
    """A quoted prompt may hold anything."""
    assert "@here" not in render(reply).content


def test_sub_commands_are_commands_here():
    """Typed behind /imagine, their names would be drawn, and paid for."""
    shown = render(Notice(text="See /imagine help, or /imagine helpful foxes."))

    assert shown.content == "See /help, or /imagine helpful foxes."


def test_long_text_goes_into_an_embed():
    """Help is longer than a message's text may be."""
    shown = render(Notice(text="`flag` words\n" * 250))

    assert shown.content == ""
    assert 2000 < len(shown.embed.description) <= 4096


def test_silence_and_forms():
    """What has no message of its own."""
    form = EditForm(record_id="x", prompt="a" * 5000, flags="")

    assert render(Nothing()) is None
    assert render(form) == Shown(content=TOO_LONG_TO_EDIT)


def test_longest_things_fit(job):
    """Everything at its limit stays within Discord's."""
    prompt = "*" * 10_000
    records = [make_record(job, n, prompt=prompt) for n in range(100)]

    detail = render(RecordDetail(record=records[0], lines=(("prompt", prompt),) * 9))
    page = render(RecordList(title="t" * 300, records=tuple(records)))

    assert len(detail.embed) <= 6000
    assert len(detail.embed.description) <= 4096
    assert len(page.embed.description) <= 4096
    assert len(caption(job, records[:8]).description) <= 4096
    assert len(alt_text(records[0])) == 1024


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        pytest.param("a *b* _c_ `d`", 99, r"a \*b\* \_c\_ \`d\`", id="markup"),
        pytest.param("<@1> <#2> <t:3>", 99, r"\<@1\> \<#2\> \<t:3\>", id="mentions"),
        pytest.param("--ar 16:9\n- x\n# y", 99, "--ar 16:9\n\\- x\n\\# y", id="lines"),
        pytest.param("[a](https://b)", 99, r"\[a](https://b)", id="link"),
        pytest.param("*" * 10, 10, r"\*\*\*\*…", id="cut"),
    ],
)
def test_words_are_shown_as_they_are(text, longest, expected):
    """Other people's words are text and nothing more."""
    assert plain(text, longest) == expected
