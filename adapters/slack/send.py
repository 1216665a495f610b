"""Pictures into Slack: upload from disk, share all of a job in one message, exactly once.

The one step that cannot be repeated is `files.completeUploadExternal`. Before it the file
ids are written down; when its answer is lost, `files.info` tells whether it took place.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from adapters.slack import picture as shown_as
from adapters.slack.blocks import Block
from adapters.slack.notes import PrivateNotes
from adapters.slack.refusals import FILE_GONE, GONE, NOT_IN_PLACE, Refused
from adapters.slack.shares import Shared, Shares, read_ts
from adapters.slack.web import SlackWeb
from bot.chat.progress import Progress
from bot.domain.job import Job
from bot.domain.people import Visibility
from bot.domain.record import PostedMessage
from bot.errors import NotInPlace, PlatformBusy, PlatformDown, StorageError
from bot.ports.chat import Picture, PostNotes

log = logging.getLogger(__name__)


class Compose(Protocol):
    """Gives the blocks beside the files of a message."""

    def __call__(
        self, job: Job, pictures: Sequence[Picture], *, is_direct: bool
    ) -> list[Block]:
        """Give them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """Where a job's pictures go."""

    channel: str
    thread_ts: str | None
    is_direct: bool


class SlackSender:
    """Slack, outward: the implementation of `bot.ports.chat.ChatSender`."""

    def __init__(
        self,
        *,
        web: SlackWeb,
        notes: PrivateNotes,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        compose: Compose | None = None,
    ) -> None:
        self._web = web
        self._notes = notes
        self._compose = compose
        self._shares = Shares(web=web, sleep=sleep)

    async def show(self, job: Job, progress: Progress) -> None:
        """Update the private note of the person who asked; never raises."""
        await self._notes.show(job, progress)

    async def post(
        self, job: Job, pictures: Sequence[Picture], notes: PostNotes
    ) -> Sequence[PostedMessage]:
        """Post the pictures in one message, exactly once over any number of calls.

        Raises: PlatformBusy, PlatformDown, NotInPlace, PlatformRefused, StorageError.
        """
        if all(picture.file is None for picture in pictures):
            return []
        if self._compose is None and _has_unsafe(pictures):
            # Slack has no spoilers: nobody sees it but who asked for it.
            job = replace(job, request=replace(job.request, is_private=True))
        try:
            target, ts = await self._post(job, pictures, notes)
        except Refused as refused:
            raise refused.as_error() from refused
        if ts is None:
            log.warning(
                "The pictures are posted, but Slack did not tell in which message",
                extra={"job": job.id, "action": "post"},
            )
            return []
        record_ids = tuple(p.record.id for p in pictures if p.file is not None)
        message = PostedMessage(
            channel_id=target.channel, message_id=ts, record_ids=record_ids
        )
        return [message]

    async def take_back(self, message: PostedMessage, notes: Mapping[str, Any]) -> None:
        """Delete the message, then its files, which outlast it in the workspace.

        Either may be gone already. Raises: PlatformBusy, PlatformDown, PlatformRefused.
        """
        channel, ts = message.channel_id, message.message_id
        await self._delete("chat.delete", channel=channel, ts=ts)
        for file_id in _read_file_ids(notes):
            await self._delete("files.delete", file=file_id)

    async def _delete(self, method: str, **what: Any) -> None:
        try:
            await self._web.call(method, **what)
        except Refused as refused:
            if refused.code not in GONE:
                raise refused.as_error() from refused

    async def _post(
        self, job: Job, pictures: Sequence[Picture], notes: PostNotes
    ) -> tuple[_Target, str | None]:
        target = await self._find_target(job, notes.current.get("channel"))
        try:
            return target, await self._share_once(job, target, pictures, notes)
        except NotInPlace:
            if not target.channel.startswith("D"):
                raise
        # Two people's own conversation: no bot can be invited there.
        target = await self._open_direct(job)
        return target, await self._share_once(job, target, pictures, notes)

    async def _find_target(self, job: Job, noted: str | None) -> _Target:
        """Give the place asked for, or the one an earlier try had come to."""
        place = job.place
        if noted is not None and noted != place.channel_id:
            return _Target(channel=noted, thread_ts=None, is_direct=True)
        is_below = job.resizes and place.thread_id  # in the thread of the picture
        if job.request.is_private and not is_below:
            return await self._open_direct(job)
        return _Target(
            channel=place.channel_id,
            thread_ts=place.thread_id,
            is_direct=place.visibility is Visibility.OWNER,
        )

    async def _open_direct(self, job: Job) -> _Target:
        opened = await self._web.call("conversations.open", users=job.person.user_id)
        channel = str(opened["channel"]["id"])
        return _Target(channel=channel, thread_ts=None, is_direct=True)

    async def _share_once(
        self, job: Job, target: _Target, pictures: Sequence[Picture], notes: PostNotes
    ) -> str | None:
        """Give the message's timestamp, if Slack tells it."""
        file_ids = _read_file_ids(notes.current)
        if file_ids and notes.current.get("is_completing"):
            shared = await self._shares.was_shared(file_ids[0], target.channel)
            if shared is not None:
                return shared.ts
        if file_ids:
            try:
                return await self._complete(job, target, pictures, file_ids, notes)
            except Refused as refused:
                if refused.code not in FILE_GONE:
                    raise
        file_ids = [await self._upload(p) for p in pictures if p.file is not None]
        return await self._complete(job, target, pictures, file_ids, notes)

    async def _upload(self, picture: Picture) -> str:
        """Give the id of a new file whose bytes Slack has, shared nowhere yet."""
        file = picture.file
        if file is None:
            raise ValueError("a picture without a file cannot be uploaded")
        try:
            length = (await asyncio.to_thread(file.stat)).st_size
        except OSError as error:
            raise StorageError("The kept picture cannot be read.") from error
        opened = await self._web.call(
            "files.getUploadURLExternal",
            filename=shown_as.file_name(picture),
            length=length,
            alt_txt=shown_as.alt_text(picture.record),
        )
        await self._web.upload(
            opened["upload_url"], file, length=length, kind=picture.content_type
        )
        return str(opened["file_id"])

    async def _complete(
        self,
        job: Job,
        target: _Target,
        pictures: Sequence[Picture],
        file_ids: Sequence[str],
        notes: PostNotes,
    ) -> str | None:
        compose = self._compose or shown_as.message_blocks
        shown = [picture for picture in pictures if picture.file is not None]
        arguments: dict[str, Any] = {
            "files": [
                {"id": file_id, "title": shown_as.title(picture)}
                for file_id, picture in zip(file_ids, shown, strict=True)
            ],
            "channel_id": target.channel,
            "thread_ts": target.thread_ts,
            "blocks": compose(job, pictures, is_direct=target.is_direct),
        }
        noted = {
            "files": list(file_ids),
            "records": [picture.record.id for picture in shown],
            "channel": target.channel,
        }
        await notes.write({**noted, "is_completing": True})
        try:
            return await self._share(target, arguments)
        except (Refused, PlatformBusy, NotInPlace):
            # A clear no: nothing was shared, and the next try need not look for it.
            await notes.write({**noted, "is_completing": False})
            raise

    async def _share(self, target: _Target, arguments: Mapping[str, Any]) -> str | None:
        try:
            return await self._share_in_place(target, arguments)
        except Refused as refused:
            if refused.code not in NOT_IN_PLACE:
                raise
        await self._join(target.channel)
        try:
            return await self._share_in_place(target, arguments)
        except Refused as refused:
            if refused.code in NOT_IN_PLACE:
                raise self._not_in_place() from refused
            raise

    async def _share_in_place(
        self, target: _Target, arguments: Mapping[str, Any]
    ) -> str | None:
        file_id = arguments["files"][0]["id"]
        try:
            answer = await self._web.call(
                "files.completeUploadExternal", is_sent_once=True, **arguments
            )
        except PlatformDown as down:
            shared = await self._look_after(down, file_id, target.channel)
            return shared.ts
        for file in answer.get("files") or ():
            if ts := read_ts(file, target.channel):
                return ts
        return await self._shares.find_ts(file_id, target.channel)

    async def _look_after(
        self, down: PlatformDown, file_id: str, channel: str
    ) -> Shared:
        """Give what a request did whose answer was lost. Raises: *down* when nothing."""
        try:
            shared = await self._shares.was_shared(file_id, channel)
        except (Refused, PlatformBusy):  # still unknown: the next try looks again
            shared = None
        if shared is None:
            raise down
        return shared

    async def _join(self, channel: str) -> None:
        """Join a public channel. Raises: NotInPlace for every other."""
        try:
            await self._web.call("conversations.join", channel=channel)
        except Refused as refused:
            if refused.code in {"is_archived", "missing_scope"}:
                raise
            raise self._not_in_place() from refused

    def _not_in_place(self) -> NotInPlace:
        return NotInPlace(
            "The picture is drawn and kept, but I am not in this channel. Type "
            f"/invite @{self._web.bot_name} there and it is posted at once; nothing is "
            "charged again."
        )


def _has_unsafe(pictures: Sequence[Picture]) -> bool:
    return any(one.file is not None and not one.record.is_safe for one in pictures)


def _read_file_ids(notes: Mapping[str, Any]) -> list[str]:
    return [str(file_id) for file_id in notes.get("files", ())]
