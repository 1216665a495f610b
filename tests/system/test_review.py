"""Approval with the real program: moderators in Slack and in Discord, over kills."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.slack.double import Message, SlackDouble
from tests.system.tap import Phase
from tests.system.world import World, read, world

pytestmark = [pytest.mark.timeout(180), pytest.mark.drill]
MODS = "C0MODS"
ASK = "/imagine a fox --magic off"


def said(message: Message) -> str:
    return message.text + json.dumps(message.blocks, ensure_ascii=False)


def states(here: World) -> list[str]:
    rows = read(here.folder, "SELECT state, '[]' AS tags FROM jobs ORDER BY seq")
    return [row["state"] for row in rows]


def deeds(here: World) -> list[str]:
    rows = read(here.folder, "SELECT action, '[]' AS tags FROM audit ORDER BY seq")
    return [row["action"] for row in rows]


def pictures(here: World) -> list[Path]:
    return sorted((here.folder / "images").rglob("*.png"))


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[World]:
    rules = tmp_path / "policy.toml"
    rules.write_text(
        f'admins = ["slack:U9"]\n[[approval]]\nmoderators = "slack:{MODS}"\n'
        '[content]\nunsafe = "spoiler"\n'
    )
    settings = {"POLICY_FILE": str(rules)}
    async with world(
        tmp_path, slack="socket", discord=False, is_started=False, **settings
    ) as here:
        members = {"U1", "U2", SlackDouble.bot_user}
        here.slack.workspace.add_channel(MODS, kind="group", members=members)
        await here.start()
        yield here


async def asked(here: World, text: str = ASK) -> Message:
    await here.slack.slash(text)
    message = await here.slack.wait_for_message(MODS)
    await here.until(lambda: "review" in states(here))
    return message


async def test_approved_in_slack_it_is_posted_once(slack: World):
    """Nobody finds it before; the asker cannot approve it; two presses are one."""
    message = await asked(slack)
    before = slack.slack.messages()
    await slack.slack.slash("/imagine search fox", user="U2")
    await slack.slack.press(message, "approve", user="U1")
    await slack.slack.wait_for_note("another moderator")
    [held] = slack.rows()

    await slack.slack.press(message, "approve", user="U2")
    await slack.slack.press(message, "reject", user="U2")
    await slack.slack.wait_for_message()
    await slack.until(lambda: states(slack) == ["done"])
    await slack.until(lambda: "Approved by <@U2>" in said(message))

    [row] = slack.rows()
    assert before == []
    assert (held["stored_path"], held["visibility"]) == (None, "owner")
    assert (row["withheld"], row["visibility"]) == (None, "workspace")
    assert len(slack.slack.messages()) == 1
    assert "approve" not in json.dumps(message.blocks)
    assert deeds(slack) == ["refused", "approved"]
    slack.check_stores()


async def test_rejected_in_slack_it_is_gone(slack: World):
    """The file is erased, also from the moderators' message; the record says why."""
    message = await asked(slack)
    assert len(pictures(slack)) == 1

    await slack.slack.press(message, "reject", user="U2")
    await slack.until(lambda: states(slack) == ["failed"])
    await slack.slack.wait_for_note("A moderator rejected the picture")

    [row] = slack.rows()
    assert "Rejected by <@U2>" in said(message)
    assert all(file.is_deleted for file in slack.slack.workspace.files.values())
    assert pictures(slack) == []
    assert row["withheld"] == "rejected by a moderator"
    assert row["cost_usd"] > 0
    assert slack.slack.messages() == []
    assert deeds(slack) == ["rejected"]


@pytest.mark.parametrize("phase", [Phase.ASKED, Phase.DONE, Phase.TOLD], ids=str)
@pytest.mark.parametrize(
    "path",
    ["/api/files.completeUploadExternal", "/api/chat.update"],
    ids=["show", "settle"],
)
async def test_killed_on_the_way(slack: World, path: str, phase: Phase):
    """Shown to moderators once, decided once, posted once."""
    point = slack.kill_at("slack", "POST", path, phase)
    await slack.slack.slash(ASK)
    if path.endswith("update"):
        message = await slack.slack.wait_for_message(MODS)
        await slack.until(lambda: states(slack) == ["review"])
        await slack.slack.press(message, "approve", user="U2")
    await slack.reached(point)

    await slack.start()
    message = await slack.slack.wait_for_message(MODS)
    await slack.until(lambda: states(slack) != ["running"])
    if states(slack) == ["review"]:
        await slack.slack.press(message, "approve", user="U2")
    await slack.until(lambda: states(slack) == ["done"])

    assert len(slack.slack.messages(MODS)) == 1
    assert len(slack.slack.messages()) == 1
    assert "Approved by <@U2>" in said(message)
    slack.check_stores()


