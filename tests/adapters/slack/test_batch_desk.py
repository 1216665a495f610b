"""Batches as they come in: the form, files in messages, buttons; over real sockets."""

import pytest

from adapters.slack.app import SlackApp
from adapters.slack.notes import PrivateNotes
from adapters.slack.web import SlackWeb, is_own
from bot.chat.actions import BatchAction
from bot.chat.commands import AskBatch, DecideBatch, Generate, SubmitBatch
from bot.chat.replies import BatchForm, BatchOffer, Notice, Refusal
from bot.domain.batch import MAX_BYTES
from tests.adapters.slack.making import FixedClock
from tests.fakes.slack.double import Fault

OFFER = BatchOffer(batch_id="0batch", text="Batch spring: 2 lines, $0.16.")


class ScriptedDispatch:
    """A core that remembers what it was asked and answers as it was told."""

    def __init__(self) -> None:
        self.commands = []
        self.replies = {AskBatch: BatchForm(), SubmitBatch: OFFER}

    async def handle(self, command):
        self.commands.append(command)
        return self.replies.get(type(command), Notice(text="Started: 2 lines."))

    @property
    def batches(self):
        return [one for one in self.commands if isinstance(one, SubmitBatch)]


@pytest.fixture
def dispatch():
    return ScriptedDispatch()


@pytest.fixture
async def app(slack, dispatch):
    web = SlackWeb(bot_token=slack.bot_token, base_url=slack.base_url)
    notes = PrivateNotes(web=web, clock=FixedClock())
    async with (
        web,
        SlackApp(
            web=web, notes=notes, dispatch=dispatch, app_token=slack.app_token
        ) as app,
    ):
        await slack.wait_connected()
        yield app


@pytest.fixture
async def form(app, slack):
    await slack.slash("/imagine batch")
    return await slack.wait_for_view()


async def test_lines_become_an_offer_with_buttons(app, slack):
    ack = await slack.slash("/imagine batch a fox\na hen")

    [note] = slack.notes
    assert ack.text == OFFER.text
    assert [b["action_id"] for b in note.blocks[1]["elements"]] == [
        "start_batch",
        "cancel_batch",
    ]


async def test_the_form_sends_lines_and_flags(form, slack, dispatch):
    """The offer comes where the form was asked for, wherever that is."""
    ack = await slack.submit_view(form, lines="a fox\na hen", flags="--ar 16:9")

    note = await slack.wait_for_note("spring")
    [batch] = dispatch.batches
    assert ack.body is None
    assert (batch.content, batch.flags) == (b"a fox\na hen", "--ar 16:9")
    assert batch.origin.place.channel_id == "C0PUBLIC"
    assert note.via == "response_url"
    assert note.blocks[1]["elements"][0]["value"] == "0batch"


@pytest.mark.parametrize("is_both", [False, True], ids=["nothing", "both"])
async def test_a_form_wants_lines_or_a_file(form, slack, dispatch, is_both):
    file = slack.api.describe(slack.api.attach("foxes.txt", b"a fox"))
    values = {"lines": "a fox", "file": [file]} if is_both else {}

    ack = await slack.submit_view(form, **values)

    assert list(ack.errors) == ["lines"]
    assert dispatch.batches == []


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ("", "Line 2: there is no flag --as."),
        ("--ar 1:1", "Line 2: there is no flag --as."),
        ("--as", "There is no flag --as."),
    ],
)
async def test_wrong_lines_are_said_in_the_form(form, slack, dispatch, flags, text):
    """Nothing typed is lost."""
    field = "lines" if text.startswith("Line") else "flags"
    dispatch.replies[SubmitBatch] = Refusal(text=text)

    ack = await slack.submit_view(form, lines="a fox\na hen --as", flags=flags)

    assert ack.errors == {field: text}
    assert form.is_open
    assert slack.notes == []


async def test_many_wrong_lines_come_as_a_note_too(form, slack, dispatch):
    """Below a field there is little room."""
    text = "\n".join(f"Line {n}: there is no flag --as." for n in range(1, 21))
    dispatch.replies[SubmitBatch] = Refusal(text=text)

    ack = await slack.submit_view(form, lines="a hen --as")

    note = await slack.wait_for_note("Line 20")
    assert note.text == text
    assert ack.errors["lines"].startswith("Line 1:")


async def test_a_file_in_the_form_is_fetched(form, slack, dispatch):
    file = slack.api.attach("foxes.csv", b"prompt\na fox\n")

    await slack.submit_view(form, file=[slack.api.describe(file)], flags="--ar 1:1")

    await slack.wait_for_note("spring")
    [batch] = dispatch.batches
    assert (batch.file_name, batch.content) == ("foxes.csv", b"prompt\na fox\n")
    assert batch.flags == "--ar 1:1"


async def test_a_form_that_does_not_open_is_told(app, slack):
    slack.faults.add("views.open", Fault(error="expired_trigger_id"))

    await slack.slash("/imagine batch")

    await slack.wait_for_note("/imagine batch once more")


