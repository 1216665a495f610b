"""Discord from end to end: the real program and discord.py, over gateway and REST.

Each test takes a channel of its own; the bot hears of it as of any new channel.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fakes.discord import payloads
from tests.fakes.discord.world import SEND, VIEW, Channel, Interaction, Message
from tests.system.judging import check_columns
from tests.system.world import Row, World, world
from tests.system.worlds import Worlds

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

EPHEMERAL, DEFER = 64, 5
_numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worlds(tmp_path_factory) -> AsyncIterator[Worlds]:
    made = Worlds(lambda: world(tmp_path_factory.mktemp("discord"), slack=""))
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def here(worlds: Worlds) -> AsyncIterator[World]:
    async with worlds.lend() as lent:
        yield lent
        assert lent.bot.is_running, lent.bot.log
        await lent.idle()
        lent.check_stores()


async def new_channel(here: World, **changes) -> Channel:
    channel = here.discord.add_channel(f"test-{next(_numbers)}", **changes)
    shown = payloads.channel(channel, here.discord.world.bot)
    await here.discord.gateway.dispatch("CHANNEL_CREATE", shown)
    return channel


async def imagine(
    here: World, channel: Channel, prompt: str, **options
) -> tuple[Message, Row]:
    """Draw a picture in a channel that has none; give its message and its row."""
    await here.discord.slash("imagine", {"prompt": prompt, **options}, channel=channel)
    return await next_row(here, channel, 1)


async def next_row(
    here: World, channel: Channel, count: int = 2
) -> tuple[Message, Row]:
    """Wait for the channel's *count*-th picture; give it."""
    messages = await here.discord.pictures(channel, count=count)
    await here.idle()
    rows = here.rows(channel_id=str(channel.id))
    assert (len(messages), len(rows)) == (count, count)
    return messages[-1], rows[-1]


def content_of(message: Message) -> bytes:
    [attachment] = message.attachments
    return attachment.content


def text_of(message: Message) -> str:
    return message.content + json.dumps(message.embeds, ensure_ascii=False)


# --- a command ----------------------------------------------------------------


async def test_a_command_becomes_a_picture(here: World):
    """Channel, disk and record hold what Ideogram served, and no more, no less."""
    channel = await new_channel(here)
    prompt = "a fox in a suit, asked in Discord"

    asked = await here.discord.slash(
        "imagine",
        {
            "prompt": f"{prompt} --seed 1 --no hats",
            "aspect": "16:9",
            "seed": 42,
            "negative": "text, blur",
            "style": "design",
            "palette": "jungle",
            "magic": "off",
            "tags": "campaign,fox",
        },
        channel=channel,
    )
    message, row = await next_row(here, channel, 1)
    note = await here.discord.note(asked, "Done")

    [(picture, content)] = [p for p in here.served.pictures if p[0].prompt == prompt]
    assert (picture.seed, picture.negative_prompt) == (42, "text, blur")
    assert content_of(message) == content
    assert here.file(row).read_bytes() == content
    assert prompt in (message.attachments[0].description or "")
    actions = ("reproduce", "new_seed", "edit", "more")
    assert message.custom_ids == [f"{action}:{row['id']}" for action in actions]
    assert message.allowed_mentions == {"parse": []}
    assert not message.is_interaction_response
    assert asked.response == {"type": DEFER, "data": {"flags": EPHEMERAL}}
    assert note.is_ephemeral
    check_columns(
        row,
        content,
        prompt=prompt,
        platform="discord",
        workspace_id=str(here.discord.guild.id),
        channel_id=str(channel.id),
        user_id=str(here.discord.ada.id),
    )


async def test_written_down_before_the_answer_and_answered_before_the_work(here: World):
    """With every line held the job is on disk; the first request is the answer."""
    channel = await new_channel(here)
    lines = (here.lines.ideogram, here.lines.discord)
    for line in lines:
        line.open.clear()
    before = len(here.lines.discord.seen)

    asked = await here.discord.slash(
        "imagine", {"prompt": "a held fox"}, channel=channel, is_answered=False
    )
    await here.until(lambda: len(here.lines.discord.seen) > before)
    _, health = await here.bot.health()

    assert here.lines.discord.seen[before].path.endswith("/callback")
    assert asked.response is None
    assert sum(health["jobs"].values()) == 1
    for line in lines:
        line.open.set()
    await next_row(here, channel, 1)


