"""`/batch`: a file or a form becomes lines for the core; its offer is decided by buttons."""

import pytest

from adapters.discord.attachments import LARGEST
from bot.chat.actions import BatchAction
from bot.chat.commands import AskBatch, DecideBatch, SubmitBatch
from bot.chat.replies import BatchForm, BatchOffer, Notice, Refusal
from bot.parsing.batch import MAX_BYTES
from tests.adapters.discord.conftest import BATCH as ID
from tests.fakes.discord.bodies import Upload

DEFER, MESSAGE, UPDATE, MODAL, PRIVATE = 5, 4, 7, 9, 64
LINES = Upload("spring.txt", b"a fox\na badger --ar 16:9\n")
OFFER = BatchOffer(batch_id=ID, text="Batch spring: 2 lines, $0.16. Press Start.")


@pytest.fixture
def offered(core):
    core.replies |= {SubmitBatch: OFFER, AskBatch: BatchForm()}


async def test_a_file_is_fetched_and_offered(app, core, discord, offered):
    """Acknowledged before it is fetched; the answer has the two buttons."""
    asked = await discord.slash(
        "batch",
        {"file": LINES, "flags": "--n 2", "campaign": 'my "spring"', "delay": "5s"},
    )
    note = await discord.note(asked, "2 lines")

    [command] = core.commands
    assert asked.response == {"type": DEFER, "data": {"flags": PRIVATE}}
    assert isinstance(command, SubmitBatch)
    assert (command.content, command.file_name) == (LINES.content, "spring.txt")
    assert command.flags == '--n 2 --campaign "my spring" --delay 5s'
    assert command.origin.event_id == str(asked.id)
    assert note.is_ephemeral
    assert note.custom_ids == [f"start_batch:{ID}", f"cancel_batch:{ID}"]


async def test_an_interaction_told_twice_is_fetched_once(app, core, discord, offered):
    """The second time it is answered already."""
    asked = await discord.slash("batch", {"file": LINES})
    await discord.note(asked, "2 lines")

    await discord.people.deliver(asked)
    await discord.slash("help")  # all before it was heard

    assert discord.cdn.served == 1
    assert [type(c) for c in core.commands].count(SubmitBatch) == 1


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_a_file_that_cannot_be_fetched(app, core, discord, offered, status):
    """Nothing is asked of the core; the person knows what to do."""
    discord.cdn.fault = status

    asked = await discord.slash("batch", {"file": LINES})

    await discord.note(asked, "could not be fetched")
    assert core.commands == []


async def test_a_huge_file_is_not_read_whole(app, core, discord, offered):
    """One byte too many is enough for the core to refuse it."""
    await discord.slash("batch", {"file": Upload("x.txt", b"a\n" * 4 * 1024**2)})

    await discord.world.until(lambda: core.commands)
    assert len(core.commands[0].content) == LARGEST + 1 == MAX_BYTES + 1


async def test_wrong_lines_are_named(app, core, discord):
    """However many: a long text is shown as well."""
    wrong = "\n".join(f"Line {n}: --ar 17:9 is no aspect ratio." for n in range(60))
    core.replies[SubmitBatch] = Refusal(text=wrong)

    asked = await discord.slash("batch", {"file": LINES})
    await discord.world.until(lambda: asked.original and asked.original.embeds)

    assert "Line 59" in asked.original.embeds[0]["description"]
    assert asked.original.custom_ids == []


async def test_without_a_file_a_form_opens(app, core, discord, offered):
    """With the flags typed so far; what is sent is checked like a file."""
    opened = await discord.slash("batch", {"flags": "--n 2", "delay": "5s"})
    values = {"lines": "a fox\na badger"}
    sent = await discord.submit_modal(opened, values)

    command = core.commands[-1]
    assert isinstance(command, SubmitBatch)
    assert command.content == b"a fox\na badger"
    assert command.flags == "--n 2 --delay 5s"
    assert sent.response["type"] == MESSAGE
    assert sent.original.is_ephemeral
    assert sent.original.custom_ids == [f"start_batch:{ID}", f"cancel_batch:{ID}"]


async def test_closed_intake_takes_no_file(app, core, discord, offered):
    """A bot that is stopping says so."""
    await discord.slash("help")
    await app.close_intake()

    asked = await discord.slash("batch", {"file": LINES})

    assert "restarting" in asked.original.content
    assert discord.cdn.served == 0


@pytest.fixture
async def offer(app, discord, offered):
    """Give the private offer."""
    asked = await discord.slash("batch", {"file": LINES})
    return await discord.note(asked, "2 lines")


async def test_a_decision_takes_the_place_of_the_offer(core, discord, offer):
    """Its buttons have done their work."""
    core.replies[DecideBatch] = Notice(text="Started: 2 lines.")

    pressed = await discord.press(offer, f"start_batch:{ID}")

    command = core.commands[-1]
    assert (command.batch_id, command.action) == (ID, BatchAction.START)
    assert pressed.response["type"] == UPDATE
    assert offer.content == "Started: 2 lines."
    assert offer.custom_ids == []


async def test_a_refused_decision_leaves_the_offer(core, discord, offer):
    """It may be taken later, with more money."""
    core.replies[DecideBatch] = Refusal(text="The budget has $0.10 left.")

    pressed = await discord.press(offer, f"start_batch:{ID}")

    assert "$0.10" in pressed.original.content
    assert pressed.original is not offer
    assert offer.custom_ids == [f"start_batch:{ID}", f"cancel_batch:{ID}"]


@pytest.mark.parametrize("action", [BatchAction.PAUSE, BatchAction.CANCEL])
async def test_presses_below_the_batch_are_answered_privately(
    core,
    discord,
    begun,
    action,
):
    """What everyone sees is changed by the batch itself."""
    core.replies[DecideBatch] = Notice(text="Paused: nothing new is begun.")
    [message] = discord.messages()

    pressed = await discord.press(message, f"{action}:{ID}")

    assert core.commands[-1].action is action
    assert pressed.original.is_ephemeral
    assert pressed.original is not message
    assert message.embeds