@pytest.mark.parametrize(
    ("said", "flags"),
    [("batch", ""), ("imagine batch --campaign spring", "--campaign spring")],
)
async def test_a_file_in_a_message_is_fetched(app, slack, dispatch, said, flags):
    file = slack.api.attach("foxes.txt", b"a fox\na hen")

    await slack.mention(said, files=[slack.api.describe(file)])

    await slack.wait_for_note("spring")
    [batch] = dispatch.batches
    assert (batch.content, batch.flags) == (b"a fox\na hen", flags)


async def test_a_file_that_is_only_named_is_looked_up(app, slack, dispatch):
    """So are files of other organisations."""
    file = slack.api.attach("foxes.txt", b"a fox")

    await slack.mention("batch", files=[{"id": file.id, "mode": "file_access"}])

    await slack.wait_for_note("spring")
    assert dispatch.batches[0].content == b"a fox"


async def test_a_prompt_may_begin_with_the_word(app, slack, dispatch):
    await slack.mention("imagine batch of cookies")

    [command] = dispatch.commands
    assert isinstance(command, Generate)
    assert command.text == "batch of cookies"


async def test_without_file_and_lines_the_ways_are_told(app, slack):
    """An event gives no right to open a form."""
    await slack.mention("batch")

    await slack.wait_for_note("attach a text, CSV or JSON Lines file")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"size": MAX_BYTES + 1}, "larger than 5 MiB", id="large"),
        pytest.param(
            {"url_private_download": "https://slack.com.evil.example/f"},
            "did not hand the file over",
            id="another host",
        ),
        pytest.param({"is_external": True}, "does not show me", id="external"),
    ],
)
async def test_what_is_not_fetched_is_told(app, slack, dispatch, changes, words):
    file = slack.api.describe(slack.api.attach("foxes.txt", b"a fox"))

    await slack.mention("batch", files=[file | changes])

    await slack.wait_for_note(words)
    assert dispatch.batches == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(Fault(status=404), "did not hand the file over", id="gone"),
        pytest.param(Fault(status=500), "no usable answer", id="down"),
    ],
)
async def test_a_failed_download_is_told(app, slack, fault, words):
    file = slack.api.describe(slack.api.attach("foxes.txt", b"a fox"))
    slack.faults.add("download", fault)

    await slack.mention("batch", files=[file])

    note = await slack.wait_for_note(words)
    assert "Nothing was drawn" in note.text


async def test_more_than_was_announced_is_not_read(app, slack):
    """The size is what Slack says; the bytes are counted."""
    file = slack.api.attach("foxes.txt", b"x" * (MAX_BYTES + 1))

    await slack.mention("batch", files=[slack.api.describe(file) | {"size": 5}])

    await slack.wait_for_note("larger than 5 MiB")


async def test_two_files_are_too_many(app, slack):
    files = [slack.api.describe(slack.api.attach(n, b"a fox")) for n in ("a", "b")]

    await slack.mention("batch", files=files)

    await slack.wait_for_note("one file at a time")


async def test_start_takes_the_offers_place(app, slack, dispatch):
    await slack.slash("/imagine batch a fox")

    await slack.press(slack.notes[0], "start_batch")

    note = await slack.wait_for_note("Started")
    command = dispatch.commands[-1]
    assert isinstance(command, DecideBatch)
    assert (command.batch_id, command.action) == ("0batch", BatchAction.START)
    assert note.replaces


async def test_after_a_refusal_the_offer_stays(app, slack, dispatch):
    """Tomorrow there may be money again."""
    await slack.slash("/imagine batch a fox")
    dispatch.replies[DecideBatch] = Refusal(text="The budget is used up.")

    await slack.press(slack.notes[0], "start_batch")

    assert not (await slack.wait_for_note("used up")).replaces


async def test_what_all_see_is_replaced_by_nobodys_note(app, slack):
    """The buttons of the progress are the same; its message is edited by the bot."""
    blocks = (await slack.slash("/imagine batch a fox")).body["blocks"]
    shown = slack.workspace.add_message("C0PUBLIC", slack.bot_user, blocks=blocks)

    await slack.press(shown, "cancel_batch")

    assert not (await slack.wait_for_note("Started")).replaces


@pytest.mark.parametrize(
    ("url", "is_trusted"),
    [
        ("https://files.slack.com/files-pri/T-F/download/a.txt", True),
        ("https://files.slack-gov.com/a.txt", True),
        ("http://files.slack.com/a.txt", False),
        ("https://files.slack.com:8443/a.txt", False),
        ("https://slack.com@evil.example/a.txt", False),
        ("https://me@files.slack.com/a.txt", False),
        ("https://evilslack.com/a.txt", False),
        ("https://files.slack.com.evil.example/", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_the_token_goes_to_slack_alone(url, is_trusted):
    assert is_own(url, "https://slack.com/api/") is is_trusted
