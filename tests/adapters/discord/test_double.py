"""The loopback Discord is as strict as the real one where the bot depends on it."""

import aiohttp
import pytest

from tests.fakes.discord.world import EPHEMERAL

DEFERRED = {"type": 5, "data": {"flags": EPHEMERAL}}


@pytest.fixture
async def post(discord):
    """Give a function that posts JSON and gives status and error code."""
    discord.limits.is_recorded = False
    async with aiohttp.ClientSession() as session:

        async def send(path, body, method="POST"):
            headers = {"Authorization": f"Bot {discord.token}"}
            async with session.request(
                method, discord.url + path, json=body, headers=headers
            ) as response:
                text = await response.json() if response.status != 204 else {}
                return response.status, text.get("code")

        yield send


@pytest.fixture
async def asked(discord):
    """Give a press that nothing has answered."""
    return await discord.people.interact(
        3, {}, user=discord.ada, channel=discord.channel
    )


@pytest.fixture
def callback(asked):
    return f"/interactions/{asked.id}/{asked.token}/callback"


@pytest.fixture
def hook(discord, asked):
    return f"/webhooks/{discord.world.bot.id}/{asked.token}"


async def test_one_first_response(post, callback):
    """An interaction is answered once."""
    assert await post(callback, DEFERRED) == (204, None)
    assert await post(callback, DEFERRED) == (400, 40060)


async def test_first_response_within_three_seconds(post, discord, callback):
    """Later, Discord does not know the interaction."""
    discord.world.ahead = 3.0

    assert await post(callback, DEFERRED) == (404, 10062)


async def test_token_lives_for_fifteen_minutes(post, discord, callback, hook):
    """Then neither edits nor follow-ups are taken."""
    await post(callback, DEFERRED)
    discord.world.ahead = 15 * 60 + 1

    assert await post(hook, {"content": "x"}) == (401, 50027)
    edit = f"{hook}/messages/@original"
    assert await post(edit, {"content": "x"}, "PATCH") == (401, 50027)


async def test_nothing_by_token_before_the_first_response(post, hook):
    """There is no original to edit yet."""
    edit = f"{hook}/messages/@original"
    assert await post(edit, {"content": "x"}, "PATCH") == (404, 10015)


async def test_first_follow_up_takes_the_place_of_thinking(
    post, discord, asked, callback, hook
):
    """With its privacy: a public follow-up needs the note edited first."""
    await post(callback, DEFERRED)

    await post(hook, {"content": "x"})

    assert asked.original.content == "x"
    assert asked.original.is_ephemeral
    assert asked.follow_ups == []


async def test_five_follow_ups_where_only_installed_to_the_person(
    post, asked, callback, hook
):
    """The sixth is refused."""
    asked.is_user_installed = True
    await post(callback, {"type": 4, "data": {"content": "x"}})
    for _ in range(5):
        assert await post(hook, {"content": "x"}) == (200, None)

    assert await post(hook, {"content": "x"}) == (400, 40094)


async def test_wrong_token_is_unauthorized(discord):
    """Every route but those with their own token asks for the bot's."""
    discord.limits.is_recorded = False
    async with (
        aiohttp.ClientSession() as session,
        session.get(discord.url + "/users/@me") as response,
    ):
        assert response.status == 401


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="empty"),
        pytest.param({"content": "x" * 2001}, id="long"),
        pytest.param({"content": "x", "nonce": "n" * 26}, id="nonce"),
    ],
)
async def test_messages_have_limits(post, discord, body):
    """What Discord would refuse is refused."""
    status, _ = await post(f"/channels/{discord.channel.id}/messages", body)

    assert status == 400
    assert discord.messages() == []
