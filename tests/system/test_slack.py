"""Slack from end to end: the real program, the real SDK, over both transports.

The bot has Socket Mode and signed HTTP at once; each test takes a channel of its own and
the transport it is named for.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fakes.slack import payloads
from tests.fakes.slack.double import Fault, Message, SlackDouble
from tests.fakes.slack.model import Note
from tests.system.judging import check_columns
from tests.system.world import Row, World, world
from tests.system.worlds import Worlds

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

BOTH = pytest.mark.parametrize("via", ["socket", "http"])
_numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worlds(tmp_path_factory) -> AsyncIterator[Worlds]:
    made = Worlds(
        lambda: world(tmp_path_factory.mktemp("slack"), slack="both", discord=False)
    )
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def here(worlds: Worlds) -> AsyncIterator[World]:
    async with worlds.lend() as lent:
        lent.slack.via = "socket"
        yield lent
        assert lent.bot.is_running, lent.bot.log
        await lent.idle()
        lent.check_stores()


def new_channel(here: World, *, kind: str = "channel", has_bot: bool = True) -> str:
    members = {"U1", "U2"} | ({SlackDouble.bot_user} if has_bot else set())
    channel_id = f"C0TEST{next(_numbers)}"
    here.slack.workspace.add_channel(channel_id, kind=kind, members=members)
    return channel_id


async def imagine(here: World, typed: str, channel: str) -> tuple[Message, Row]:
    """Draw a picture in a channel that has none; give its message and its row."""
    ack = await here.slack.slash(f"/imagine {typed}", channel=channel)
    assert ack.is_acked
    message = await here.slack.wait_for_message(channel)
    await here.idle()
    [row] = here.rows(channel_id=channel)
    return message, row


async def next_row(here: World, channel: str, count: int = 2) -> tuple[Message, Row]:
    """Wait for the channel's *count*-th picture; give it."""
    message = await here.slack.wait_for_message(channel, count=count)
    await here.idle()
    rows = here.rows(channel_id=channel)
    assert len(rows) == count
    return message, rows[-1]


@BOTH
async def test_a_command_becomes_a_picture(here: World, via: str):
    """Channel, disk and record hold what Ideogram served, and no more, no less."""
    here.slack.via = via
    channel = new_channel(here)
    prompt = f"a fox in a suit, asked over {via}"
    before = len(here.slack.notes)

    message, row = await imagine(
        here,
        f"{prompt} --ar 16:9 --seed 42 --no text, blur --style design "
        "--palette jungle --magic off --tags campaign,fox",
        channel,
    )

    [(picture, content)] = [p for p in here.served.pictures if p[0].prompt == prompt]
    assert picture.negative_prompt == "text, blur"
    assert message.contents == [content]
    assert here.file(row).read_bytes() == content
    assert message.files[0].alt_txt == f"Drawn by Ideogram: {prompt}"
    actions = ("reproduce", "new_seed", "edit", "more")
    assert {message.button(a)["value"] for a in actions} == {row["id"]}
    check_columns(
        row,
        content,
        prompt=prompt,
        platform="slack",
        workspace_id="T0TEAM",
        channel_id=channel,
        user_id="U1",
    )
    done = "Done. It is in the channel."
    await here.slack.until(lambda: here.slack.notes[-1].text == done)
    first, *later = here.slack.notes[before:]
    assert first.via == "ack"
    assert {note.via for note in later} == {"response_url"}
    assert {(note.user, note.channel) for note in (first, *later)} == {("U1", channel)}
    assert [note.text for note in later].count(done) == 1
    assert max(here.slack.api.response_uses()) <= 5


@BOTH
async def test_acknowledged_before_any_network_call(here: World, via: str):
    """With Slack's and Ideogram's lines held the command is acknowledged all the same."""
    here.slack.via = via
    channel = new_channel(here)
    lines = (here.lines.ideogram, here.lines.slack)
    for line in lines:
        line.open.clear()

    ack = await here.slack.slash("/imagine a held fox --magic off", channel=channel)

    assert ack.is_acked
    assert "Drawing now" in ack.text
    for line in lines:
        line.open.set()
    await here.slack.wait_for_message(channel)


