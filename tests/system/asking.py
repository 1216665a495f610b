"""Ways to ask for a picture, each with what the bot has to do differently for it."""

from collections.abc import Awaitable, Callable

from tests.fakes.discord.world import SEND, Interaction
from tests.fakes.waiting import until
from tests.system.world import World

Ask = Callable[[World, str], Awaitable[bool]]  # true when it was acknowledged


async def in_slack(here: World, typed: str, **changes) -> bool:
    ack = await here.slack.slash(f"/imagine {typed}", **changes)
    return ack.is_acked


async def in_slack_unjoined(here: World, typed: str) -> bool:
    """A public channel that the bot has to join."""
    channel = f"C{here.slack.workspace.number()}NEW"
    here.slack.workspace.add_channel(channel, members={"U1"})
    return await in_slack(here, typed, channel=channel)


async def in_slack_privately(here: World, typed: str) -> bool:
    return await in_slack(here, f"{typed} --private")


async def two_in_slack(here: World, typed: str) -> bool:
    return await in_slack(here, f"{typed} --n 2")


async def in_slack_thread(here: World, typed: str) -> bool:
    """A mention in a thread: an event, and no response URL."""
    root, _ = await here.slack.say("look at this")
    _, ack = await here.slack.mention(f"imagine {typed}", thread=root)
    return ack.is_acked


async def in_discord(here: World, typed: str, **changes) -> bool:
    """Type the command; it is acknowledged when it has its first response."""
    made = await here.discord.slash(
        "imagine", {"prompt": typed}, is_answered=False, **changes
    )
    return await _is_answered(here, made)


async def in_discord_read_only(here: World, typed: str) -> bool:
    """A channel in which the bot may not write."""
    channel = here.discord.add_channel("read-only", bot_deny=SEND)
    return await in_discord(here, typed, channel=channel)


async def in_discord_privately(here: World, typed: str) -> bool:
    return await in_discord(here, f"{typed} --private")


async def _is_answered(here: World, made: Interaction) -> bool:
    """Wait for the response, or until there is nobody who could give it."""
    await until(lambda: made.response is not None or not here.bot.is_running)
    return made.response is not None