async def test_several_pictures_are_one_message(here: World):
    channel = await new_channel(here)

    await here.discord.slash(
        "imagine", {"prompt": "two foxes", "count": 2, "seed": 7}, channel=channel
    )
    [message] = await here.discord.pictures(channel)
    await here.idle()
    rows = here.rows(channel_id=str(channel.id))
    await here.discord.reply(message, "same 2")
    child = (await here.discord.pictures(channel, count=2))[1]
    await here.idle()

    assert [row["seed"] for row in rows] == [7, 8]
    shown = [attachment.content for attachment in message.attachments]
    assert shown == [here.file(row).read_bytes() for row in rows]
    assert content_of(child) == shown[1]
    last = here.rows(channel_id=str(channel.id))[-1]
    assert last["parent_id"] == rows[1]["id"]


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("a fox --ar 17:9", ("Character 12", "16:9")),
        ("a fox --seeed 3", ("seed",)),
        ("a fox --speed turbo", ("v2",)),
    ],
)
async def test_a_wrong_flag_is_told_privately_and_costs_nothing(here, prompt, told):
    channel = await new_channel(here)
    calls = len(here.ideogram.calls)

    asked = await here.discord.slash("imagine", {"prompt": prompt}, channel=channel)

    assert asked.original
    assert asked.original.is_ephemeral
    assert all(words in asked.original.content for words in told)
    await here.idle()
    assert len(here.ideogram.calls) == calls
    assert here.discord.messages(channel) == []


async def test_a_prompt_never_pings(here: World):
    channel = await new_channel(here)
    ada = f"<@{here.discord.ada.id}>"

    message, _ = await imagine(here, channel, f"@everyone @here {ada} a fox")
    history = await here.discord.slash("history", channel=channel)

    assert history.original
    for shown in (message, history.original):
        assert shown.allowed_mentions == {"parse": []}
        assert "@everyone" not in text_of(shown)
        assert "@here" not in text_of(shown)


# --- again --------------------------------------------------------------------

TAKEN_OVER = ("prompt", "negative_prompt", "model", "style_type", "seed")


async def test_same_in_a_reply_is_the_same_picture(here: World):
    """The final prompt, magic prompt off: byte for byte the parent's picture."""
    channel = await new_channel(here)
    parent, row = await imagine(
        here, channel, "a fox to see twice", style="anime", negative="hats"
    )

    await here.discord.reply(parent, "same")
    child, again = await next_row(here, channel)

    assert row["expanded_prompt"] != row["prompt"]
    assert content_of(child) == content_of(parent)
    assert again["tags"] == ["reproduced"]
    assert again["parent_id"] == row["id"]
    same = (*TAKEN_OVER, "expanded_prompt", "aspect_ratio", "resolution", "sha256")
    assert {n: again[n] for n in same} == {n: row[n] for n in same}


async def test_same_with_a_flag_changes_only_that(here: World):
    channel = await new_channel(here)
    parent, row = await imagine(here, channel, "a fox to see taller")

    await here.discord.reply(parent, "same --ar 9:16")
    child, again = await next_row(here, channel)

    assert again["aspect_ratio"] == "ASPECT_9_16"
    assert {n: again[n] for n in TAKEN_OVER} == {n: row[n] for n in TAKEN_OVER}
    assert again["expanded_prompt"] == row["expanded_prompt"]
    assert "9:16" in text_of(child)


async def test_a_reply_without_a_ping_gets_one_hint(here: World):
    """Discord withholds its text; the hint is remembered over a restart."""
    channel = await new_channel(here)
    bob = here.discord.add_user("bob")
    parent, _ = await imagine(here, channel, "a fox without a ping")

    await here.discord.reply(parent, "same", ping=False)
    await here.discord.world.until(lambda: len(here.discord.messages(channel)) == 2)
    await here.discord.reply(parent, "same", ping=False)
    await here.restart()
    await here.discord.reply(parent, "same", ping=False)
    await here.discord.reply(parent, "same", ping=False, user=bob)
    await here.discord.world.until(lambda: len(here.discord.messages(channel)) >= 3)
    await here.discord.slash("help", channel=channel)  # all before it was heard

    hints = here.discord.messages(channel)[1:]
    assert [h.reference and h.reference.author for h in hints] == [
        here.discord.ada,
        bob,
    ]
    assert len(here.rows(channel_id=str(channel.id))) == 1


async def test_the_message_command_reproduces(here: World):
    channel = await new_channel(here)
    parent, row = await imagine(here, channel, "a fox by message command")

    asked = await here.discord.message_command("Reproduce", parent)
    child, again = await next_row(here, channel)

    assert asked.response
    assert asked.response["type"] == DEFER
    assert content_of(child) == content_of(parent)
    assert again["parent_id"] == row["id"]


