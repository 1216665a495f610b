"""A batch in Discord: its message, its thread and its summary, each exactly once."""

import gzip
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.discord.batches import DiscordBatches
from bot.domain.batch import BatchState
from bot.errors import NotInPlace, PlatformBusy, PlatformDown
from tests.adapters.discord.conftest import BATCH as ID
from tests.adapters.discord.conftest import BATCH_TEXT as TEXT
from tests.adapters.discord.conftest import Notes, address_of
from tests.fakes.discord.world import BEGIN_THREAD, HISTORY, PUBLIC_THREAD, SEND

MESSAGES = r"/channels/\d+/messages"
THREADS = MESSAGES + r"/\d+/threads"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text("line,state\n1,done\n")
    return path


def _thread(discord):
    [thread] = [c for c in discord.world.channels.values() if c.kind == PUBLIC_THREAD]
    return thread


async def test_it_begins_with_a_message_and_a_thread(batches, discord, make_batch):
    """Everyone sees how it stands; the pictures go below."""
    place = await batches.begin(make_batch(), TEXT, Notes())

    [message] = discord.messages()
    thread = _thread(discord)
    assert message.embeds[0]["title"] == "Batch spring: 0 of 3"
    assert "3 left" in message.embeds[0]["description"]
    assert message.custom_ids == [f"pause_batch:{ID}", f"cancel_batch:{ID}"]
    assert (thread.name, thread.parent) == ("Batch spring", discord.channel)
    assert place.channel_id == str(thread.id)
    assert place.workspace_id == str(discord.guild.id)


async def test_a_line_is_posted_into_the_thread(
    app, batches, discord, *, make_batch, make_job, make_pictures
):
    """By the usual way, where its message is found again."""
    place = await batches.begin(make_batch(), TEXT, Notes())
    job = make_job(place=place)

    [posted] = await app.sender.post(job, make_pictures(job), Notes())

    [message] = discord.messages(_thread(discord))
    assert posted.channel_id == str(message.channel.id)
    assert len(discord.messages()) == 1


@pytest.mark.parametrize("pattern", [MESSAGES, THREADS], ids=["message", "thread"])
@pytest.mark.parametrize("kind", ["drop before", "drop after", "500 after"])
async def test_there_is_one_of_each(
    start, batches, discord, clock, *, make_batch, pattern, kind
):
    """Wherever it was cut off: another process finds what is there."""
    batch, notes = make_batch(), Notes()
    discord.fail("POST", pattern, kind)
    if kind.startswith("drop"):
        with pytest.raises(PlatformDown):
            await batches.begin(batch, TEXT, notes)
        discord.world.nonce_life = 0.0
    again = DiscordBatches(line=(await start()).sender.line, clock=clock)

    place = await again.begin(batch, TEXT, Notes(notes.current))

    assert len(discord.messages()) == 1
    assert place.channel_id == str(_thread(discord).id)


@pytest.mark.parametrize("where", ["no permission", "thread", "direct"])
async def test_without_a_thread_the_pictures_go_to_the_channel(
    batches, discord, make_batch, where
):
    """Or to the thread that one is in already."""
    channel = discord.channel
    if where == "no permission":
        await discord.change(channel, bot_deny=BEGIN_THREAD)
    if where == "thread":
        channel = discord.add_channel("t", kind=PUBLIC_THREAD, parent=channel)
    if where == "direct":
        channel = discord.people.direct(discord.ada)

    place = await batches.begin(make_batch(channel), TEXT, Notes())

    assert place.channel_id == str(channel.id)
    assert len(discord.messages(channel)) == 1


async def test_where_the_bot_may_not_write_the_person_is_told(
    batches, discord, clock, make_batch
):
    """In the note of the offer; the batch waits for the permission."""
    await discord.change(discord.channel, bot_deny=SEND)
    asked = await discord.slash("help")
    batch = make_batch(return_address=address_of(asked, discord, clock))
    notes = Notes()

    with pytest.raises(NotInPlace):
        await batches.begin(batch, TEXT, notes)
    await discord.change(discord.channel, bot_deny=0)
    await batches.begin(batch, TEXT, notes)

    assert "may not post" in asked.original.content
    assert len(discord.messages()) == 1


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        (BatchState.RUNNING, ["pause_batch", "cancel_batch"]),
        (BatchState.PAUSED, ["resume_batch", "cancel_batch"]),
        (BatchState.DONE, []),
        (BatchState.CANCELLED, []),
    ],
)
async def test_its_message_says_how_it_stands(batches, discord, begun, state, buttons):
    """With the buttons that do something now."""
    await batches.update(replace(begun, state=state), "Batch spring: 1 of 3\nbar")

    [message] = discord.messages()
    assert message.embeds[0]["title"] == "Batch spring: 1 of 3"
    assert message.custom_ids == [f"{name}:{ID}" for name in buttons]


