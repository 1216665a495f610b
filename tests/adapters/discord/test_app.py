"""Starting, staying connected and stopping."""

import asyncio

import pytest

from bot.chat.commands import Generate
from bot.errors import ConfigError


async def test_connects_to_the_gateway_that_discord_names(app, discord):
    """The REST address is the only one the operator sets."""
    assert app.is_connected
    assert ("GET", "/gateway/bot") in discord.limits.requests


async def test_wrong_token_ends_the_start_in_a_sentence(start):
    """The operator is told the variable and the remedy."""
    with pytest.raises(ConfigError, match="DISCORD_TOKEN"):
        await start(token="wrong")


async def test_forbidden_intent_ends_the_start_in_a_sentence(start):
    """Asking for message content without having it is the operator's to settle."""
    with pytest.raises(ConfigError, match="DISCORD_MESSAGE_CONTENT"):
        await start(message_content=True)


async def test_granted_intent_is_used(start, discord):
    """Who has the privilege may use it."""
    discord.world.has_message_content = True

    app = await start(message_content=True)

    assert app.is_connected


async def test_unreachable_discord_does_not_end_the_start(start, discord):
    """Slack and the web go on meanwhile; Discord joins once it can."""
    discord.fail("GET", "/users/@me", "drop before", times=2)

    app = await start()

    assert not app.is_connected
    await discord.connected()


@pytest.mark.parametrize("politely", [False, True], ids=["cut", "RECONNECT"])
async def test_command_during_a_gateway_drop_is_not_lost(app, core, discord, politely):
    """What happened while the line was down is told on resuming."""
    await discord.gateway.drop(politely=politely)

    await discord.slash("imagine", {"prompt": "a fox"})

    assert discord.gateway.resumed == 1
    assert [type(c) for c in core.commands] == [Generate]


async def test_session_that_cannot_be_resumed_is_begun_anew(app, core, discord):
    """After a long cut Discord has forgotten the session."""
    await discord.gateway.drop(forget=True)
    await discord.world.until(lambda: discord.gateway.identified == 2)

    await discord.slash("imagine", {"prompt": "a fox"})

    assert [type(c) for c in core.commands] == [Generate]


async def test_event_that_cannot_be_read_does_not_end_the_bot(
    app, core, discord, caplog
):
    """Discord adds to its events; the library stumbles now and then."""
    await discord.gateway.dispatch("MESSAGE_CREATE", {"id": "1"})
    await discord.world.until(lambda: discord.gateway.identified == 2)

    await discord.slash("imagine", {"prompt": "a fox"})

    assert [type(c) for c in core.commands] == [Generate]
    assert "ended by a fault" in caplog.text


async def test_commands_are_registered_once(start, discord):
    """An unchanged list is not sent again at the next start."""
    await start()
    await discord.people.command("imagine", 1, discord.channel)

    await start()
    await discord.world.until(lambda: _count(discord, "GET", "/commands") == 2)

    assert _count(discord, "PUT", "/commands") == 1


async def test_failed_registration_does_not_stop_the_bot(start, discord):
    """The commands of the last time still work."""
    app = await start()
    await discord.people.command("imagine", 1, discord.channel)

    discord.fail("GET", r"/applications/.*", "403")
    again = await start()

    assert app.is_connected
    assert again.is_connected


async def test_nothing_is_taken_after_the_intake_is_closed(app, core, discord):
    """Who asks while the bot stops is told so, alone, and nothing is drawn."""
    await app.close_intake()

    asked = await discord.slash("imagine", {"prompt": "a fox"})

    assert not app.is_connected
    assert asked.response["type"] == 4
    assert "nothing was drawn" in asked.original.content
    assert asked.original.is_ephemeral
    assert core.commands == []


async def test_what_was_taken_is_answered_before_the_intake_closes(app, core, discord):
    """Stopping never leaves a written-down command without its acknowledgement."""
    closing = []

    async def close_meanwhile(_command):
        closing.append(asyncio.ensure_future(app.close_intake()))

    core.before_reply = close_meanwhile
    asked = await discord.slash("imagine", {"prompt": "a fox"})
    await closing[0]

    assert asked.response["type"] == 5


def _count(discord, method, ending):
    return sum(m == method and p.endswith(ending) for m, p in discord.limits.requests)