async def test_buttons_work_after_a_restart(here: World):
    """All a button needs is in its id and in the records."""
    channel = await new_channel(here)
    parent, row = await imagine(here, channel, "a fox with buttons", magic="off")
    await here.restart()

    await here.discord.press(parent, f"reproduce:{row['id']}")
    same, _ = await next_row(here, channel)
    await here.discord.press(parent, f"new_seed:{row['id']}")
    other, last = await next_row(here, channel, 3)

    assert content_of(same) == content_of(parent)
    assert content_of(other) != content_of(parent)
    assert last["seed"] != row["seed"]
    assert last["prompt"] == row["prompt"]


async def test_edit_opens_a_form_filled_in(here: World):
    """Prompt as typed and flags; what is sent is drawn."""
    channel = await new_channel(here)
    parent, row = await imagine(here, channel, "a fox to edit", aspect="3:2", seed=5)

    opened = await here.discord.press(parent, f"edit:{row['id']}")
    form = json.dumps(opened.response)
    values = {"prompt": "a badger to edit", "flags": "--ar 2:3 --seed 6"}
    sent = await here.discord.submit_modal(opened, values)
    _, edited = await next_row(here, channel)

    assert "a fox to edit" in form
    assert "--ar 3:2" in form
    assert "--seed 5" in form
    assert sent.response
    assert sent.response["type"] == DEFER
    assert (edited["prompt"], edited["seed"]) == ("a badger to edit", 6)
    assert edited["aspect_ratio"] == "ASPECT_2_3"


# --- one event, one job -------------------------------------------------------


async def test_a_double_click_is_one_job(here: World):
    channel = await new_channel(here)
    parent, row = await imagine(here, channel, "a fox clicked twice")

    async with asyncio.TaskGroup() as tasks:
        for _ in range(2):
            pressing = here.discord.press(parent, f"reproduce:{row['id']}")
            tasks.create_task(pressing)

    await next_row(here, channel)


async def test_an_interaction_told_twice_is_one_job(here: World):
    channel = await new_channel(here)
    asked = await here.discord.slash(
        "imagine", {"prompt": "a fox told twice"}, channel=channel
    )

    await here.discord.people.deliver(asked)

    await here.discord.slash("help", channel=channel)
    await next_row(here, channel, 1)


@pytest.mark.parametrize("politely", [False, True], ids=["cut", "asked to reconnect"])
async def test_a_gateway_drop_loses_no_command(here: World, politely: bool):
    """What is typed while the line is down is told when it is resumed."""
    channel = await new_channel(here)
    resumed = here.discord.gateway.resumed

    await here.discord.gateway.drop(politely=politely)
    asked = await here.discord.slash(
        "imagine", {"prompt": "a fox in the gap"}, channel=channel, is_answered=False
    )
    await here.discord.answered(asked)

    await next_row(here, channel, 1)
    assert here.discord.gateway.resumed == resumed + 1
    await here.bot.wait_ready()


# --- who may see it -----------------------------------------------------------


async def test_private_is_ephemeral(here: World):
    """The picture is in the private note, and in no channel."""
    channel = await new_channel(here)
    bob = here.discord.add_user("bob")

    asked = await here.discord.slash(
        "imagine", {"prompt": "a secret fox", "private": True}, channel=channel
    )
    await here.discord.world.until(
        lambda: asked.original and asked.original.attachments
    )
    await here.idle()

    [row] = here.rows(prompt="a secret fox")
    assert asked.original
    assert asked.original.is_ephemeral
    assert content_of(asked.original) == here.file(row).read_bytes()
    assert here.discord.messages(channel) == []
    refused = await here.discord.slash(
        "show", {"id": row["id"]}, channel=channel, user=bob
    )
    assert "There is no picture" in words_of(refused)


def words_of(asked: Interaction) -> str:
    assert asked.original
    assert asked.original.is_ephemeral
    return text_of(asked.original)


async def test_where_the_bot_may_not_write_a_follow_up_shows_the_picture(here: World):
    """Public, from the interaction, and still exactly one."""
    channel = await new_channel(here, bot_deny=SEND)

    asked = await here.discord.slash(
        "imagine", {"prompt": "a fox in a read-only channel"}, channel=channel
    )
    await here.idle()

    [row] = here.rows(channel_id=str(channel.id))
    [follow_up] = asked.follow_ups
    assert not follow_up.is_ephemeral
    assert content_of(follow_up) == here.file(row).read_bytes()


