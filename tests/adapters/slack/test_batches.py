"""A batch's message and table in Slack: once each, edited while it runs, in one thread."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.slack.batches import SlackBatches
from bot.domain.batch import Batch, BatchState
from bot.domain.job import BatchId
from bot.domain.people import Visibility
from bot.errors import NotInPlace, PlatformBusy, PlatformDown, PlatformRefused
from tests.adapters.slack.making import ALICE, NOON, PUBLIC, Notes
from tests.fakes.slack.double import Fault

TEXT = "Batch spring: 1 of 4\n▓▓▓▓▓░░░ 25 %"


@pytest.fixture
def batches(web, notes, clock, naps):
    return SlackBatches(web=web, notes=notes, clock=clock, sleep=naps.sleep)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text("line,state\r\n1,done\r\n")
    return path


def make_batch(**changes) -> Batch:
    fields = {
        "id": BatchId("0batch"),
        "name": "spring",
        "person": ALICE,
        "place": PUBLIC,
        "created_at": NOON,
        "lines": 4,
        "state": BatchState.RUNNING,
    }
    return Batch(**fields | changes)


async def begun(batches, batch=None, **changes):
    """Begin a batch; give it as it is read afterwards."""
    batch, notes = batch or make_batch(**changes), Notes()
    place = await batches.begin(batch, TEXT, notes)
    return replace(batch, notes={"begin": notes.current}), place


async def test_the_thread_below_the_message_is_the_batchs(batches, slack):
    _, place = await begun(batches)

    [message] = slack.messages()
    assert (place.channel_id, place.thread_id) == ("C0PUBLIC", message.ts)
    assert "25 %" in message.blocks[0]["text"]["text"]
    assert message.button("pause_batch", "0batch")
    assert message.button("cancel_batch", "0batch")


async def test_a_batch_asked_for_in_a_thread_stays_there(batches, slack):
    root = slack.workspace.add_message("C0PUBLIC", "U1", text="look")

    _, place = await begun(batches, place=replace(PUBLIC, thread_id=root.ts))

    [message] = slack.messages()
    assert message.thread_ts == place.thread_id == root.ts


@pytest.mark.parametrize("is_in_thread", [False, True], ids=["channel", "thread"])
@pytest.mark.parametrize("drop", ["before", "after"])
async def test_a_lost_answer_posts_no_second_message(
    batches, slack, drop, is_in_thread
):
    """Whether it was posted is looked up where it would stand."""
    root = slack.workspace.add_message("C0PUBLIC", "U1", text="look")
    place = replace(PUBLIC, thread_id=root.ts if is_in_thread else None)
    slack.faults.add("chat.postMessage", Fault(drop=drop))
    notes = Notes()
    with pytest.raises(PlatformDown):
        await batches.begin(make_batch(place=place), TEXT, notes)

    again = await batches.begin(make_batch(place=place), TEXT, notes)

    [message] = slack.messages()
    assert again.thread_id == (root.ts if is_in_thread else message.ts)


async def test_what_was_begun_is_not_begun_again(batches, slack):
    notes = Notes()
    first = await batches.begin(make_batch(), TEXT, notes)

    assert await batches.begin(make_batch(), TEXT, notes) == first
    assert len(slack.messages()) == 1


async def test_a_public_channel_is_joined(batches, slack):
    slack.workspace.add_channel("C0NEW", members={"U1"})

    _, place = await begun(batches, place=replace(PUBLIC, channel_id="C0NEW"))

    assert slack.messages("C0NEW")[0].ts == place.thread_id


async def test_without_the_bot_the_person_is_told_once(batches, slack):
    """In a private channel it has to be invited."""
    slack.workspace.add_channel("G0NEW", kind="group", members={"U1"})
    url = slack.api.new_response_url("commands", user="U1", channel="G0NEW")
    batch = make_batch(
        place=replace(PUBLIC, channel_id="G0NEW"), return_address={"response_url": url}
    )
    notes = Notes()

    for _ in range(2):
        with pytest.raises(NotInPlace):
            await batches.begin(batch, TEXT, notes)

    [note] = slack.notes
    assert "/invite @ideogram" in note.text
    await slack.invite_bot("G0NEW")
    await batches.begin(batch, TEXT, notes)
    assert len(slack.messages("G0NEW")) == 1


async def test_between_two_people_it_goes_to_the_bots_own_conversation(batches, slack):
    """No bot can be invited there."""
    slack.workspace.channels["D0THEIRS"] = replace(
        slack.workspace.direct("U9"), id="D0THEIRS", members={"U1", "U2"}, messages=[]
    )

    _, place = await begun(batches, place=replace(PUBLIC, channel_id="D0THEIRS"))

    assert (place.channel_id, place.visibility) == ("DU1", Visibility.OWNER)


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (BatchState.RUNNING, {"pause_batch", "cancel_batch"}),
        (BatchState.PAUSED, {"resume_batch", "cancel_batch"}),
        (BatchState.DONE, set()),
        (BatchState.CANCELLED, set()),
    ],
)
async def test_an_edit_shows_what_can_be_done_now(batches, slack, state, shown):
    batch, _ = await begun(batches)

    await batches.update(replace(batch, state=state), "Batch spring: 3 of 4\n75 %")

    [message] = slack.messages()
    elements = [e for block in message.blocks for e in block.get("elements", ())]
    assert {element["action_id"] for element in elements} == shown
    assert message.text == "Batch spring: 3 of 4"


async def test_edits_wait_for_slacks_patience(batches, slack, clock):
    """What is left out is shown by the next one."""
    batch, _ = await begun(batches)
    slack.faults.add("chat.update", Fault(retry_after=30))

    await batches.update(batch, "2 of 4")
    await batches.update(batch, "3 of 4")

    assert slack.api.names().count("chat.update") == 1
    clock.time += timedelta(seconds=31)
    await batches.update(batch, "4 of 4")
    assert slack.messages()[0].text == "4 of 4"


async def test_the_last_edit_is_not_left_out(web, notes, slack, clock):
    """Buttons would stay that do nothing."""

    async def sleep(seconds: float) -> None:
        clock.time += timedelta(seconds=seconds)

    batches = SlackBatches(web=web, notes=notes, clock=clock, sleep=sleep)
    batch, _ = await begun(batches)
    slack.faults.add("chat.update", Fault(retry_after=30))

    await batches.update(replace(batch, state=BatchState.DONE), "4 of 4")

    assert slack.messages()[0].text == "4 of 4"
    assert clock.time == NOON + timedelta(seconds=30)


@pytest.mark.parametrize("error", ["message_not_found", "internal_error"])
async def test_an_edit_never_raises(batches, slack, error):
    batch, _ = await begun(batches)
    slack.faults.add("chat.update", Fault(error=error))

    await batches.update(batch, "2 of 4")

    assert slack.messages()[0].text == "Batch spring: 1 of 4"


async def test_the_table_comes_into_the_thread(batches, slack, table):
    batch, place = await begun(batches)

    await batches.end(batch, "Batch <spring> is done.", table, Notes())

    message = slack.messages()[-1]
    assert message.thread_ts == place.thread_id
    assert message.text == "Batch &lt;spring&gt; is done."
    assert message.contents == [table.read_bytes()]
    assert message.files[0].name == "batch-0batch.csv"


@pytest.mark.parametrize("drop", ["before", "after"])
async def test_a_lost_answer_posts_no_second_table(batches, slack, table, drop):
    batch, _ = await begun(batches)
    slack.faults.add("files.completeUploadExternal", Fault(drop=drop))
    notes = Notes()

    for _ in range(3):
        try:
            await batches.end(batch, "Done.", table, notes)
        except PlatformDown:
            continue
        break

    assert [m.text for m in slack.messages()[1:]] == ["Done."]


async def test_a_kill_before_the_answer_posts_no_second_table(batches, slack, table):
    """The note of the life before says that it may be there."""
    batch, _ = await begun(batches)
    notes = Notes()
    await batches.end(batch, "Done.", table, notes)

    await batches.end(batch, "Done.", table, notes)

    assert len(slack.messages()) == 2


async def test_a_rate_limit_is_tried_again_with_the_same_file(batches, slack, table):
    batch, _ = await begun(batches)
    slack.faults.add("files.completeUploadExternal", Fault(retry_after=60))
    notes = Notes()
    with pytest.raises(PlatformBusy):
        await batches.end(batch, "Done.", table, notes)

    await batches.end(batch, "Done.", table, notes)

    assert len(slack.workspace.files) == 1
    assert len(slack.messages()) == 2


async def test_a_refusal_is_final(batches, slack):
    slack.faults.add("chat.postMessage", Fault(error="is_archived"))

    with pytest.raises(PlatformRefused, match="archived"):
        await batches.begin(make_batch(), TEXT, Notes())