async def test_progress_is_private_and_within_five_uses(here: World):
    """Slack counts the uses of a response URL; the note is replaced, not repeated."""
    channel = new_channel(here)
    held = here.lines.ideogram.open
    held.clear()

    def notes() -> list[Note]:
        return [note for note in here.slack.notes if note.channel == channel]

    await here.slack.slash("/imagine a slow fox", channel=channel)
    await here.slack.until(lambda: notes()[-1].text == "Drawing…")
    held.set()
    await next_row(here, channel, 1)
    await here.slack.until(lambda: notes()[-1].text.startswith("Done"))

    assert [note.text for note in notes()][1:] == [
        "Drawing…",
        "Done. It is in the channel.",
    ]
    assert all(note.replaces for note in notes()[1:])
    assert max(here.slack.api.response_uses()) <= 5


async def test_several_pictures_are_one_message(here: World):
    """`--n 2` is one call, one message and two records; `same 2` means the second."""
    channel = new_channel(here)

    await here.slack.slash("/imagine two foxes --n 2 --seed 7", channel=channel)
    message = await here.slack.wait_for_message(channel)
    await here.idle()
    rows = here.rows(channel_id=channel)
    await here.slack.reply_in_thread(message, "same 2")
    again = await here.slack.wait_for_message(channel, count=2)
    await here.idle()
    last = here.rows(channel_id=channel)[-1]

    assert [row["seed"] for row in rows] == [7, 8]
    assert message.contents == [here.file(row).read_bytes() for row in rows]
    assert again.contents == message.contents[1:]
    assert last["parent_id"] == rows[1]["id"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("a fox --ar 17:9", ("Character 12", "17:9", "16:9")),
        ("a fox --seeed 3", ("--seeed", "--seed")),
        ("a fox --seed fox", ("Character 14", "seed", "2147483647")),
        ("--ar 1:1", ("Say what to draw",)),
        ("a fox --speed turbo", ("v2",)),
    ],
)
async def test_a_wrong_flag_is_told_privately_and_costs_nothing(here, typed, told):
    channel = new_channel(here)
    calls = len(here.ideogram.calls)

    ack = await here.slack.slash(f"/imagine {typed}", channel=channel)

    assert ack.is_acked
    assert all(words in ack.text for words in told), ack.text
    await here.idle()
    assert len(here.ideogram.calls) == calls
    assert here.slack.messages(channel) == []


async def test_a_prompt_never_pings(here: World):
    """Whatever is typed, no message and no note carries a live mention."""
    channel = new_channel(here)

    message, row = await imagine(
        here, "<!channel> <!here> <@U2> &lt;!everyone&gt; @here a fox", channel
    )
    await here.slack.slash("/imagine history", channel=channel)
    await here.slack.slash("/imagine <!channel> --ar 9", channel=channel)

    shown = json.dumps(message.blocks) + (message.files[0].title or "")
    notes = [n.text + json.dumps(n.blocks) for n in here.slack.notes]
    assert "<!" not in shown + "".join(notes)
    assert "<@U2" not in shown + "".join(notes)
    assert "channel" in row["prompt"]


async def test_two_teams_are_two_workspaces(here: World):
    """A picture of one workspace is nothing in another."""
    channel = new_channel(here)
    _, row = await imagine(here, "a fox of this team", channel)

    ack = await here.slack.slash(
        f"/imagine show {row['id']}", channel=channel, team_id="T0OTHER"
    )

    assert "There is no picture" in ack.text


# --- again --------------------------------------------------------------------

TAKEN_OVER = (
    "prompt",
    "negative_prompt",
    "model",
    "style_type",
    "seed",
    "color_palette",
    "rendering_speed",
)


@BOTH
async def test_same_in_the_thread_is_the_same_picture(here: World, via: str):
    """The final prompt, magic prompt off: byte for byte the parent's picture."""
    here.slack.via = via
    channel = new_channel(here)
    parent, row = await imagine(
        here, "a fox to see twice --style anime --no hats", channel
    )

    await here.slack.reply_in_thread(parent, "same")
    child, again = await next_row(here, channel)

    assert row["expanded_prompt"] != row["prompt"]
    assert child.contents == parent.contents
    assert child.thread_ts == parent.ts
    assert again["tags"] == ["reproduced"]
    assert again["parent_id"] == row["id"]
    assert again["magic_prompt"] == "OFF"
    same = (*TAKEN_OVER, "expanded_prompt", "aspect_ratio", "resolution", "sha256")
    assert {n: again[n] for n in same} == {n: row[n] for n in same}
    assert here.ideogram.calls[-1].body["image_request"] == {
        "prompt": row["expanded_prompt"],
        "model": "V_2",
        "magic_prompt_option": "OFF",
        "seed": row["seed"],
        "style_type": "ANIME",
        "negative_prompt": "hats",
        "aspect_ratio": "ASPECT_1_1",
    }