async def test_a_hidden_channel_keeps_its_pictures(here: World):
    """Elsewhere they are not shown, found or drawn again, except by their owner."""
    bob = here.discord.add_user("bob")
    hidden = await new_channel(here, everyone_deny=VIEW, bot_allow=VIEW)
    public = await new_channel(here)
    _, row = await imagine(here, hidden, "a clandestine fox")
    shown, _ = await imagine(here, public, "an open fox")

    there = {"user": bob, "channel": public}
    refused = await here.discord.slash("show", {"id": row["id"]}, **there)
    found = await here.discord.slash("search", {"words": "clandestine"}, **there)
    shown.components[0]["components"][0]["custom_id"] = f"reproduce:{row['id']}"
    stolen = await here.discord.press(shown, f"reproduce:{row['id']}", user=bob)
    own = await here.discord.slash("show", {"id": row["id"]}, channel=public)
    inside = await here.discord.slash(
        "show", {"id": row["id"]}, user=bob, channel=hidden
    )

    assert "There is no picture" in words_of(refused)
    assert row["id"] not in words_of(found)
    assert "gone" in words_of(stolen)
    assert "clandestine" in words_of(own)
    assert "clandestine" in words_of(inside)
    assert here.rows(parent_id=row["id"]) == []


async def test_lists_and_help_are_private(here: World):
    channel = await new_channel(here)
    message, row = await imagine(here, channel, "a zebra among foxes", tags="herd")

    async def ask(name: str, **options) -> str:
        return words_of(await here.discord.slash(name, options, channel=channel))

    assert row["id"] in await ask("history")
    assert row["id"] in await ask("search", words="zebra")
    assert row["id"] in await ask("search", words="--tag herd")
    assert "zebra" in await ask("show", id=row["id"][:10])
    assert "seed" in await ask("help")
    assert "nothing to cancel" in await ask("cancel")
    assert "--model v2" in await ask("settings")
    assert await ask("stats")
    assert here.discord.messages(channel) == [message]


# --- trouble ------------------------------------------------------------------


async def test_a_picture_too_large_is_made_smaller_and_kept_whole(here: World):
    """The place's limit counts for what is posted, not for what is kept."""
    limit = 100 * 1024
    here.discord.guild.upload_limit = limit
    channel = await new_channel(here)

    message, row = await imagine(here, channel, "a large fox", magic="off")
    here.discord.guild.upload_limit = 10 * 1024 * 1024

    shown = content_of(message)
    [original] = [c for p, c in here.served.pictures if p.prompt == "a large fox"]
    assert len(shown) <= limit < len(original)
    assert shown.startswith((b"\xff\xd8\xff", b"RIFF", b"\x89PNG"))
    assert here.file(row).read_bytes() == original
    assert "smaller" in text_of(message)


async def test_a_rate_limit_is_obeyed(here: World):
    channel = await new_channel(here)
    path = f"/channels/{channel.id}/messages"
    here.discord.fail("POST", path, "429", retry_after=0.5)

    await imagine(here, channel, "a fox held back")

    whole = f"/api/v10{path} with files"
    first, second = [s.at for s in here.lines.discord.seen if s.path == whole]
    assert second - first >= 0.5


@pytest.mark.parametrize("kind", ["drop before", "drop after", "500", "500 after"])
async def test_a_lost_answer_does_not_post_twice(here: World, kind: str):
    channel = await new_channel(here)
    here.discord.fail("POST", f"/channels/{channel.id}/messages", kind)

    await imagine(here, channel, f"a fox lost by {kind}")

    assert len(here.discord.messages(channel)) == 1


async def test_cancelled_during_the_call_it_is_kept_and_not_posted(here: World):
    channel = await new_channel(here)
    held, line = here.lines.ideogram.open, here.lines.ideogram
    held.clear()
    calls = line.count("POST", "/generate")
    asked = await here.discord.slash(
        "imagine", {"prompt": "a fox called off"}, channel=channel
    )
    await here.until(lambda: line.count("POST", "/generate") > calls)

    cancelled = await here.discord.slash("cancel", channel=channel)
    held.set()
    await here.discord.note(asked, "Cancelled.")
    await here.idle()

    assert "Cancelling" in words_of(cancelled)
    [row] = here.rows(channel_id=str(channel.id))
    assert here.file(row).exists()
    assert here.discord.messages(channel) == []


async def test_commands_of_one_server_are_registered_there(tmp_path):
    """With DISCORD_GUILD_IDS they are there at once, and nowhere else."""
    async with world(tmp_path, slack="", is_started=False) as here:
        guild = here.discord.guild.id
        here.bot.settings["DISCORD_GUILD_IDS"] = str(guild)
        await here.start()

        await here.discord.slash("imagine", {"prompt": "a fox of this server"})
        await here.discord.pictures()

        assert {c["name"] for c in here.discord.world.commands[guild]} >= {
            "imagine",
            "Reproduce",
        }
        assert None not in here.discord.world.commands
