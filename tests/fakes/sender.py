"""A chat platform that remembers, for tests of the pipeline alone."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.chat.progress import Progress, Stage
from bot.domain.batch import Batch
from bot.domain.job import Job, JobId
from bot.domain.people import Place
from bot.domain.record import PostedMessage
from bot.domain.review import Review
from bot.errors import BotError
from bot.ports.chat import Picture, PostNotes


def _read(path: Path) -> str:
    return path.read_text()


class FakeBatchSender:
    """Shows batches in lists; scripted by `faults`."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.updates: list[str] = []
        self.ended: list[tuple[str, str]] = []  # summary and table
        self.faults: deque[BotError] = deque()

    async def begin(self, batch: Batch, text: str, notes: PostNotes) -> Place:
        if self.faults:
            raise self.faults.popleft()
        if not notes.current:
            self.begun.append(text)
            await notes.write({"message": "1"})
        return replace(batch.place, thread_id="1")

    async def update(self, batch: Batch, text: str) -> None:
        self.updates.append(text)

    async def end(self, batch: Batch, text: str, table: Path, notes: PostNotes) -> None:
        if self.faults:
            raise self.faults.popleft()
        if not notes.current:
            self.ended.append((text, _read(table)))
            await notes.write({"message": "2"})


class FakeReviewSender:
    """Shows moderators pictures in a list; scripted by `faults`."""

    def __init__(self) -> None:
        self.posts: list[tuple[JobId, list[bytes]]] = []
        self.settled: list[Review] = []
        self.faults: deque[BotError] = deque()

    async def post(
        self, review: Review, pictures: Sequence[Picture], notes: PostNotes
    ) -> None:
        if self.faults:
            raise self.faults.popleft()
        if notes.current:
            return
        shown = [p.file.read_bytes() for p in pictures if p.file]
        self.posts.append((review.job.id, shown))
        await notes.write({"message": len(self.posts)})

    async def settle(self, review: Review, notes: Mapping[str, Any]) -> None:
        assert notes
        if self.faults:
            raise self.faults.popleft()
        self.settled.append(review)


class FakeSender:
    """Posts into a list; scripted by `faults`."""

    def __init__(self) -> None:
        self.posts: list[tuple[JobId, list[bytes]]] = []
        self.shown: list[tuple[JobId, Progress]] = []
        self.faults: deque[BotError] = deque()
        self.taken_back: list[tuple[str, dict[str, Any]]] = []
        self.take_back_faults: deque[Exception] = deque()
        self.gate = asyncio.Event()  # faults wait for it
        self.gate.set()

    async def show(self, job: Job, progress: Progress) -> None:
        self.shown.append((job.id, progress))

    async def post(
        self, job: Job, pictures: Sequence[Picture], notes: PostNotes
    ) -> Sequence[PostedMessage]:
        if self.faults:
            await self.gate.wait()
            raise self.faults.popleft()
        await notes.write({"state": "sending"})
        self.posts.append((job.id, [p.file.read_bytes() for p in pictures if p.file]))
        message_id = str(len(self.posts))
        return [
            PostedMessage(
                channel_id=job.place.channel_id,
                message_id=message_id,
                record_ids=tuple(p.record.id for p in pictures),
            )
        ]

    async def take_back(self, message: PostedMessage, notes: Mapping[str, Any]) -> None:
        if self.take_back_faults:
            raise self.take_back_faults.popleft()
        self.taken_back.append((message.message_id, dict(notes)))

    def ends(self) -> list[tuple[JobId, Stage, str]]:
        return [(j, p.stage, p.text) for j, p in self.shown if p.stage.is_final]