@pytest.mark.parametrize("kind", ["drop before", "429", "403"])
async def test_what_could_not_be_shown_is_shown_at_the_end(
    batches, discord, begun, table, kind
):
    """An update never raises; the last one is made up for."""
    discord.fail("PATCH", MESSAGES + r"/\d+", kind, times=10, retry_after=60.0)
    done = replace(begun, state=BatchState.DONE)
    await batches.update(done, "Batch spring: 3 of 3\nbar")
    discord.limits.faults.clear()

    await batches.end(done, "Batch spring is done.", table, Notes())

    [message] = discord.messages()
    assert message.embeds[0]["title"] == "Batch spring: 3 of 3"
    assert message.custom_ids == []


async def test_a_deleted_message_is_not_missed(batches, discord, begun, table):
    """Somebody wanted it away; pictures and summary have their thread."""
    discord.messages()[0].is_deleted = True
    await batches.update(begun, "Batch spring: 1 of 3")

    await batches.end(begun, "Batch spring is done.", table, Notes())

    assert len(discord.messages(_thread(discord))) == 1


async def test_the_summary_has_the_table(batches, discord, begun, table):
    """In the thread, byte for byte."""
    await batches.end(begun, "Batch spring is done: 3 of 3.", table, Notes())

    [message] = discord.messages(_thread(discord))
    [attachment] = message.attachments
    assert "3 of 3" in message.embeds[0]["description"]
    assert attachment.filename == "results.csv"
    assert attachment.content == table.read_bytes()


@pytest.mark.parametrize("kind", ["drop before", "drop after", "500 after"])
async def test_there_is_one_summary(
    start, batches, discord, clock, *, begun, table, kind
):
    """Whatever was cut off, and however often it is asked for."""
    notes = Notes()
    discord.fail("POST", MESSAGES, kind)
    if kind.startswith("drop"):
        with pytest.raises(PlatformDown):
            await batches.end(begun, "Done.", table, notes)
        discord.world.nonce_life = 0.0
    again = DiscordBatches(line=(await start()).sender.line, clock=clock)

    for _ in range(2):
        await again.end(begun, "Done.", table, notes)

    assert len(discord.messages(_thread(discord))) == 1


async def test_a_large_table_is_packed(batches, discord, begun, table):
    """Discord takes so many bytes; a table of thousands of lines has more."""
    discord.guild.upload_limit = 10 * 1024 * 1024
    table.write_bytes(b"1,done,a fox\n" * 1_000_000)

    await batches.end(begun, "Done.", table, Notes())

    [message] = discord.messages(_thread(discord))
    [attachment] = message.attachments
    assert attachment.filename == "results.csv.gz"
    assert gzip.decompress(attachment.content) == table.read_bytes()


async def test_without_its_thread_the_summary_is_in_the_channel(
    batches, discord, begun, table
):
    """A deleted thread takes its pictures along, not what became of them."""
    del discord.world.channels[_thread(discord).id]

    await batches.end(begun, "Done.", table, Notes())

    assert len(discord.messages()) == 2


async def test_without_history_nothing_is_posted_twice(
    batches, discord, clock, make_batch
):
    """Once the nonce is forgotten, a permission settles it."""
    await discord.change(discord.channel, bot_deny=HISTORY)
    await discord.slash("help")  # the bot has heard of it then
    batch, notes = make_batch(), Notes()
    discord.fail("POST", MESSAGES, "drop after")
    with pytest.raises(PlatformDown):
        await batches.begin(batch, TEXT, notes)
    clock.ahead = timedelta(minutes=10)

    with pytest.raises(NotInPlace, match="Read Message History"):
        await batches.begin(batch, TEXT, notes)

    assert len(discord.messages()) == 1


async def test_a_limit_is_told_as_one(batches, discord, make_batch):
    """The runner waits as long as Discord asks."""
    discord.fail("POST", MESSAGES, "429", retry_after=60.0)

    with pytest.raises(PlatformBusy):
        await batches.begin(make_batch(), TEXT, Notes())