@pytest.mark.parametrize("phase", [Phase.ASKED, Phase.DONE, Phase.TOLD], ids=str)
async def test_killed_while_it_erases(slack: World, phase: Phase):
    """What was rejected does not come back, nor stay."""
    message = await asked(slack)
    point = slack.kill_at("slack", "POST", "/api/files.delete", phase)
    await slack.slack.press(message, "reject", user="U2")
    await slack.reached(point)

    await slack.start()
    await slack.until(lambda: states(slack) == ["failed"])

    assert pictures(slack) == []
    assert all(file.is_deleted for file in slack.slack.workspace.files.values())
    assert slack.slack.messages() == []


async def test_a_closed_moderators_channel_publishes_nothing(slack: World):
    """It waits, and goes on when the bot is invited there."""
    slack.slack.workspace.channels[MODS].members.remove(SlackDouble.bot_user)
    await slack.slack.slash(ASK)
    await slack.until(lambda: states(slack) == ["waiting"])
    await slack.slack.wait_for_note("moderators' channel")

    await slack.slack.invite_bot(MODS)
    await slack.slack.wait_for_message(MODS)

    assert slack.slack.messages() == []
    await slack.until(lambda: states(slack) == ["review"])


async def test_an_unsafe_picture_is_posted_to_its_person_alone(slack: World):
    """Slack has no spoilers; it passes the moderators first."""
    slack.ideogram.studio.sends_unsafe = True
    message = await asked(slack, "/imagine an unsafe fox --magic off")
    assert "calls it unsafe" in said(message)

    await slack.slack.press(message, "approve", user="U2")
    await slack.until(lambda: states(slack) == ["done"])

    direct = slack.slack.workspace.direct("U1").id
    assert slack.slack.messages() == []
    assert len(slack.slack.messages(direct)) == 1


# --- Discord --------------------------------------------------------------------


@pytest.fixture
async def discord(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, slack="", is_started=False) as here:
        mods = here.discord.add_channel("mods")
        rules = tmp_path / "policy.toml"
        rules.write_text(
            f'[[approval]]\nmoderators = "discord:{mods.id}"\n'
            '[content]\nunsafe = "spoiler"\n'
        )
        here.bot.settings["POLICY_FILE"] = str(rules)
        await here.start()
        yield here


@pytest.mark.parametrize("action", ["approve", "reject"])
async def test_discord_has_the_buttons(discord: World, action: str):
    """The same over the gateway."""
    double = discord.discord
    [mods] = [c for c in double.world.channels.values() if c.name == "mods"]
    moderator = double.add_user("mo")
    discord.ideogram.studio.sends_unsafe = True
    await double.slash("imagine", {"prompt": "an unsafe fox"})
    [message] = await double.world.until(lambda: double.messages(mods))
    await discord.until(lambda: states(discord) == ["review"])
    [approve, reject] = message.custom_ids
    before = double.messages()

    own = await double.press(message, approve)
    pressed = await double.press(
        message, approve if action == "approve" else reject, user=moderator
    )
    end = "done" if action == "approve" else "failed"
    await discord.until(lambda: states(discord) == [end])
    await discord.until(lambda: not message.custom_ids)

    assert before == []
    assert "another moderator" in own.response["data"]["content"]
    assert pressed.response["data"]["content"].startswith(action.capitalize())
    assert f"by <@{moderator.id}>" in message.embeds[0]["description"]
    assert message.attachments == []
    assert len(pictures(discord)) == (action == "approve")
    assert len(double.messages()) == (action == "approve")
    for posted in double.messages():
        assert posted.attachments[0].filename.startswith("SPOILER_")


@pytest.mark.parametrize("phase", [Phase.ASKED, Phase.DONE, Phase.TOLD], ids=str)
async def test_killed_while_it_shows_discord(discord: World, phase: Phase):
    """Its own message is found by its buttons, or the nonce holds."""
    double = discord.discord
    [mods] = [c for c in double.world.channels.values() if c.name == "mods"]
    path = f"/api/v10/channels/{mods.id}/messages with files"
    point = discord.kill_at("discord", "POST", path, phase)
    await double.slash("imagine", {"prompt": "a fox"})
    await discord.reached(point)

    await discord.start()
    await discord.until(lambda: states(discord) == ["review"])

    assert len(double.messages(mods)) == 1
    assert double.messages() == []
