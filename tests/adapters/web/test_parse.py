"""What the page sends becomes commands."""

import pytest

from adapters.web.entries import PLACE, person_of
from adapters.web.parse import NO_COMMAND, NO_PICTURE, NO_REPLY, Sent, Talk, read_sent
from bot.chat.commands import (
    Cancel,
    Change,
    Edit,
    Find,
    Generate,
    Help,
    History,
    MessageRef,
    More,
    NewSeed,
    Origin,
    Reproduce,
    Show,
    ShowSettings,
    Stats,
)
from bot.domain.record import RecordId
from bot.errors import WrongInput

FOX = person_of("amber-fox-000000")
RECORD = RecordId("0000000000000001-1")
MESSAGE = "m-0000000000000001"


def origin(**shown: str) -> Origin:
    return Origin(
        event_id="amber-fox-000000:e1", person=FOX, place=PLACE, return_address=shown
    )


def read(**body):
    return read_sent({"event": "e1", **body}, FOX)


def say(text: str, **more):
    return read(kind="say", text=text, **more)


@pytest.mark.parametrize(
    ("typed", "prompt"),
    [
        ("/imagine a fox --ar 16:9", "a fox --ar 16:9"),
        ("/Imagine   a fox ", "a fox"),
        ("/imagine\na fox\nin the snow", "a fox\nin the snow"),
        ("/imagine -- history of art", "history of art"),
        ("/imagine helpful robots", "helpful robots"),
    ],
)
def test_what_follows_the_command_is_drawn(typed, prompt):
    sent = say(typed)

    shown = origin(typed=typed.strip())
    assert sent.command == Generate(origin=shown, text=prompt)
    assert sent.text == typed.strip()


@pytest.mark.parametrize(
    ("typed", "kind", "fields"),
    [
        ("", Help, {}),
        ("help", Help, {}),
        ("HELP", Help, {}),
        ("settings", ShowSettings, {}),
        ("stats", Stats, {}),
        ("history", History, {}),
        ("search red  fox --seed 4", Find, {"text": "red  fox --seed 4"}),
        ("show 00000", Show, {"target": "00000"}),
        ("cancel", Cancel, {"target": None}),
        ("cancel 0000", Cancel, {"target": "0000"}),
    ],
)
def test_sub_commands(typed, kind, fields):
    typed = f"/imagine {typed}".strip()

    assert say(typed).command == kind(origin=origin(typed=typed), **fields)


@pytest.mark.parametrize(
    ("typed", "rest"),
    [("same", ""), ("Again, --ar 9:16", "--ar 9:16"), ("reproduce 2", "2")],
)
def test_a_reply_draws_the_message_again(typed, rest):
    """The core finds the record; the page only names the message."""
    sent = say(typed, reply_to=MESSAGE)

    target = MessageRef(channel_id="sandbox", message_id=MESSAGE)
    shown = origin(typed=typed, reply_to=MESSAGE)
    assert sent.command == Reproduce(origin=shown, target=target, text=rest)
    assert sent.reply_to == MESSAGE


def test_a_command_is_a_command_in_a_reply_too():
    sent = say("/imagine a fox", reply_to=MESSAGE)

    assert isinstance(sent.command, Generate)
    assert sent.reply_to is None


@pytest.mark.parametrize(
    ("reply_to", "hint"), [(None, NO_COMMAND), (MESSAGE, NO_REPLY)]
)
def test_talk_gets_a_hint(reply_to, hint):
    """Nothing is drawn by accident, and nobody wonders why nothing happens."""
    talk = say("same here, lovely", reply_to=reply_to)

    assert talk == Talk(
        event="e1", text="same here, lovely", hint=hint, reply_to=reply_to
    )


def test_the_word_without_a_picture_is_told_how():
    """README says "reply same"; the button for it is easily overlooked."""
    assert say("same --ar 9:16").hint == NO_PICTURE


@pytest.mark.parametrize(
    ("action", "command"),
    [
        ("reproduce", Reproduce(origin=origin(), target=RECORD, is_press=True)),
        ("new_seed", NewSeed(origin=origin(), target=RECORD)),
        ("edit", Edit(origin=origin(), target=RECORD)),
        ("more", More(origin=origin(), target=RECORD)),
    ],
)
def test_buttons(action, command):
    sent = read(kind="press", action=action, record=RECORD)

    assert sent == Sent(event="e1", command=command)


def test_the_edited_form_is_drawn_and_shown_as_typed():
    sent = read(kind="edited", record=RECORD, prompt="a fox", flags="--seed 7")

    typed = "/imagine a fox --seed 7"
    assert sent.command == Generate(origin=origin(typed=typed), text="a fox --seed 7")
    assert sent.text == typed


@pytest.mark.parametrize(
    ("body", "command"),
    [
        (
            {"kind": "change", "record": RECORD, "is_pinned": False},
            Change(origin=origin(), target=RECORD, is_pinned=False),
        ),
        (
            {"kind": "change", "record": RECORD, "tags": ""},
            Change(origin=origin(), target=RECORD, tags=""),
        ),
        (
            {"kind": "change", "record": RECORD, "is_deleted": True},
            Change(origin=origin(), target=RECORD, is_deleted=True),
        ),
        ({"kind": "show", "record": RECORD}, Show(origin=origin(), target=RECORD)),
        ({"kind": "cancel", "job": "j1"}, Cancel(origin=origin(), target="j1")),
        ({"kind": "history", "cursor": "c"}, History(origin=origin(), cursor="c")),
        (
            {"kind": "search", "words": "fox", "cursor": "c"},
            Find(origin=origin(), text="fox", cursor="c"),
        ),
    ],
    ids=["unpin", "untag", "delete", "show", "cancel", "history", "search"],
)
def test_forms_and_pages(body, command):
    """What was left alone stays None: an unpinned picture is not the same as unasked."""
    assert read(**body).command == command


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"event": "e1", "kind": "dance"}, id="unknown kind"),
        pytest.param({"kind": "say", "text": "/imagine a fox"}, id="no event"),
        pytest.param({"event": "e" * 101, "kind": "say"}, id="long event"),
        pytest.param({"event": "e1", "kind": "say", "text": 7}, id="no text"),
        pytest.param({"event": "e1", "kind": "say", "text": "x" * 20_001}, id="long"),
        pytest.param({"event": "e1", "kind": "press", "action": "hug"}, id="action"),
        pytest.param(
            {"event": "e1", "kind": "change", "is_pinned": "yes"}, id="no switch"
        ),
    ],
)
def test_what_the_page_never_sends_is_refused(body):
    with pytest.raises(WrongInput):
        read_sent(body, FOX)


def test_half_a_character_is_replaced():
    """One of them in a message would break the page for everyone who sees it."""
    assert say("/imagine a fox \ud83e").text == "/imagine a fox ?"
    assert say("same", reply_to="m-\ud83e").reply_to == "m-?"