async def test_same_with_a_flag_changes_only_that(here: World):
    channel = new_channel(here)
    parent, row = await imagine(here, "a fox to see taller --palette ember", channel)

    await here.slack.reply_in_thread(parent, "Same --ar 9:16")
    child, again = await next_row(here, channel)

    assert again["aspect_ratio"] == "ASPECT_9_16"
    assert {n: again[n] for n in TAKEN_OVER} == {n: row[n] for n in TAKEN_OVER}
    assert again["expanded_prompt"] == row["expanded_prompt"]
    assert "9:16" in json.dumps(child.blocks)
    assert child.contents != parent.contents


async def test_talk_in_the_thread_is_left_alone(here: World):
    channel = new_channel(here)
    parent, _ = await imagine(here, "a fox to talk about", channel)

    await here.slack.reply_in_thread(parent, "same here, lovely")
    await here.slack.reply_in_thread(parent, "again and again!")
    await here.idle()

    assert len(here.slack.messages(channel)) == 1


async def test_mentions_work_in_threads(here: World):
    """Where no slash command can be typed."""
    channel = new_channel(here)
    root, _ = await here.slack.say("who draws?", channel=channel)

    await here.slack.mention("imagine a fox in a thread", channel=channel, thread=root)
    drawn, row = await next_row(here, channel, 1)

    assert drawn.thread_ts == root.ts
    assert row["prompt"] == "a fox in a thread"
    assert row["thread_id"] == root.ts


async def test_a_mention_below_a_picture_reproduces_it(here: World):
    channel = new_channel(here)
    parent, row = await imagine(here, "a fox to mention", channel)

    await here.slack.mention("reproduce --seed 9", channel=channel, thread=parent)
    _, again = await next_row(here, channel)

    assert again["parent_id"] == row["id"]
    assert again["seed"] == 9


async def test_the_shortcut_reproduces(here: World):
    channel = new_channel(here)
    parent, row = await imagine(here, "a fox by shortcut", channel)

    ack = await here.slack.shortcut(parent)
    child, again = await next_row(here, channel)

    assert ack.is_acked
    assert child.contents == parent.contents
    assert again["parent_id"] == row["id"]


@BOTH
async def test_buttons_work_after_a_restart(here: World, via: str):
    """All a button needs is in its value and in the records."""
    here.slack.via = via
    channel = new_channel(here)
    parent, row = await imagine(here, "a fox with buttons --magic off", channel)
    await here.restart()

    await here.slack.press(parent, "reproduce")
    same, _ = await next_row(here, channel)
    await here.slack.press(parent, "new_seed")
    other, last = await next_row(here, channel, 3)

    assert same.contents == parent.contents
    assert other.contents != parent.contents
    assert last["seed"] != row["seed"]
    assert last["prompt"] == row["prompt"]
    assert last["parent_id"] == row["id"]


async def test_edit_opens_a_form_filled_in(here: World):
    """Prompt as typed and flags; what is sent is drawn, what is wrong keeps it open."""
    channel = new_channel(here)
    parent, _ = await imagine(here, "a fox to edit --ar 3:2 --seed 5", channel)
    count = len(here.slack.views)

    await here.slack.press(parent, "edit")
    view = await here.slack.wait_for_view(count + 1)
    refused = await here.slack.submit_view(view, flags="--ar 7:1")
    sent = await here.slack.submit_view(
        view, prompt="a badger to edit", flags="--ar 2:3 --seed 6"
    )
    _, row = await next_row(here, channel)

    blocks = {b["block_id"]: b["element"] for b in view.view["blocks"]}
    assert blocks["prompt"]["initial_value"] == "a fox to edit"
    assert "--ar 3:2" in blocks["flags"]["initial_value"]
    assert "--seed 5" in blocks["flags"]["initial_value"]
    assert "7:1" in refused.errors["flags"]
    assert sent.is_acked
    assert (row["prompt"], row["seed"]) == ("a badger to edit", 6)
    assert row["aspect_ratio"] == "ASPECT_2_3"


