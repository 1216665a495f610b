"""The channel on the page, outward: progress notes and posts.

A message's id is derived from its job, so posting again after a crash is posting the
same message: the channel and the pages that show it replace it by its id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.web.channel import Channel
from adapters.web.entries import (
    Ask,
    JobNote,
    Note,
    ask_id,
    ask_of,
    note_id,
    post_of,
)
from adapters.web.view import ratio_of
from bot.chat.progress import Progress
from bot.domain.job import Job
from bot.domain.record import PostedMessage
from bot.ports.chat import Picture, PostNotes


class WebSender:
    """ChatSender of the page."""

    def __init__(self, *, channel: Channel) -> None:
        self._channel = channel

    async def show(self, job: Job, progress: Progress) -> None:
        """Update the private note about *job*; a batch tells of its lines itself."""
        if job.batch_id is not None:
            return
        self._show_ask(job)
        self._channel.put(
            Note(
                id=note_id(job.id),
                at=self._asked_at(job),
                audience=job.person.user_id,
                content=JobNote(
                    job_id=job.id,
                    stage=progress.stage,
                    text=progress.text,
                    ratio=ratio_of(job.request),
                    count=job.request.count,
                ),
            )
        )

    async def post(
        self, job: Job, pictures: Sequence[Picture], notes: PostNotes
    ) -> Sequence[PostedMessage]:
        """Show the pictures in one message; once they are public, so is what was typed."""
        del notes  # the message's id is enough to post once
        post = post_of([picture.record for picture in pictures], job)
        copies = tuple(picture.copy for picture in pictures if picture.copy)
        if copies:  # below the pictures that they are made of
            post = replace(post, copies=copies, at=copies[-1].created_at)
        self._show_ask(job)
        ask = self._channel.find(ask_id(job.id))
        if isinstance(ask, Ask) and post.audience is None:
            self._channel.put(replace(ask, audience=None))
        self._channel.put(post)
        return [
            PostedMessage(
                channel_id=job.place.channel_id,
                message_id=post.id,
                record_ids=tuple(picture.record.id for picture in pictures),
            )
        ]

    async def take_back(self, message: PostedMessage, notes: Mapping[str, Any]) -> None:
        """Take the message off the page; every page may hear of an id."""
        del notes
        self._channel.remove(message.message_id, audience=None)

    def _show_ask(self, job: Job) -> None:
        # What was typed for copies of new pictures stands above the pictures already.
        ask = None if job.resizes else ask_of(job, audience=job.person.user_id)
        if ask:
            self._channel.put_if_absent(ask)

    def _asked_at(self, job: Job) -> datetime:
        note = self._channel.find(note_id(job.id))
        return note.at if note else job.created_at
