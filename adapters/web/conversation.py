"""What was sent, said to the core, and its answer, shown in the channel."""

from dataclasses import replace
from datetime import datetime

from adapters.web.channel import Channel
from adapters.web.entries import (
    Ask,
    BatchOfferNote,
    JobNote,
    Note,
    NoteContent,
    OfferNote,
    PlainNote,
    Post,
    Tone,
    ask_id,
    message_id,
    note_id,
)
from adapters.web.history import PostedEarlier
from adapters.web.parse import Sent, Talk
from adapters.web.render import render
from adapters.web.view import Json
from bot.chat.commands import Change, DecideBatch, Find
from bot.domain.job import BatchId
from bot.domain.people import Person, Visibility
from bot.domain.record import Record
from bot.ports.base import Clock, Dispatch
from bot.ports.records import Records


class Conversation:
    """Between the page and the core."""

    def __init__(
        self,
        *,
        dispatch: Dispatch,
        channel: Channel,
        records: Records,
        earlier: PostedEarlier,
        clock: Clock,
    ) -> None:
        self._dispatch = dispatch
        self._channel = channel
        self._records = records
        self._earlier = earlier
        self._clock = clock

    async def take(self, sent: Sent | Talk, person: Person) -> Json | None:
        """Carry out what *person* sent; give the form to open, if that is the answer."""
        sent_at = self._clock.now()
        match sent:
            case Talk():
                hint = PlainNote(tone=Tone.NOTICE, text=sent.hint)
                self._show(sent, hint, person, sent_at)
                return None
            case Sent(command=Change() as change):
                before = await self._records.get(change.target)
                form = await self._ask(sent, person, sent_at)
                if before:
                    await self._refresh(before)
                return form
            case Sent():
                return await self._ask(sent, person, sent_at)

    async def _ask(self, sent: Sent, person: Person, sent_at: datetime) -> Json | None:
        reply = await self._dispatch.handle(sent.command)
        words = sent.command.text if isinstance(sent.command, Find) else None
        answer = render(reply, words=words)
        if answer.note:
            self._show(sent, answer.note, person, sent_at)
        return answer.form

    def _show(
        self, sent: Sent | Talk, content: NoteContent, person: Person, sent_at: datetime
    ) -> None:
        """Show message and answer, once: the job itself may have been quicker."""
        user_id = person.user_id
        origin = f"{user_id}-{sent.event}"
        if isinstance(content, JobNote):
            origin = content.job_id
        if isinstance(content, OfferNote):
            origin = content.offer.job_id
        if isinstance(content, BatchOfferNote):
            origin = content.offer.batch_id
        if (batch := self._decided(sent, content)) is not None:
            origin = batch
        if sent.text:
            self._channel.put_if_absent(
                Ask(
                    id=ask_id(origin),
                    at=sent_at,
                    audience=user_id,
                    user_id=user_id,
                    text=sent.text,
                    reply_to=sent.reply_to,
                )
            )
        note = Note(id=note_id(origin), at=sent_at, audience=user_id, content=content)
        before = self._channel.find(note.id)
        if isinstance(before, Note) and isinstance(
            before.content, OfferNote | BatchOfferNote
        ):
            self._channel.put(replace(note, at=before.at))  # it is answered
        else:
            self._channel.put_if_absent(note)

    def _decided(self, sent: Sent | Talk, content: NoteContent) -> BatchId | None:
        """Give the batch whose offer *content* takes the place of."""
        if not isinstance(sent, Sent) or not isinstance(sent.command, DecideBatch):
            return None
        batch = sent.command.batch_id
        before = self._channel.find(note_id(batch))
        is_offered = isinstance(before, Note) and isinstance(
            before.content, BatchOfferNote
        )
        is_done = isinstance(content, PlainNote) and content.tone is Tone.NOTICE
        return batch if is_offered and is_done else None

    async def _refresh(self, before: Record) -> None:
        """Show a post again after one of its pictures was changed or deleted."""
        entries = await self._earlier.message(before.job_id)
        posts = [entry for entry in entries if isinstance(entry, Post)]
        if posts:
            self._channel.put(posts[0])
            return
        is_private = before.place.visibility is Visibility.OWNER
        self._channel.remove(
            message_id(before.job_id),
            audience=before.person.user_id if is_private else None,
        )
