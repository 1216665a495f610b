"""Alerts of the real program: over a storm and a kill, in Slack, in Discord and over https."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.ideogram.simulator.faults import Fault
from tests.fakes.discord.world import SEND
from tests.fakes.ideogram import KEY
from tests.fakes.receiver import SECRET, receiver
from tests.fakes.slack.double import Message, SlackDouble
from tests.system.tap import Phase
from tests.system.world import Row, World, read, world

pytestmark = [pytest.mark.timeout(180), pytest.mark.drill]
OPS = "C0OPS"
TRY_AGAIN = "try_again"


def said(message: Message) -> str:
    return message.text + json.dumps(message.blocks, ensure_ascii=False)


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[World]:
    settings = {"ALERT_TO": f"slack:{OPS}", "JOB_ATTEMPTS": "1"}
    async with world(
        tmp_path, slack="socket", discord=False, is_started=False, **settings
    ) as here:
        members = {"U1", SlackDouble.bot_user}
        here.slack.workspace.add_channel(OPS, kind="group", members=members)
        await here.start()
        yield here


async def fail(here: World, count: int, *, to: int) -> None:
    """Ask for pictures with a key that Ideogram has just withdrawn, until *to* have failed."""
    here.ideogram.studio.api_key = "another"
    for number in range(count):
        await here.slack.slash(f"/imagine fox {to}.{number} --magic off")
    await here.until(lambda: len(failures(here)) == to)


def failures(here: World) -> list[Row]:
    sql = "SELECT id, '[]' AS tags FROM jobs WHERE state = 'failed'"
    return read(here.folder, sql)


def mend(here: World) -> None:
    here.ideogram.studio.api_key = KEY


async def test_a_storm_is_one_message_and_try_again_draws_it_all(slack: World):
    """Sixty failures, a kill in the middle, two presses: each picture once."""
    await fail(slack, 20, to=20)
    alert = await slack.slack.wait_for_message(OPS)
    await slack.restart()
    await fail(slack, 40, to=60)

    await slack.until(lambda: "60 generations failed" in said(alert))
    assert slack.slack.messages(OPS) == [alert]
    assert "and 50 more" in said(alert)
    assert "<@U1>" in said(alert)
    assert "fox" not in said(alert)

    mend(slack)
    first = await slack.slack.press(alert, TRY_AGAIN)
    second = await slack.slack.press(alert, TRY_AGAIN)
    over = await slack.slack.wait_for_message(OPS, count=2)
    await slack.until(lambda: "It works again since" in said(alert))
    await slack.until(lambda: len(slack.rows()) == 60)
    await slack.idle()

    assert first.is_acked
    assert second.is_acked
    assert "takes the key again" in said(over)
    assert "Tried again by <@U1>, 60 pictures." in said(alert)
    assert len({row["prompt"] for row in slack.rows()}) == 60
    assert len(slack.slack.messages()) == 60
    assert len(slack.slack.messages(OPS)) == 2
    assert any("60 pictures are drawn again" in n.text for n in slack.slack.notes)


@pytest.mark.parametrize("phase", [Phase.ASKED, Phase.DONE, Phase.TOLD], ids=str)
async def test_killed_while_it_tells_slack(slack: World, phase: Phase):
    """The channel's history says whether the message is there."""
    point = slack.kill_at("slack", "POST", "/api/chat.postMessage", phase)
    slack.ideogram.studio.api_key = "another"
    await slack.slack.slash("/imagine a fox --magic off")
    await slack.reached(point)

    await slack.start()
    alert = await slack.slack.wait_for_message(OPS)
    await fail(slack, 1, to=2)
    await slack.until(lambda: "2 generations failed" in said(alert))

    assert slack.slack.messages(OPS) == [alert]


async def test_a_channel_the_bot_is_not_in_is_told_in_the_log_once(slack: World):
    """And the alert is there once it is invited."""
    slack.slack.workspace.channels[OPS].members.remove(SlackDouble.bot_user)

    await fail(slack, 1, to=1)
    await slack.until(lambda: "/invite @ideogram there" in slack.bot.log)
    slack.slack.workspace.channels[OPS].members.add(SlackDouble.bot_user)
    await slack.slack.wait_for_message(OPS)

    assert slack.bot.log.count("Alerts cannot be shown") == 1


async def test_a_public_channel_is_joined(slack: World):
    """Nobody has to invite the bot there."""
    channel = slack.slack.workspace.channels[OPS]
    channel.kind = "channel"
    channel.members.remove(SlackDouble.bot_user)

    await fail(slack, 1, to=1)
    await slack.slack.wait_for_message(OPS)
    await slack.slack.say("hello", channel=OPS)  # behind the news that the bot joined

    assert SlackDouble.bot_user in channel.members
    assert "Alerts cannot be shown" not in slack.bot.log


async def test_refused_prompts_are_told_and_end_by_themselves(slack: World):
    """A picture that is drawn says nothing about the safety check."""
    slack.ideogram.faults.generate.append(
        Fault(
            status=422,
            body={"error": "Prompt or provided image failed the safety check"},
        )
    )
    await slack.slack.slash("/imagine a fox --magic off")
    alert = await slack.slack.wait_for_message(OPS)

    await slack.slack.slash("/imagine a cat --magic off")
    await slack.slack.wait_for_message()

    assert "safety check refuses: 1 generation failed" in said(alert)
    sql = "SELECT worked_at, '[]' AS tags FROM alerts"
    assert [row["worked_at"] for row in read(slack.folder, sql)] == [None]


