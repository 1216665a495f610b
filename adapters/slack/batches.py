"""Batches in Slack: one message that is edited, a thread of pictures, a table at the end.

`chat.postMessage` takes no key of ours. What is about to be sent is written down, and after
a lost answer the channel or thread is searched: the message has the batch as a `block_id`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adapters.slack.blocks import MAX_TEXT, Block, batch_actions, section
from adapters.slack.notes import PrivateNotes
from adapters.slack.refusals import FILE_GONE, NOT_IN_PLACE, Refused
from adapters.slack.shares import Shares
from adapters.slack.text import escape, escape_within
from adapters.slack.web import SlackWeb
from bot.chat.actions import batch_buttons
from bot.domain.batch import Batch
from bot.domain.people import Place, Visibility
from bot.errors import NotInPlace, PlatformBusy, PlatformDown, PlatformError
from bot.ports.base import Clock
from bot.ports.chat import PostNotes

_PAGE, _PAGES = 200, 5  # how far back its own message is looked for
_LAST_TRIES = 5  # of the edit that nothing comes after
_CSV = "text/csv"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """Where a batch is shown; `thread` is where its pictures and its table go."""

    channel: str
    thread: str | None


class SlackBatches:
    """Implements the port BatchSender."""

    def __init__(
        self,
        *,
        web: SlackWeb,
        notes: PrivateNotes,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._web = web
        self._notes = notes
        self._clock = clock
        self._sleep = sleep
        self._shares = Shares(web=web, sleep=sleep)
        self._quiet_until = clock.now()

    # --- the message ----------------------------------------------------------------

    async def begin(self, batch: Batch, text: str, notes: PostNotes) -> Place:
        """Post the message, exactly once over any number of calls; give its thread.

        Raises: PlatformBusy, PlatformDown, NotInPlace, PlatformRefused, StorageError.
        """
        try:
            target = await self._begin(batch, text, notes)
        except Refused as refused:
            raise refused.as_error() from refused
        except NotInPlace as error:
            await self._tell_once(batch, error, notes)
            raise
        place = batch.place
        if target.channel != place.channel_id:
            place = replace(
                place, channel_id=target.channel, visibility=Visibility.OWNER
            )
        return replace(place, thread_id=target.thread)

    async def update(self, batch: Batch, text: str) -> None:
        """Edit the message; the last edit waits for Slack's patience, others are left out."""
        message = batch.notes.get("begin") or {}
        if "ts" not in message:
            return
        tries = _LAST_TRIES if batch.state.is_final else 1
        for _ in range(tries):
            if wait := await self._edit(batch, text, message):
                if tries > 1:
                    await self._sleep(wait)
            else:
                return

    async def _edit(
        self, batch: Batch, text: str, message: Mapping[str, Any]
    ) -> float | None:
        """Edit it; give the seconds to wait before this can be tried again."""
        now = self._clock.now()
        if now < self._quiet_until:
            return (self._quiet_until - now).total_seconds()
        try:
            await self._web.call(
                "chat.update",
                channel=message["channel"],
                ts=message["ts"],
                **_shown(batch, text),
            )
        except PlatformBusy as busy:
            if busy.retry_after is None:
                return 1.0
            self._quiet_until = now + busy.retry_after
            return busy.retry_after.total_seconds()
        except (PlatformError, Refused) as error:
            log.info("A batch's message could not be edited: %s", error)
        return None

    async def _begin(self, batch: Batch, text: str, notes: PostNotes) -> _Target:
        noted = notes.current
        if "ts" in noted:
            return _Target(channel=noted["channel"], thread=noted["thread"])
        channel = str(noted.get("channel") or batch.place.channel_id)
        if noted.get("is_sending") and (ts := await self._find(batch, channel)):
            return await self._note(batch, channel, ts, notes)
        try:
            ts = await self._post(batch, channel, text, notes)
        except NotInPlace:
            if not channel.startswith("D"):
                raise
            # Two people's own conversation: no bot can be invited there.
            opened = await self._web.call(
                "conversations.open", users=batch.person.user_id
            )
            channel = str(opened["channel"]["id"])
            ts = await self._post(batch, channel, text, notes)
        return await self._note(batch, channel, ts, notes)

    async def _note(
        self, batch: Batch, channel: str, ts: str, notes: PostNotes
    ) -> _Target:
        target = _Target(channel=channel, thread=_thread(batch, channel) or ts)
        await notes.write({"channel": channel, "ts": ts, "thread": target.thread})
        return target

    async def _post(
        self, batch: Batch, channel: str, text: str, notes: PostNotes
    ) -> str:
        told = {"is_told": True} if notes.current.get("is_told") else {}
        await notes.write({**told, "channel": channel, "is_sending": True})
        arguments = {
            "channel": channel,
            "thread_ts": _thread(batch, channel),
            "unfurl_links": False,
            **_shown(batch, text),
        }
        try:
            answer = await self._in_place("chat.postMessage", arguments)
        except (Refused, PlatformBusy, NotInPlace):
            await notes.write(told)  # a clear no: nothing is there to be looked for
            raise
        return str(answer["ts"])

    async def _find(self, batch: Batch, channel: str) -> str | None:
        """Give the timestamp of the bot's message about the batch, if it is there."""
        thread = _thread(batch, channel)
        method = "conversations.replies" if thread else "conversations.history"
        cursor: str | None = None
        for _ in range(_PAGES):
            page = await self._web.call(
                method,
                channel=channel,
                ts=thread,
                oldest=str(batch.created_at.timestamp()),
                limit=_PAGE,
                cursor=cursor,
            )
            for said in page.get("messages") or ():
                blocks = said.get("blocks") or ()
                if any(block.get("block_id") == _mark(batch) for block in blocks):
                    return str(said["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                break
        return None

    # --- the table --------------------------------------------------------------------

    async def end(self, batch: Batch, text: str, table: Path, notes: PostNotes) -> None:
        """Post summary and table into the thread, exactly once over any number of calls.

        Raises: PlatformBusy, PlatformDown, NotInPlace, PlatformRefused, StorageError.
        """
        begun = batch.notes.get("begin") or {}
        channel = str(begun.get("channel") or batch.place.channel_id)
        target = _Target(
            channel=channel, thread=begun.get("thread") or _thread(batch, channel)
        )
        try:
            await self._share_once(batch, target, text, table, notes)
        except Refused as refused:
            raise refused.as_error() from refused

    async def _share_once(
        self, batch: Batch, target: _Target, text: str, table: Path, notes: PostNotes
    ) -> None:
        file_id: str = notes.current.get("file", "")
        may_be_there = file_id and notes.current.get("is_completing")
        if may_be_there and await self._shares.was_shared(file_id, target.channel):
            return
        try:
            file_id = file_id or await self._upload(batch, table)
            await self._complete(target, file_id, text, notes)
        except Refused as refused:
            if refused.code not in FILE_GONE:
                raise
            file_id = await self._upload(batch, table)
            await self._complete(target, file_id, text, notes)

    async def _upload(self, batch: Batch, table: Path) -> str:
        length = (await asyncio.to_thread(table.stat)).st_size
        opened = await self._web.call(
            "files.getUploadURLExternal",
            filename=f"batch-{batch.id[:8]}.csv",
            length=length,
        )
        url = opened["upload_url"]
        await self._web.upload(url, table, length=length, kind=_CSV)
        return str(opened["file_id"])

    async def _complete(
        self, target: _Target, file_id: str, text: str, notes: PostNotes
    ) -> None:
        arguments = {
            "files": [{"id": file_id, "title": "Results"}],
            "channel_id": target.channel,
            "thread_ts": target.thread,
            "initial_comment": escape(text),
        }
        await notes.write({"file": file_id, "is_completing": True})
        try:
            await self._in_place("files.completeUploadExternal", arguments)
        except (Refused, PlatformBusy, NotInPlace):
            await notes.write({"file": file_id, "is_completing": False})
            raise
        except PlatformDown:
            if not await self._shares.was_shared(file_id, target.channel):
                raise

    # --- both -------------------------------------------------------------------------

    async def _in_place(
        self, method: str, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Call what posts; a public channel is joined for it."""
        try:
            return await self._web.call(method, is_sent_once=True, **arguments)
        except Refused as refused:
            if refused.code not in NOT_IN_PLACE:
                raise
        channel = arguments.get("channel") or arguments["channel_id"]
        try:
            await self._web.call("conversations.join", channel=channel)
            return await self._web.call(method, is_sent_once=True, **arguments)
        except Refused as refused:
            if refused.code in {"is_archived", "missing_scope"}:
                raise
            raise self._not_in_place() from refused

    async def _tell_once(
        self, batch: Batch, error: NotInPlace, notes: PostNotes
    ) -> None:
        if notes.current.get("is_told"):
            return
        await notes.write({**notes.current, "is_told": True})
        message = {"text": escape(error.text)}
        await self._notes.answer(
            batch.return_address, batch.place, batch.person.user_id, message
        )

    def _not_in_place(self) -> NotInPlace:
        return NotInPlace(
            "The batch waits: I am not in this channel. Type "
            f"/invite @{self._web.bot_name} there and it begins within a minute."
        )


def _thread(batch: Batch, channel: str) -> str | None:
    """Give the thread that the batch was asked for in."""
    return batch.place.thread_id if channel == batch.place.channel_id else None


def _mark(batch: Batch) -> str:
    return f"batch:{batch.id}"


def _shown(batch: Batch, text: str) -> dict[str, Any]:
    blocks: list[Block] = [
        section(escape_within(text, MAX_TEXT)) | {"block_id": _mark(batch)}
    ]
    if buttons := batch_buttons(batch.id, batch.state):
        blocks.append(batch_actions(buttons))
    return {"text": escape(text.partition("\n")[0]), "blocks": blocks}
