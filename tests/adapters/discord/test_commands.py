"""Slash commands and the message command: what reaches the core, what comes back."""

import asyncio

import pytest

from adapters.discord.address import ReturnAddress
from bot.chat.commands import (
    Cancel,
    Find,
    Generate,
    Help,
    History,
    MessageRef,
    Reproduce,
    Show,
    ShowSettings,
    Stats,
)
from bot.chat.replies import Accepted, Notice, RecordDetail, RecordList, Refusal
from bot.domain.people import Visibility
from tests.adapters.discord.conftest import make_record
from tests.fakes.discord.world import DM, PRIVATE_THREAD, PUBLIC_THREAD, VIEW

DEFER, MESSAGE, PRIVATE = 5, 4, 64


async def test_imagine_carries_prompt_and_options(app, core, discord):
    """An option is the flag it stands for, as text."""
    options = {
        "prompt": "a fox --ar 1:1",
        "aspect": "16:9",
        "resolution": "512x1024",
        "seed": 0,
        "negative": "text, blur",
        "private": True,
    }

    await discord.slash("imagine", options)

    [command] = core.commands
    assert isinstance(command, Generate)
    assert command.text == "a fox --ar 1:1"
    assert command.options == {
        "ar": "16:9",
        "res": "512x1024",
        "seed": "0",
        "no": "text, blur",
        "private": "true",
    }


async def test_switch_set_to_false_is_not_set(app, core, discord):
    """`private: False` is the same as leaving it out."""
    await discord.slash("imagine", {"prompt": "a fox", "private": False})

    assert core.commands[0].options == {}


async def test_origin_says_who_and_where(app, core, discord):
    """The job's id comes from the interaction; what answers it is kept."""
    asked = await discord.slash("imagine", {"prompt": "a fox"})

    origin = core.commands[0].origin
    assert origin.event_id == str(asked.id)
    assert origin.person.user_id == str(discord.ada.id)
    assert origin.place.workspace_id == str(discord.guild.id)
    assert origin.place.channel_id == str(discord.channel.id)
    assert origin.place.visibility is Visibility.WORKSPACE
    address = ReturnAddress.read(origin.return_address)
    assert address.token == asked.token
    assert address.size_limit == asked.size_limit


def _hidden(discord):
    return discord.add_channel("secret", everyone_deny=VIEW, bot_allow=VIEW)


def _public_thread(discord):
    return discord.add_channel("t", kind=PUBLIC_THREAD, parent=discord.channel)


def _private_thread(discord):
    return discord.add_channel("t", kind=PRIVATE_THREAD, parent=discord.channel)


def _elsewhere(discord):
    guild = discord.add_guild("Elsewhere", has_bot=False)
    return discord.add_channel("general", guild=guild)


@pytest.mark.parametrize(
    ("make", "visibility"),
    [
        pytest.param(_hidden, Visibility.MEMBERS, id="hidden channel"),
        pytest.param(_public_thread, Visibility.WORKSPACE, id="public thread"),
        pytest.param(_private_thread, Visibility.MEMBERS, id="private thread"),
        pytest.param(_elsewhere, Visibility.MEMBERS, id="server without the bot"),
    ],
)
async def test_who_may_see_a_place(start, core, discord, make, visibility):
    """Only what everyone may view is the server's; what is not known is private."""
    channel = make(discord)
    await start(guild_ids=[])

    await discord.slash("imagine", {"prompt": "a fox"}, channel=channel)

    place = core.commands[0].origin.place
    assert place.visibility is visibility
    assert place.channel_id == str(channel.id)
    assert place.workspace_id == str(channel.guild.id)


async def test_direct_message_is_its_owners(start, core, discord):
    """Outside of servers the workspace is `local`."""
    await start(guild_ids=[])
    channel = discord.people.direct(discord.ada)

    await discord.slash("imagine", {"prompt": "a fox"}, channel=channel)

    place = core.commands[0].origin.place
    assert channel.kind == DM
    assert place.visibility is Visibility.OWNER
    assert place.workspace_id == "local"


async def test_job_is_written_down_before_the_answer(app, core, discord):
    """Nothing is sent to Discord until the core has the command."""
    seen = []

    async def look(command):
        callbacks = [p for _, p in discord.limits.requests if p.endswith("/callback")]
        seen.append(len(callbacks))

    core.before_reply = look
    asked = await discord.slash("imagine", {"prompt": "a fox"})

    assert seen == [0]
    assert asked.response == {"type": DEFER, "data": {"flags": PRIVATE}}


async def test_private_note_says_what_was_taken(app, discord):
    """The person sees at once that the job is there."""
    asked = await discord.slash("imagine", {"prompt": "a fox"})

    note = await discord.note(asked, "Drawing now")

    assert note.is_ephemeral
    assert discord.messages() == []


async def test_late_answer_is_no_fault(app, core, discord, caplog):
    """After 3 s Discord takes no answer; the job is written down all the same."""
    caplog.set_level("INFO")
    discord.world.first_response_within = 0.0

    await discord.slash("imagine", {"prompt": "a fox"}, is_answered=False)
    await discord.world.until(lambda: _callbacks(discord))
    await app.close_intake()

    assert [type(c) for c in core.commands] == [Generate]
    assert "10062" in caplog.text
    assert all(record.levelname == "INFO" for record in caplog.records)


async def test_repeated_event_is_answered_once(app, core, discord, caplog):
    """An interaction told twice keeps its first answer."""
    asked = await discord.slash("imagine", {"prompt": "a fox"})
    caplog.set_level("INFO")
    job = core.commands[0].origin.event_id
    core.replies[Generate] = Accepted(job_id=job, text="…", is_new=False)

    await discord.people.deliver(asked)
    await discord.world.until(lambda: _callbacks(discord) == 2)
    await app.close_intake()

    assert [c.origin.event_id for c in core.commands] == [str(asked.id)] * 2
    assert "40060" in caplog.text