# --- Discord --------------------------------------------------------------------


@pytest.fixture
async def discord(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, slack="", is_started=False, JOB_ATTEMPTS="1") as here:
        ops = here.discord.add_channel("ops")
        here.bot.settings["ALERT_TO"] = f"discord:{ops.id}"
        await here.start()
        yield here


async def test_discord_has_the_button_and_the_end(discord: World):
    """The same over the gateway: edited in place, tried again, over."""
    double = discord.discord
    [ops] = [c for c in double.world.channels.values() if c.name == "ops"]
    discord.ideogram.studio.api_key = "another"
    await double.slash("imagine", {"prompt": "a fox"})
    [alert] = await double.world.until(lambda: double.messages(ops))
    await discord.restart()
    await double.slash("imagine", {"prompt": "a cat"})
    await discord.until(lambda: "2 generations" in alert.embeds[0]["title"])

    mend(discord)
    [button] = alert.custom_ids
    pressed = await double.press(alert, button)
    await double.pictures(count=2)
    await discord.until(lambda: len(double.messages(ops)) == 2)
    await discord.until(lambda: "It works again" in alert.embeds[0]["description"])

    assert button.startswith("try_again:")
    assert pressed.response["data"]["content"].startswith("2 pictures are drawn again")
    told = alert.embeds[0]["description"]
    assert f"Tried again by <@{double.ada.id}>, 2 pictures." in told
    assert {row["prompt"] for row in discord.rows()} == {"a fox", "a cat"}


@pytest.mark.parametrize("phase", [Phase.ASKED, Phase.DONE, Phase.TOLD], ids=str)
@pytest.mark.parametrize("later_s", [0, 3600], ids=["at once", "an hour later"])
async def test_killed_while_it_tells_discord(
    discord: World, phase: Phase, later_s: int
):
    """The nonce holds for minutes, the footer for ever."""
    double = discord.discord
    [ops] = [c for c in double.world.channels.values() if c.name == "ops"]
    path = f"/api/v10/channels/{ops.id}/messages"
    point = discord.kill_at("discord", "POST", path, phase)
    discord.ideogram.studio.api_key = "another"
    await double.slash("imagine", {"prompt": "a fox"})
    await discord.reached(point)
    double.world.ahead += later_s

    await discord.start()
    await discord.until(lambda: _shown(discord) > 0)

    assert len(double.messages(ops)) == 1


async def test_a_channel_closed_to_the_bot_is_told_in_the_log_once(discord: World):
    """And the alert is there once it may write."""
    double = discord.discord
    [ops] = [c for c in double.world.channels.values() if c.name == "ops"]
    await double.change(ops, bot_deny=SEND)
    discord.ideogram.studio.api_key = "another"
    await double.slash("imagine", {"prompt": "a fox"})
    await discord.until(
        lambda: "Send Messages and Embed Links there" in discord.bot.log
    )

    await double.change(ops, bot_deny=0)
    await discord.until(lambda: len(double.messages(ops)) == 1)

    assert discord.bot.log.count("Alerts cannot be shown") == 1


def _shown(here: World) -> int:
    [row] = read(here.folder, "SELECT shown, '[]' AS tags FROM alerts")
    return int(row["shown"])


# --- https ----------------------------------------------------------------------


async def test_an_address_is_told_of_opening_and_end(tmp_path: Path):
    """Signed; down at first, and told all the same."""
    async with receiver() as there:
        there.script = [503]
        settings = {
            "ALERT_TO": there.url,
            "CALLBACK_SECRET": SECRET,
            "CALLBACK_ALLOW_PRIVATE": "true",
            "JOB_ATTEMPTS": "1",
        }
        async with world(tmp_path, discord=False, **settings) as here:
            await fail(here, 2, to=2)
            await here.until(lambda: there.accepted)
            mend(here)
            await here.slack.slash("/imagine a cat --magic off")
            await here.until(lambda: len(there.accepted) >= 2)

            here.bot.check_log([there.url, "receivers-secret"])
    opened, over = there.accepted[:2]
    assert all(one.is_genuine for one in there.taken)
    assert opened.body["event"] == "ideogram.alert.opened"
    assert (opened.body["kind"], opened.body["count"]) == ("key", 2)
    assert len(opened.body["jobs"]) == 2
    assert over.body["event"] == "ideogram.alert.resolved"


@pytest.mark.parametrize(
    "target",
    ["slack:C0OPS", "https://10.0.0.1/hook", "C0OPS"],
    ids=["no Slack", "a private address", "nonsense"],
)
async def test_a_wrong_target_ends_the_start(tmp_path: Path, target: str):
    """Who sets it wrongly must not find out in the storm."""
    async with world(tmp_path, slack="", is_started=False, ALERT_TO=target) as here:
        await here.bot.start(is_ready=False)

        assert await here.bot.ended() == 1
        assert "ALERT_TO" in here.bot.log
