"""Alerts in a Slack channel: one message that is edited, posted exactly once.

`chat.postMessage` takes no key of ours. What is about to be sent is written down, and after
a lost answer the channel's history tells: the message carries its key as a `block_id`.
"""

import re
from collections.abc import Mapping
from typing import Any

from adapters.slack.blocks import MAX_TEXT, Block, actions, button, section
from adapters.slack.refusals import NOT_IN_PLACE, Refused
from adapters.slack.text import escape, escape_within
from adapters.slack.web import SlackWeb
from bot.chat.actions import ALERT_LABELS, AlertAction
from bot.domain.alert import AlertMessage, Line, Who
from bot.errors import NotInPlace, PlatformBusy
from bot.ports.chat import PostNotes

_PAGE, _PAGES = 200, 5  # how far back its own message is looked for
_USER = re.compile(r"[UW][A-Z0-9]+")
_GONE = ("message_not_found", "cant_update_message", "edit_window_closed")


class SlackAlerts:
    """Implements the port AlertSender for one channel."""

    def __init__(self, *, web: SlackWeb, channel: str) -> None:
        self._web = web
        self._channel = channel

    async def post(self, message: AlertMessage, notes: PostNotes) -> None:
        """Post a message, exactly once over any number of calls.

        Raises: PlatformBusy, PlatformDown, NotInPlace, PlatformRefused, StorageError.
        """
        if "ts" in notes.current:
            return
        try:
            ts = await self._find(message.key) if notes.current else None
            ts = ts or await self._send(message, notes)
        except Refused as refused:
            if refused.code in NOT_IN_PLACE:
                raise self._not_in_place() from refused
            raise refused.as_error() from refused
        await notes.write({"ts": ts})

    async def edit(self, message: AlertMessage, notes: Mapping[str, Any]) -> None:
        """Show it as it is now; one that was deleted stays so. Raises: as post."""
        ts = notes.get("ts")
        if ts is None:
            return
        try:
            await self._web.call(
                "chat.update", channel=self._channel, ts=ts, **_shown(message)
            )
        except Refused as refused:
            if refused.code not in _GONE:
                raise refused.as_error() from refused

    async def _send(self, message: AlertMessage, notes: PostNotes) -> str:
        await notes.write({"is_sending": True})
        try:
            return await self._send_or_join(message)
        except (Refused, PlatformBusy, NotInPlace):
            await notes.write({})  # a clear no: nothing is there to be looked for
            raise

    async def _send_or_join(self, message: AlertMessage) -> str:
        try:
            return await self._post(message)
        except Refused as refused:
            if refused.code not in NOT_IN_PLACE:
                raise
        try:
            await self._web.call("conversations.join", channel=self._channel)
        except Refused as refused:
            raise self._not_in_place() from refused
        return await self._post(message)

    async def _post(self, message: AlertMessage) -> str:
        answer = await self._web.call(
            "chat.postMessage",
            is_sent_once=True,
            channel=self._channel,
            unfurl_links=False,
            **_shown(message),
        )
        return str(answer["ts"])

    async def _find(self, key: str) -> str | None:
        """Give the timestamp of the bot's message with that key, if it is there."""
        cursor: str | None = None
        for _ in range(_PAGES):
            page = await self._web.call(
                "conversations.history",
                channel=self._channel,
                limit=_PAGE,
                cursor=cursor,
            )
            for said in page.get("messages") or ():
                if any(b.get("block_id") == _mark(key) for b in said.get("blocks", ())):
                    return str(said["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return None
        return None

    def _not_in_place(self) -> NotInPlace:
        return NotInPlace(
            f"the bot is not in the Slack channel {self._channel}. Type /invite "
            f"@{self._web.bot_name} there, or name another channel in ALERT_TO."
        )


def _mark(key: str) -> str:
    return f"alert:{key}"


def _shown(message: AlertMessage) -> dict[str, Any]:
    lines = "\n".join(_line(line) for line in message.lines)
    title = escape(message.title)
    text = section(f"*{title}*\n{lines}"[:MAX_TEXT]) | {"block_id": _mark(message.key)}
    blocks: list[Block] = [text]
    if message.has_try_again:
        action = AlertAction.TRY_AGAIN
        blocks.append(actions([button(action, ALERT_LABELS[action], message.alert.id)]))
    return {"text": title, "blocks": blocks}


def _line(line: Line) -> str:
    return "".join(_part(part) for part in line)


def _part(part: str | Who) -> str:
    match part:
        case Who(user_id=user_id):
            return f"<@{user_id}>" if _USER.fullmatch(user_id) else escape(user_id)
        case str():
            return escape_within(part, 1000)