async def test_event_told_twice_at_once_is_no_fault(app, core, discord, caplog):
    """Both are on their way to the core before either is answered."""
    both_are_here = asyncio.Event()

    async def meet(_command):
        if len(core.commands) == 2:
            both_are_here.set()
        await both_are_here.wait()

    core.before_reply = meet
    asked = await discord.slash("imagine", {"prompt": "a fox"}, is_answered=False)
    await discord.people.deliver(asked)
    await discord.answered(asked)
    await app.close_intake()

    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_refusal_is_the_answer_itself(app, core, discord):
    """Nothing "thinks" when there is nothing to wait for."""
    core.replies[Generate] = Refusal(text="9:99 is no ratio. Did you mean *9:16*?")

    asked = await discord.slash("imagine", {"prompt": "a fox --ar 9:99"})

    data = asked.response["data"]
    assert asked.response["type"] == MESSAGE
    assert data["flags"] == PRIVATE
    assert data["content"] == r"9:99 is no ratio. Did you mean \*9:16\*?"
    assert data["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        pytest.param("help", {}, lambda o: Help(origin=o), id="help"),
        pytest.param("settings", {}, lambda o: ShowSettings(origin=o), id="settings"),
        pytest.param("stats", {}, lambda o: Stats(origin=o), id="stats"),
        pytest.param("history", {}, lambda o: History(origin=o), id="history"),
        pytest.param(
            "search",
            {"words": "red fox"},
            lambda o: Find(origin=o, text="red fox"),
            id="search",
        ),
        pytest.param(
            "show", {"id": "k3v9"}, lambda o: Show(origin=o, target="k3v9"), id="show"
        ),
        pytest.param("cancel", {}, lambda o: Cancel(origin=o), id="cancel newest"),
        pytest.param(
            "cancel",
            {"id": "k3v9"},
            lambda o: Cancel(origin=o, target="k3v9"),
            id="cancel one",
        ),
    ],
)
@pytest.mark.usefixtures("app")
async def test_other_commands(core, discord, name, options, expected):
    """Each command of the catalogue has its own slash command."""
    core.replies = dict.fromkeys(
        (Help, ShowSettings, Stats, History, Find, Show, Cancel), Notice(text="Here.")
    )

    asked = await discord.slash(name, options)

    [command] = core.commands
    assert command == expected(command.origin)
    assert asked.response["data"]["content"] == "Here."


async def test_message_command_reproduces(app, core, discord, client):
    """The way for those whose reply would be withheld."""
    message = await client.get_channel(discord.channel.id).send("a picture")

    asked = await discord.message_command(
        "Reproduce", discord.world.message(discord.channel.id, message.id)
    )

    [command] = core.commands
    assert isinstance(command, Reproduce)
    assert command.target == MessageRef(
        channel_id=str(discord.channel.id), message_id=str(message.id)
    )
    assert asked.response["type"] == DEFER


async def test_list_and_its_next_page(app, core, discord, make_job):
    """Old pictures are found page by page, also after a restart."""
    records = tuple(make_record(make_job(event=str(n))) for n in range(3))
    core.replies[Find] = RecordList(
        title="Found", records=records, cursor=records[-1].id
    )

    asked = await discord.slash("search", {"words": "fox: red"})
    assert asked.original is not None
    assert records[0].id in asked.original.embeds[0]["description"]
    [older] = asked.original.custom_ids
    await discord.press(asked.original, older)

    command = core.commands[-1]
    assert isinstance(command, Find)
    assert command.text == "fox: red"
    assert command.cursor == records[-1].id


async def test_record_is_shown_with_live_buttons(app, core, discord, make_job):
    """Any kept picture can be drawn again from its record."""
    record = make_record(make_job())
    core.replies[Show] = RecordDetail(record=record, lines=(("seed", "42"),))

    asked = await discord.slash("show", {"id": record.id})

    assert f"reproduce:{record.id}" in asked.original.custom_ids


async def test_autocomplete_suggests_what_fits(app, discord):
    """Where there are more than 25 values Discord asks while one types."""
    sizes = await discord.autocomplete("imagine", "resolution", "10")
    palettes = await discord.autocomplete("imagine", "palette", "ju")

    assert 0 < len(sizes) <= 25
    assert all("10" in size["value"] for size in sizes)
    assert palettes == [{"name": "jungle", "value": "jungle"}]


async def test_autocomplete_completes_the_last_tag(app, core, discord, make_job):
    """Tags come from the person's own latest pictures."""
    records = (make_record(make_job(), tags=("fox", "forest", "sea")),)
    core.replies[History] = RecordList(title="", records=records)

    tags = await discord.autocomplete("imagine", "tags", "red,fo")

    assert [tag["value"] for tag in tags] == ["red,fox", "red,forest"]


async def test_registered_options_follow_the_catalogue(app, discord):
    """Nothing about the options is written down a second time."""
    command = await discord.people.command("imagine", 1, discord.channel)

    options = {option["name"]: option for option in command["options"]}
    assert next(iter(options)) == "prompt"
    assert options["prompt"]["required"]
    assert [c["value"] for c in options["aspect"]["choices"]] == ["1:1", "16:9"]
    assert options["resolution"]["autocomplete"]
    assert options["palette"]["autocomplete"]
    assert options["tags"]["autocomplete"]
    assert (options["seed"]["min_value"], options["seed"]["type"]) == (0, 4)
    assert options["private"]["type"] == 5


def _callbacks(discord):
    return sum(path.endswith("/callback") for _, path in discord.limits.requests)
