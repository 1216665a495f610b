"""`doctor` by the real command, beside a live run and with everything wrong."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.slack.manifest import SCOPES
from tests.system.process import Ended
from tests.system.world import World, discord_settings, slack_settings, world

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, slack="both", is_started=False) as made:
        made.slack.api.scopes |= set(SCOPES)
        yield made


async def doctor(here: World, **settings: str) -> Ended:
    everything = (
        slack_settings(here.lines.slack, via="both")
        | discord_settings(here.lines.discord, here.discord.token)
        | {"ALERT_TO": "slack:C0PUBLIC"}
        | settings
    )
    ended = await here.terminal("doctor", "--json", **everything)
    for secret in here.secrets():
        assert secret not in ended.out + ended.err
    return ended


def by_status(ended: Ended, status: str) -> set[str]:
    return {one["name"] for one in ended.json if one["status"] == status}


async def test_nothing_is_wrong_beside_a_live_run(here: World):
    """It costs nothing, posts nothing and leaves the run its connections."""
    await here.start()
    calls, said = len(here.ideogram.calls), len(here.slack.messages())

    ended = await doctor(here)

    assert ended.status == 0, ended.out
    assert by_status(ended, "fail") == set()
    assert by_status(ended, "warn") == set()
    assert {"Ideogram", "Slack scopes", "Discord token", "database"} <= by_status(
        ended, "ok"
    )
    assert len(here.ideogram.calls) == calls
    assert len(here.slack.messages()) == said
    assert here.slack.socket.connections == 1
    assert (await here.bot.health())[0] == 200


async def test_everything_that_is_wrong_is_named_at_once(here: World, tmp_path: Path):
    """One wrong thing must not hide another."""
    policy = tmp_path / "policy.toml"
    policy.write_text("[nonsense]\n")
    here.slack.api.scopes -= {"files:write"}

    ended = await doctor(
        here,
        IDEOGRAM_API_KEY="wrong",
        DISCORD_TOKEN="wrong",
        ALERT_TO="slack:C0NOWHERE",
        FILES_URL="s3://bucket/prefix",
        POLICY_FILE=str(policy),
        LOG_FORMAT="xml",
    )

    assert ended.status == 1
    assert {
        "Ideogram",
        "Discord token",
        "Slack scopes",
        "Slack channel C0NOWHERE",
        "bucket of pictures",
        "POLICY_FILE",
        "LOG_FORMAT",
    } <= by_status(ended, "fail")
    assert all(one["remedy"] for one in ended.json if one["status"] == "fail")
    assert {"Slack bot token", "Slack app token", "database"} <= by_status(ended, "ok")