# --- one event, one job -------------------------------------------------------


async def test_a_double_click_is_one_job(here: World):
    channel = new_channel(here)
    parent, _ = await imagine(here, "a fox clicked twice", channel)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(2):
            tasks.create_task(here.slack.press(parent, "reproduce"))
    await next_row(here, channel)

    assert len(here.slack.messages(channel)) == 2


@BOTH
async def test_an_event_sent_again_is_one_job(here: World, via: str):
    """Slack repeats what it thinks was not acknowledged."""
    here.slack.via = via
    channel = new_channel(here)
    parent, _ = await imagine(here, "a fox retried", channel)
    said, _ = await here.slack.reply_in_thread(parent, "again")
    place = here.slack.workspace.channels[channel]
    team = here.slack.workspace.team

    for _ in range(2):
        await here.slack.send_event(
            payloads.message(said, team=team, channel=place, root_user="U0BOT")
        )
    await next_row(here, channel)

    assert len(here.slack.messages(channel)) == 2


async def test_a_dropped_websocket_is_opened_again(here: World):
    channel = new_channel(here)

    await here.slack.socket.drop()
    await here.slack.until(lambda: not here.slack.socket.is_ready)
    await here.slack.wait_connected()

    await imagine(here, "a fox after the drop", channel)


# --- who may see it -----------------------------------------------------------


async def test_private_goes_as_a_direct_message(here: World):
    channel = new_channel(here)
    before = len(here.slack.workspace.direct("U2").messages)

    await here.slack.slash(
        "/imagine a secret fox --private", channel=channel, user="U2"
    )
    message = await here.slack.wait_for_message("DU2", count=before + 1)
    await here.idle()

    [row] = here.rows(prompt="a secret fox")
    assert message.contents == [here.file(row).read_bytes()]
    assert here.slack.messages(channel) == []
    refused = await here.slack.slash(f"/imagine show {row['id']}", channel=channel)
    assert "There is no picture" in refused.text


async def test_a_picture_waits_until_the_bot_is_invited(here: World):
    """Kept and paid once; the person is told how; posted once, after a restart, too."""
    channel = new_channel(here, kind="group", has_bot=False)
    calls = len(here.ideogram.calls)

    await here.slack.slash("/imagine a fox behind a door", channel=channel)
    note = await here.slack.wait_for_note("/invite @")
    await here.restart()
    [row] = here.rows(channel_id=channel)
    assert here.file(row).exists()
    assert here.slack.messages(channel) == []
    await here.slack.invite_bot(channel)
    message, _ = await next_row(here, channel, 1)

    assert (note.user, note.channel) == ("U1", channel)
    assert message.contents == [here.file(row).read_bytes()]
    assert len(here.slack.messages(channel)) == 1
    assert len(here.ideogram.calls) == calls + 1


async def test_a_private_channel_keeps_its_pictures(here: World):
    """Elsewhere they are not shown, found or drawn again, except by their owner."""
    private, public = new_channel(here, kind="group"), new_channel(here)
    _, row = await imagine(here, "a clandestine fox", private)
    shown, _ = await imagine(here, "an open fox", public)

    for typed in (f"show {row['id']}", f"show {row['job_id'][:8]}"):
        ack = await here.slack.slash(f"/imagine {typed}", channel=public, user="U2")
        assert "There is no picture" in ack.text
        assert "clandestine" not in ack.text
    found = await here.slack.slash(
        "/imagine search clandestine", channel=public, user="U2"
    )
    assert row["id"] not in json.dumps(found.body)
    button = {"action_id": "reproduce", "value": row["id"]}
    stolen = Message(ts=shown.ts, channel=public, user="", blocks=_with(shown, button))
    await here.slack.press(stolen, "reproduce", row["id"], user="U2")
    await here.slack.wait_for_note("gone")
    inside = await here.slack.slash(
        f"/imagine show {row['id']}", channel=private, user="U2"
    )
    own = await here.slack.slash(f"/imagine show {row['id']}", channel=public)
    assert "clandestine" in json.dumps(inside.body)
    assert "clandestine" in json.dumps(own.body)
    assert len(here.rows(parent_id=row["id"])) == 0


