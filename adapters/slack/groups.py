"""Who is in which user group, as far as the operator's rules name groups.

Asked for in the background, never before an acknowledgement. Until every group that is
named was read once, nobody's groups are known.
https://docs.slack.dev/reference/methods/usergroups.users.list
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from adapters.slack.refusals import Refused
from adapters.slack.web import SlackWeb
from bot.errors import PlatformError

LOOK_EVERY = timedelta(seconds=2)
REFRESH_EVERY = timedelta(minutes=5)
TRY_AGAIN_EVERY = timedelta(seconds=30)  # the method takes 20 calls a minute
# There is no such group, or there are none in this workspace: nobody is in it.
_NOBODY = {"no_such_subteam", "plan_upgrade_required"}

log = logging.getLogger(__name__)


class KnownGroups:
    """The members of the groups that *named* gives; Discord's roles among them are left out."""

    def __init__(
        self,
        named: Callable[[], frozenset[str]] = frozenset,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._named = named
        self._sleep = sleep
        self._members: dict[str, frozenset[str]] = {}
        self._is_failing = False

    def of(self, user_id: str) -> tuple[str, ...] | None:
        """Give the named groups somebody is in; None while they are not known."""
        named = self._wanted()
        if not named <= self._members.keys():
            return None
        return tuple(sorted(one for one in named if user_id in self._members[one]))

    async def watch(self, web: SlackWeb) -> None:
        """Read them every few minutes, and at once when a rule names another."""
        asked: frozenset[str] | None = None
        wait = timedelta(0)
        while True:
            wanted = self._wanted()
            if wanted != asked or wait <= timedelta(0):
                asked = wanted
                is_read = await self.read(web)
                wait = REFRESH_EVERY if is_read else TRY_AGAIN_EVERY
            await self._sleep(LOOK_EVERY.total_seconds())
            wait -= LOOK_EVERY

    async def read(self, web: SlackWeb) -> bool:
        """Read the named groups; False when some could not be, and stay as they were."""
        wanted = self._wanted()
        for gone in self._members.keys() - wanted:
            del self._members[gone]
        try:
            for group in sorted(wanted):
                self._members[group] = await _members(web, group)
        except (PlatformError, Refused) as error:
            level = logging.DEBUG if self._is_failing else logging.WARNING
            log.log(level, "Slack's user groups cannot be read: %s", error)
            self._is_failing = True
            return False
        self._is_failing = False
        return True

    def _wanted(self) -> frozenset[str]:
        return frozenset(one for one in self._named() if one.startswith("S"))


async def _members(web: SlackWeb, group: str) -> frozenset[str]:
    try:
        answer = await web.call("usergroups.users.list", usergroup=group)
    except Refused as refused:
        if refused.code in _NOBODY:
            return frozenset()
        raise
    return frozenset(map(str, answer.get("users") or ()))
