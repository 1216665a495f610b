"""What the doctor says of Slack, from a double that checks as Slack does."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.slack.doctor import SlackDoctor
from adapters.slack.manifest import SCOPES
from bot.clock import SystemClock
from bot.domain.checkup import Finding, Verdict
from tests.fakes.slack.double import Fault, SlackDouble, slack_double

OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    async with slack_double() as double:
        double.api.scopes |= set(SCOPES)
        yield double


def doctor(slack: SlackDouble, **changes) -> SlackDoctor:
    made = SlackDoctor(
        bot_token=slack.bot_token,
        app_token=slack.app_token,
        has_signing_secret=False,
        base_url=slack.base_url,
        channels=(),
        now=SystemClock().now,
    )
    return replace(made, **changes)


def verdicts(found: list[Finding]) -> dict[str, Verdict]:
    return {one.name: one.verdict for one in found}


async def test_a_right_set_up_is_fine(slack: SlackDouble):
    looks = doctor(slack)

    found = [*await looks.identity(), *await looks.transport()]

    assert verdicts(found) == {
        "Slack bot token": OK,
        "Slack scopes": OK,
        "Slack clock": OK,
        "Slack app token": OK,
    }


async def test_missing_scopes_are_named(slack: SlackDouble):
    slack.api.scopes -= {"files:write", "channels:join"}

    [_, scopes, _] = await doctor(slack).identity()

    assert scopes.verdict is FAIL
    assert scopes.text == "The token lacks channels:join, files:write."
    assert "reinstall" in scopes.remedy


async def test_a_wrong_token_is_named_and_not_repeated(slack: SlackDouble):
    looks = doctor(slack, bot_token="xoxb-wrong", app_token="xapp-wrong")

    found = [*await looks.identity(), *await looks.transport()]

    assert verdicts(found)["Slack bot token"] is FAIL
    assert verdicts(found)["Slack app token"] is FAIL
    assert "wrong" not in "".join(one.text + one.remedy for one in found)


async def test_an_app_token_without_its_scope(slack: SlackDouble):
    slack.faults.add("apps.connections.open", Fault(error="missing_scope"))

    [app] = await doctor(slack).transport()

    assert app.verdict is FAIL
    assert "connections:write" in app.text


async def test_a_signing_secret_cannot_be_told(slack: SlackDouble):
    [secret] = await doctor(slack, app_token=None, has_signing_secret=True).transport()

    assert secret.verdict is Verdict.SKIPPED


async def test_channels_are_looked_at(slack: SlackDouble):
    """In it, to be joined, to be invited, unknown, archived."""
    add = slack.workspace.add_channel
    add("C0OPEN", members={"U1"})
    add("C0SECRET", kind="group", members={"U1"})
    add("C0OLD", members={slack.bot_user}).is_archived = True
    names = ("C0PUBLIC", "C0OPEN", "C0SECRET", "C0NONE", "C0OLD")

    found = await doctor(slack, channels=names).membership()

    assert [one.verdict for one in found] == [OK, WARN, FAIL, FAIL, FAIL]


async def test_a_slack_that_is_away():
    looks = SlackDoctor(
        bot_token="xoxb-1",
        app_token=None,
        has_signing_secret=False,
        base_url="http://127.0.0.1:9/api/",
        channels=(),
        now=SystemClock().now,
    )

    [found] = await looks.identity()

    assert found.verdict is FAIL
    assert found.text == "Slack cannot be reached."
