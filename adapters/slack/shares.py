"""Where a file was shared: Slack tells it late, if at all.

`files.completeUploadExternal` answers without the message's timestamp, and `files.info`
learns of it some moments later (python-slack-sdk issues 1277, 1329, 1590).
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.slack.refusals import FILE_GONE, Refused
from adapters.slack.web import SlackWeb
from bot.errors import PlatformError

# Waits between looks, in seconds: some ten in all.
PATIENCE = (0.2, 0.3, 0.5, 1.0, 1.0, 2.0, 2.0, 3.0)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shared:
    """The file is in the channel; `ts` is None when Slack did not tell the message."""

    ts: str | None


def read_ts(file: Mapping[str, Any], channel: str) -> str | None:
    """Give the message in *channel* that shows a file, from what Slack tells of it. Pure."""
    shares = file.get("shares") or {}
    for kind in ("public", "private"):
        for share in (shares.get(kind) or {}).get(channel, ()):
            if ts := share.get("ts"):
                return str(ts)
    return None


def is_listed(file: Mapping[str, Any], channel: str) -> bool:
    """Say whether a file's lists of conversations name *channel*. Pure."""
    return any(
        channel in (file.get(kind) or ()) for kind in ("channels", "groups", "ims")
    )


class Shares:
    """Looks for shares, for a bounded time."""

    def __init__(
        self, *, web: SlackWeb, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._web = web
        self._sleep = sleep

    async def find_ts(self, file_id: str, channel: str) -> str | None:
        """Give the message of a file that surely was shared; None when Slack is too slow.

        Never raises: what is in the channel is no failure.
        """
        for wait in (*PATIENCE, 0.0):
            try:
                if ts := read_ts(await self._info(file_id), channel):
                    return ts
            except (PlatformError, Refused) as error:
                log.info("Slack does not tell the message yet: %s", error)
            await self._sleep(wait)
        return None

    async def was_shared(self, file_id: str, channel: str) -> Shared | None:
        """Find out whether a request whose answer was lost shared the file; None: it did not.

        Raises: PlatformError, Refused.
        """
        is_in_channel = False
        for wait in (*PATIENCE, 0.0):
            try:
                file = await self._info(file_id)
            except Refused as refused:
                if refused.code == "file_deleted":
                    return Shared(None)  # somebody has seen it and taken it away
                if refused.code in FILE_GONE:
                    return None  # only what was completed is a file
                raise
            if ts := read_ts(file, channel):
                return Shared(ts)
            is_in_channel = is_in_channel or is_listed(file, channel)
            await self._sleep(wait)
        return Shared(None) if is_in_channel else None

    async def _info(self, file_id: str) -> Mapping[str, Any]:
        answer = await self._web.call("files.info", file=file_id)
        return dict(answer.get("file") or {})
