"""An earlier picture offered in Discord."""

import random
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image

from adapters.discord.buttons import BotButton
from adapters.discord.render import render
from bot.chat.commands import DrawAnew, Generate, MessageRef, ShowHere
from bot.chat.replies import Accepted, AlreadyDrawn, Refusal
from bot.errors import PlatformDown
from storage.files.local import LocalFiles
from tests.adapters.discord.conftest import Notes
from tests.fakes.discord.world import MIB
from tests.fakes.values import make_record
from tests.fakes.waiting import until

JOB = "k3v9w2m1q8zt4c7d"


def test_an_offer_has_two_buttons_that_are_known_again():
    """Their ids say all there is to know, so an earlier process's work."""
    message = MessageRef(channel_id="5", message_id="6")
    reply = AlreadyDrawn(
        job_id=JOB, record=make_record(), text="Drawn before.", message=message
    )

    shown = render(reply)

    ids = [spot.custom_id for spot in shown.spots]
    assert ids == [f"show_here:{JOB}", f"draw_anew:{JOB}"]
    template = BotButton.__discord_ui_compiled_template__
    assert all(re.fullmatch(template, each) for each in ids)
    assert "/5/6" in shown.content


# --- the picture in the private note ------------------------------------------

PATH = "2026/01/fox.png"
DEFER_UPDATE, UPDATE, MESSAGE = 6, 7, 4


@pytest.fixture
async def house(start, tmp_path):
    """A bot that reads kept pictures from a folder; gives the folder."""
    await start(files=LocalFiles(tmp_path / "images"))
    folder = (tmp_path / "images" / PATH).parent
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def asks(core, discord):
    """Give a function that asks for what was drawn before and gives its private note."""
    record = make_record(stored_path=PATH)
    offer = AlreadyDrawn(job_id=JOB, record=record, text="Drawn before.")

    async def ask():
        core.replies[Generate] = offer
        asked = await discord.slash("imagine", {"prompt": "a fox"})
        return asked.original

    return ask


def draw_noise(file, side):
    """Put a picture on disk that no encoding makes much smaller."""
    noise = random.Random(1).randbytes(side * side * 3)
    Image.frombytes("RGB", (side, side), noise).save(file, "PNG", compress_level=0)


async def test_the_private_note_gets_the_picture(house, asks, discord):
    """The words come at once, the picture as soon as it is uploaded."""
    draw_noise(house / "fox.png", 20)

    note = await asks()
    await discord.world.until(lambda: note.attachments)

    assert note.is_ephemeral
    assert note.attachments[0].content == (house / "fox.png").read_bytes()
    assert note.custom_ids == [f"show_here:{JOB}", f"draw_anew:{JOB}"]
    assert discord.messages() == []


async def test_a_large_picture_is_shown_smaller(house, asks, discord):
    """What Discord would not take is re-encoded, as in the channel."""
    discord.guild.upload_limit = MIB
    draw_noise(house / "fox.png", 700)

    note = await asks()
    await discord.world.until(lambda: note.attachments)

    assert len(note.attachments[0].content) <= MIB


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="gone"),
        pytest.param(b"no picture" * 150_000, id="large and not to be read"),
    ],
)
async def test_without_its_picture_the_note_still_asks(
    house, asks, discord, content, caplog
):
    """The link and the buttons are what matters."""
    discord.guild.upload_limit = MIB
    if content is not None:
        (house / "fox.png").write_bytes(content)
    caplog.set_level("INFO", logger="adapters.discord.desk")

    note = await asks()
    await until(lambda: "could not be shown" in caplog.text)

    assert note.content.startswith("Drawn before.")
    assert note.attachments == []
    assert len(note.custom_ids) == 2


async def test_a_failed_upload_leaves_the_note(house, asks, discord, caplog):
    """Nothing else of the answer is lost."""
    draw_noise(house / "fox.png", 20)
    discord.fail("PATCH", "/webhooks/.*", "413")
    caplog.set_level("INFO", logger="adapters.discord.desk")

    note = await asks()
    await until(lambda: "could not be answered" in caplog.text)

    assert note.attachments == []
    assert len(note.custom_ids) == 2


# --- the buttons --------------------------------------------------------------


@pytest.mark.parametrize(
    ("button", "kind"), [("show_here", ShowHere), ("draw_anew", DrawAnew)]
)
async def test_a_press_takes_the_notes_place(
    house, asks, core, discord, *, button, kind
):
    """One private message that tells how it goes on; no button is left on it."""
    draw_noise(house / "fox.png", 20)
    note = await asks()
    await discord.world.until(lambda: note.attachments)
    core.replies[kind] = Accepted(job_id=JOB, text="Going on.")

    pressed = await discord.press(note, f"{button}:{JOB}")

    command = core.commands[-1]
    assert command == kind(origin=command.origin, target=JOB)
    assert pressed.response["type"] == UPDATE
    assert note.content == "Going on."
    assert (note.attachments, note.custom_ids) == ([], [])


async def test_a_second_press_of_the_same_button_says_nothing(
    house, asks, core, discord
):
    """The note tells already what the first has done."""
    note = await asks()
    core.replies[ShowHere] = Accepted(job_id=JOB, text="Going on.", is_new=False)

    pressed = await discord.press(note, f"show_here:{JOB}")

    assert pressed.response == {"type": DEFER_UPDATE}
    assert note.content.startswith("Drawn before.")


async def test_a_no_leaves_the_other_button(house, asks, core, discord):
    """What is gone can still be drawn anew."""
    note = await asks()
    core.replies[ShowHere] = Refusal(text="Deleted meanwhile.")

    pressed = await discord.press(note, f"show_here:{JOB}")

    assert pressed.response["type"] == MESSAGE
    assert pressed.original.is_ephemeral
    assert f"draw_anew:{JOB}" in note.custom_ids


# --- shown again, exactly once ------------------------------------------------


@pytest.fixture
async def twice(app, discord, make_job, make_pictures):
    """A picture that stands in the channel, and a job that shows it there again."""
    first = make_job()
    pictures = make_pictures(first)
    await app.sender.post(first, pictures, Notes())
    again = replace(make_job(event="again"), shows=(pictures[0].record.id,))
    return again, pictures


async def test_the_first_message_is_not_taken_for_the_second(app, discord, twice):
    """After a crash the bot looks for its own message, which shows the same record."""
    again, pictures = twice
    notes = Notes()
    discord.fail("POST", "/channels/\\d+/messages", "drop before")
    with pytest.raises(PlatformDown):
        await app.sender.post(again, pictures, notes)

    [posted] = await app.sender.post(again, pictures, notes)

    assert len(discord.messages()) == 2
    assert posted.message_id == str(discord.messages()[1].id)


async def test_the_second_message_is_found_again(app, discord, clock, twice):
    """And not posted a third time."""
    again, pictures = twice
    notes = Notes()
    [before] = await app.sender.post(again, pictures, notes)
    discord.world.nonce_life = 0.0
    clock.ahead = timedelta(minutes=1)

    [after] = await app.sender.post(again, pictures, Notes(notes.current))

    assert after == before
    assert len(discord.messages()) == 2
