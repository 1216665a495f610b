"""What the doctor says of Discord, from a double that checks as Discord does."""

from collections.abc import AsyncIterator
from dataclasses import replace

import discord as library
import pytest

from adapters.discord.doctor import DiscordDoctor, Said, permissions, sessions
from bot.clock import SystemClock
from bot.domain.checkup import Finding, Verdict
from tests.fakes.discord.double import Discord, discord_double
from tests.fakes.discord.world import EMBED, SEND, VIEW

OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    async with discord_double() as double:
        yield double


def doctor(discord: Discord, **changes) -> DiscordDoctor:
    made = DiscordDoctor(
        token=discord.token,
        base_url=discord.url,
        guild_ids=(discord.guild.id,),
        wants_content=False,
        channels=(str(discord.channel.id),),
        now=SystemClock().now,
    )
    return replace(made, **changes)


async def findings(looks: DiscordDoctor) -> dict[str, Finding]:
    found = [
        *await looks.identity(),
        *await looks.intents(),
        *await looks.sessions(),
        *await looks.servers(),
        *await looks.places(),
    ]
    return {one.name: one for one in found}


async def test_a_right_set_up_is_fine(discord: Discord):
    found = await findings(doctor(discord))

    assert {name: one.verdict for name, one in found.items()} == {
        "Discord token": OK,
        "Discord clock": OK,
        "Discord message content": Verdict.SKIPPED,
        "Discord sessions": OK,
        f"Discord server {discord.guild.id}": OK,
        f"Discord channel {discord.channel.id}": OK,
    }
    channel = found[f"Discord channel {discord.channel.id}"]
    assert channel.text == "The bot may write and show pictures there."


async def test_a_wrong_token_is_named_and_not_repeated(discord: Discord):
    found = await findings(doctor(discord, token="s3cr3t"))

    assert found["Discord token"].text == "Discord does not know it."
    assert "s3cr3t" not in "".join(one.text + one.remedy for one in found.values())


@pytest.mark.parametrize(("is_granted", "verdict"), [(True, OK), (False, FAIL)])
async def test_the_intent_is_looked_up(discord: Discord, is_granted, verdict):
    discord.world.has_message_content = is_granted

    [found] = await doctor(discord, wants_content=True).intents()

    assert found.verdict is verdict


async def test_a_server_without_the_bot(discord: Discord):
    other = discord.add_guild("Elsewhere", has_bot=False)

    [found] = await doctor(discord, guild_ids=(other.id,)).servers()

    assert found.verdict is FAIL


async def test_lacking_permissions_are_named(discord: Discord):
    mute = discord.add_channel("mute", everyone_deny=SEND | EMBED)
    heard = discord.add_channel("heard", everyone_deny=SEND, bot_allow=SEND)
    hidden = discord.add_channel("hidden", bot_deny=VIEW)
    names = [str(one.id) for one in (mute, heard, hidden)]

    found = await doctor(discord, channels=names).places()

    assert [one.verdict for one in found] == [FAIL, OK, FAIL]
    assert found[0].text == "The bot lacks there: Send Messages, Embed Links."


@pytest.mark.parametrize(("left", "verdict"), [(900, OK), (9, WARN), (0, FAIL)])
def test_few_sessions_are_a_warning(left, verdict):
    limit = {"session_start_limit": {"total": 1000, "remaining": left}}

    assert sessions(Said(status=200, body=limit)).verdict is verdict


def test_overwrites_go_from_everyone_over_roles_to_the_member():
    """https://docs.discord.com/developers/topics/permissions#permission-overwrites"""
    send = library.Permissions(send_messages=True).value
    view = library.Permissions(view_channel=True).value
    guild = {
        "id": "1",
        "roles": [
            {"id": "1", "permissions": str(view)},
            {"id": "2", "permissions": str(send)},
            {"id": "3", "permissions": "8"},
        ],
    }
    member = {"user": {"id": "9"}, "roles": ["2"]}
    where = {
        "permission_overwrites": [
            {"id": "1", "deny": str(view | send), "allow": "0"},
            {"id": "2", "deny": "0", "allow": str(send)},
            {"id": "9", "deny": "0", "allow": str(view)},
        ]
    }

    assert permissions(guild, member, where).value == view | send
    assert permissions(guild, member | {"roles": ["3"]}, where).administrator


async def test_a_discord_that_is_away(discord: Discord):
    looks = doctor(discord, base_url="http://127.0.0.1:9/api/v10")

    [found] = await looks.identity()

    assert (found.verdict, found.text) == (FAIL, "Discord cannot be reached.")