def _with(message: Message, button: dict[str, str]) -> list[dict]:
    """Give the message's blocks with a button that somebody put there."""
    element = message.button("reproduce") | button
    return [{"type": "actions", "block_id": "b", "elements": [element]}]


async def test_lists_and_help_are_private(here: World):
    """Told in the acknowledgement, to the person alone."""
    channel = new_channel(here)
    message, row = await imagine(here, "a zebra among foxes --tags herd", channel)

    answers = {
        word: await here.slack.slash(f"/imagine {word}", channel=channel)
        for word in (
            "help",
            "history",
            "search zebra",
            "search --tag herd",
            f"show {row['id'][:10]}",
            "settings",
            "stats",
            "cancel",
            "",
        )
    }

    for word in ("history", "search zebra", "search --tag herd"):
        assert row["id"] in json.dumps(answers[word].body), word
    assert "zebra" in json.dumps(answers[f"show {row['id'][:10]}"].body)
    assert "--seed" in answers["help"].text
    assert "--seed" in answers[""].text
    assert "nothing to cancel" in answers["cancel"].text
    assert "--model v2" in answers["settings"].text
    assert answers["stats"].text
    assert here.slack.messages(channel) == [message]


# --- trouble ------------------------------------------------------------------


async def test_a_rate_limit_is_obeyed(here: World):
    """The next call comes after Retry-After, and the picture is posted once."""
    channel = new_channel(here)
    here.slack.faults.add("files.completeUploadExternal", Fault(retry_after=1))

    message, _ = await imagine(here, "a fox held back", channel)

    path = "/api/files.completeUploadExternal"
    times = [seen.at for seen in here.lines.slack.seen if seen.path == path]
    assert times[-1] - times[-2] >= 1
    assert here.slack.messages(channel) == [message]


@pytest.mark.parametrize("drop", ["before", "after"])
async def test_a_lost_answer_does_not_post_twice(here: World, drop: str):
    channel = new_channel(here)
    here.slack.faults.add("files.completeUploadExternal", Fault(drop=drop))

    message, _ = await imagine(here, f"a fox lost {drop}", channel)

    assert here.slack.messages(channel) == [message]


async def test_cancelled_during_the_call_it_is_kept_and_not_posted(here: World):
    """What is paid for is not thrown away."""
    channel = new_channel(here)
    held = here.lines.ideogram.open
    held.clear()
    calls = here.lines.ideogram.count("POST", "/generate")
    await here.slack.slash("/imagine a fox called off", channel=channel)
    await here.until(lambda: here.lines.ideogram.count("POST", "/generate") > calls)

    ack = await here.slack.slash("/imagine cancel", channel=channel)
    held.set()
    await here.slack.until(
        lambda: any(n.text.startswith("Cancelled.") for n in here.slack.notes)
    )
    await here.idle()

    assert "Cancelling" in ack.text
    [row] = here.rows(channel_id=channel)
    assert here.file(row).exists()
    assert here.slack.messages(channel) == []


async def test_cancelled_before_the_call_nothing_is_paid(tmp_path):
    """A job that waits for its turn ends at once."""
    async with world(tmp_path, discord=False, IDEOGRAM_MAX_IN_FLIGHT="1") as here:
        held = here.lines.ideogram.open
        held.clear()
        await here.slack.slash("/imagine a first fox")
        second = await here.slack.slash("/imagine a second fox")

        await here.slack.slash("/imagine cancel")
        await here.slack.wait_for_note("nothing was charged")
        held.set()
        await here.slack.wait_for_message()
        await here.idle()

        assert "Queued, 1 before you" in second.text
        assert [row["prompt"] for row in here.rows()] == ["a first fox"]
        assert len(here.ideogram.calls) == 1


async def test_what_is_not_signed_is_refused(here: World):
    """Anybody can reach the address; only Slack can sign."""
    here.slack.via = "http"
    calls = len(here.ideogram.calls)
    here.bot.settings["SLACK_SIGNING_SECRET"] = "another"
    await here.restart()

    ack = await here.slack.slash("/imagine a forged fox")

    assert not ack.is_acked
    assert ack.reason == "http_error"
    assert len(here.ideogram.calls) == calls
    here.bot.settings["SLACK_SIGNING_SECRET"] = "loopback-signing-secret"
    await here.restart()
