"""Foreign exceptions, discord.py's and the network's, as this program's own. Pure."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus

import aiohttp
import discord

from bot.errors import PlatformBusy, PlatformDown, PlatformError, PlatformRefused

# https://docs.discord.com/developers/topics/opcodes-and-status-codes
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK = 10003, 10008, 10015
UNKNOWN_INTERACTION, TOO_LARGE, ALREADY_ANSWERED = 10062, 40005, 40060
MISSING_ACCESS, CANNOT_DM, MISSING_PERMISSIONS = 50001, 50007, 50013
INVALID_TOKEN, THREAD_ARCHIVED, THREAD_EXISTS = 50027, 50083, 160004

# The bot may not be, speak or attach a file in the channel, or it is gone.
NOT_WELCOME = frozenset(
    {UNKNOWN_CHANNEL, MISSING_ACCESS, MISSING_PERMISSIONS, THREAD_ARCHIVED}
)
# What is to be deleted is not there any more.
GONE = frozenset({UNKNOWN_CHANNEL, UNKNOWN_MESSAGE})
# What an interaction's token answers when it is too late for it.
TOO_LATE = frozenset({UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION, INVALID_TOKEN})

NO_DIRECT_MESSAGE = (
    "I could not send you a direct message. The picture is kept; allow direct messages "
    "from this server's members and ask for it again."
)
NETWORK = (aiohttp.ClientError, OSError, TimeoutError)
ANY = (discord.DiscordException, *NETWORK)


def code(error: BaseException) -> int:
    """Give Discord's own error code; 0 when there is none."""
    return error.code if isinstance(error, discord.HTTPException) else 0


def is_too_large(error: discord.HTTPException) -> bool:
    """Say whether the files were more than the place takes."""
    return (
        error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or error.code == TOO_LARGE
    )


def is_final(error: discord.HTTPException) -> bool:
    """Say whether Discord surely did not do what was asked."""
    is_busy = error.status == HTTPStatus.TOO_MANY_REQUESTS
    return not is_busy and error.status < HTTPStatus.INTERNAL_SERVER_ERROR


@contextmanager
def translated() -> Iterator[None]:
    """Raise the errors of bot/errors.py instead of discord.py's and the network's."""
    try:
        yield
    except ANY as error:
        raise translate(error) from error


def translate(error: BaseException) -> PlatformError:
    """Give the error that says who must act."""
    if isinstance(error, discord.RateLimited):
        wait = timedelta(seconds=error.retry_after)
        return PlatformBusy("Discord asks for a pause.", retry_after=wait)
    if isinstance(error, discord.HTTPException):
        return _read(error)
    return PlatformDown("Discord cannot be reached.")


def _read(error: discord.HTTPException) -> PlatformError:
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        return PlatformBusy("Discord asks for a pause.", retry_after=_pause(error))
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return PlatformDown(f"Discord has trouble (status {error.status}).")
    if error.code == CANNOT_DM:
        return PlatformRefused(NO_DIRECT_MESSAGE)
    if is_too_large(error):
        return PlatformRefused(
            "The picture is kept, but Discord calls it too large to be shown."
        )
    return PlatformRefused(
        f"Discord refused the message (status {error.status}, code {error.code}). "
        "The picture is kept."
    )


def _pause(error: discord.HTTPException) -> timedelta | None:
    seconds = error.response.headers.get("Retry-After", "")
    try:
        return timedelta(seconds=float(seconds))
    except ValueError:
        return None
