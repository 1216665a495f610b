"""A batch on the page: asked for by text or form, decided by buttons, one entry each."""

import json
from dataclasses import replace

import pytest

from adapters.web.batches import WebBatches
from adapters.web.entries import (
    PLACE,
    BatchOfferNote,
    BatchPost,
    PlainNote,
    batch_entry_id,
    note_id,
    person_of,
)
from adapters.web.parse import read_sent
from adapters.web.view import entry_json
from bot.chat.actions import BatchAction
from bot.chat.commands import AskBatch, DecideBatch, SubmitBatch
from bot.chat.progress import Progress, Stage
from bot.chat.replies import BatchForm, BatchOffer, Notice, Refusal
from bot.domain.batch import Batch, BatchState
from bot.errors import WrongInput
from tests.adapters.web.doubles import NoNotes, Site
from tests.fakes.values import NOON, make_job

ID = "k3v9w2m1q8zt4c7d"
ANN = person_of("ann")
TEXT = "Batch spring: 30 of 100\n▓▓░░ 30 %\n28 done, 2 failed; 28 pictures, $2.24."
OFFER = BatchOffer(batch_id=ID, text="Batch spring: 2 lines, $0.16.")


@pytest.fixture
def site(tmp_path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def say(site):
    """Give a function that sends what the page sends, as Ann; it gives the form."""
    numbers = iter(range(100))

    async def send(**body):
        sent = read_sent({"event": str(next(numbers)), **body}, ANN)
        return await site.page._conversation.take(sent, ANN)

    return send


def make_batch(**changes) -> Batch:
    given = {
        "id": ID,
        "name": "spring",
        "person": ANN,
        "place": PLACE,
        "created_at": NOON,
        "lines": 100,
        "state": BatchState.RUNNING,
    }
    return Batch(**given | changes)


def shown(site):
    """Give the entry of the batch as the page's script reads it."""
    entry = site.channel.find(batch_entry_id(ID))
    return json.loads(json.dumps(entry_json(1, entry)))


# --- asking -----------------------------------------------------------------


async def test_lines_in_the_message(site, say):
    """The first line may be flags for all."""
    await say(kind="say", text="/imagine batch --n 2\na fox\na badger")

    [command] = site.core.commands
    assert (command.flags, command.content) == ("--n 2", b"a fox\na badger")


async def test_without_lines_the_form_opens(site, say):
    site.core.script[AskBatch] = BatchForm()

    assert await say(kind="say", text="/imagine batch") == {"kind": "batch"}


async def test_the_form_with_a_file(site, say):
    """Its name tells how the lines are written, and stands for them in the channel."""
    site.core.script[SubmitBatch] = OFFER

    await say(kind="batch", lines="prompt\nä fox", flags="--n 2", file_name="a.csv")

    [command] = site.core.commands
    assert command.content == "prompt\nä fox".encode()
    assert (command.file_name, command.flags) == ("a.csv", "--n 2")
    assert site.channel.find(f"ask-{ID}").text == "/imagine batch a.csv --n 2"


async def test_many_typed_lines_are_shown_in_part(site, say):
    """A message of five thousand lines would be no message."""
    site.core.script[SubmitBatch] = OFFER

    await say(kind="batch", lines="a fox\n" * 5000)

    assert len(site.core.commands[0].content) == 30_000
    assert len(site.channel.find(f"ask-{ID}").text) == 2000


# --- deciding ---------------------------------------------------------------


@pytest.fixture
async def offered(site, say):
    site.core.script[SubmitBatch] = OFFER
    await say(kind="batch", lines="a fox\na badger")
    note = site.channel.find(note_id(ID))
    assert isinstance(note.content, BatchOfferNote)


async def test_the_offer_has_its_buttons(site, offered):
    note = entry_json(1, site.channel.find(note_id(ID)))["note"]

    assert (note["batch"], note["text"]) == (ID, OFFER.text)
    actions = [button["action"] for button in note["buttons"]]
    assert actions == ["start_batch", "cancel_batch"]


async def test_a_decision_takes_the_place_of_the_offer(site, say, offered):
    site.core.script[DecideBatch] = Notice(text="Started: 2 lines.")

    await say(kind="manage", action="start_batch", batch=ID)

    command = site.core.commands[-1]
    assert (command.batch_id, command.action) == (ID, BatchAction.START)
    note = site.channel.find(note_id(ID))
    assert isinstance(note.content, PlainNote)
    assert note.content.text == "Started: 2 lines."


async def test_a_refused_decision_leaves_the_offer(site, say, offered):
    site.core.script[DecideBatch] = Refusal(text="The budget is used up.")

    await say(kind="manage", action="start_batch", batch=ID)

    assert isinstance(site.channel.find(note_id(ID)).content, BatchOfferNote)
    texts = [
        entry.content.text
        for _, entry in site.channel.entries_for("ann")
        if isinstance(getattr(entry, "content", None), PlainNote)
    ]
    assert texts == ["The budget is used up."]


def test_an_unknown_action_is_none_of_ours():
    with pytest.raises(WrongInput, match="start_batch"):
        read_sent({"event": "1", "kind": "manage", "action": "x", "batch": ID}, ANN)


# --- its entry --------------------------------------------------------------


async def test_the_entry_says_how_it_stands(site):
    """For everyone; it is one however often it changes."""
    batches, batch = WebBatches(channel=site.channel), make_batch()

    place = await batches.begin(batch, TEXT.replace("30", "0"), NoNotes())
    await batches.update(batch, TEXT)

    entry = shown(site)
    assert place == PLACE
    assert (entry["kind"], entry["title"]) == ("batch", "Batch spring: 30 of 100")
    assert entry["percent"] == 30
    assert entry["lines"] == ["28 done, 2 failed; 28 pictures, $2.24."]
    actions = [button["action"] for button in entry["buttons"]]
    assert actions == ["pause_batch", "cancel_batch"]
    assert [e.id for _, e in site.channel.entries_for("bob")] == [batch_entry_id(ID)]


async def test_its_end_has_the_table(site, tmp_path):
    """It can be saved as long as the entry is there."""
    table = tmp_path / "results.csv"
    table.write_bytes(b"line,state\r\n1,done\r\n")
    batches, done = WebBatches(channel=site.channel), make_batch(state=BatchState.DONE)
    await batches.update(done, TEXT)

    await batches.end(done, "Batch spring is done.", table, NoNotes())

    entry = shown(site)
    assert entry["lines"] == ["Batch spring is done."]
    assert entry["buttons"] == []
    async with site.visitor() as ann:
        answer = await ann.get(entry["table"])
        missing = await ann.get(entry["table"].replace("k3", "x3"))
    assert answer.content == table.read_bytes()
    assert "attachment" in answer.headers["content-disposition"]
    assert missing.status_code == 404


async def test_a_line_has_no_note_of_its_own(site):
    """Two hundred of them would bury the channel."""
    job = replace(make_job(person=ANN, place=PLACE), batch_id=ID, line=1)

    await site.sender.show(job, Progress(stage=Stage.DRAWING, text="Drawing…"))

    assert site.channel.entries_for("ann") == []


def test_an_entry_without_a_bar():
    entry = BatchPost(id="x", at=NOON, audience=None, batch=make_batch(), text="")

    assert entry_json(1, entry)["percent"] == 0
