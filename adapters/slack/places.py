"""Who can see what is posted in a conversation.

Payloads say it in three ways, and mentions not at all; what was learned about a channel is
kept for those.
"""

import logging
from collections.abc import Mapping
from typing import Any

from adapters.slack.refusals import Refused
from adapters.slack.web import SlackWeb
from bot.domain.people import Visibility
from bot.errors import PlatformError

_BY_TYPE = {  # channel_type of events; C and G are those of member_joined_channel
    "channel": Visibility.WORKSPACE,
    "C": Visibility.WORKSPACE,
    "group": Visibility.MEMBERS,
    "G": Visibility.MEMBERS,
    "mpim": Visibility.MEMBERS,
    "im": Visibility.OWNER,
}
_ALL_TYPES = "public_channel,private_channel,mpim,im"
_PAGE = 200

log = logging.getLogger(__name__)


def visibility_by_name(channel_id: str, name: str) -> Visibility:
    """Read the channel name of a slash command or an interaction. Pure."""
    if channel_id.startswith("D") or name == "directmessage":
        return Visibility.OWNER
    if not name or name == "privategroup" or name.startswith("mpdm-"):
        return Visibility.MEMBERS
    return Visibility.WORKSPACE


def visibility_of(channel: Mapping[str, Any]) -> Visibility:
    """Read a conversation object. Pure."""
    if channel.get("is_im"):
        return Visibility.OWNER
    is_closed = channel.get("is_private", True) or channel.get("is_mpim")
    return Visibility.MEMBERS if is_closed else Visibility.WORKSPACE


class KnownPlaces:
    """What was learned about channels since the start."""

    def __init__(self) -> None:
        self._known: dict[str, Visibility] = {}

    def learn(self, channel_id: str, visibility: Visibility) -> Visibility:
        """Remember a channel's visibility and give it."""
        self._known[channel_id] = visibility
        return visibility

    def by_name(self, channel_id: str, name: str) -> Visibility:
        """Give the visibility a slash command or an interaction tells."""
        return self.learn(channel_id, visibility_by_name(channel_id, name))

    def by_event(self, channel_id: str, channel_type: str | None) -> Visibility:
        """Give the visibility an event tells, or what is known; unknown is MEMBERS."""
        if channel_id.startswith("D"):
            return Visibility.OWNER
        if channel_type in _BY_TYPE:
            return self.learn(channel_id, _BY_TYPE[channel_type])
        return self._known.get(channel_id, Visibility.MEMBERS)

    async def learn_all(self, web: SlackWeb) -> None:
        """Learn the conversations the bot is in, since mentions come from those."""
        cursor = None
        try:
            while cursor != "":
                answer = await web.call(
                    "users.conversations",
                    types=_ALL_TYPES,
                    exclude_archived="true",
                    limit=_PAGE,
                    cursor=cursor,
                )
                for channel in answer.get("channels") or ():
                    self.learn(str(channel["id"]), visibility_of(channel))
                metadata = answer.get("response_metadata") or {}
                cursor = str(metadata.get("next_cursor") or "")
        except (PlatformError, Refused) as error:
            log.info("The bot's channels could not be listed: %s", error)
