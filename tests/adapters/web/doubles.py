"""A core, records and files for tests of the page alone: small, and they remember."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from adapters.web.app import create_app
from adapters.web.channel import Channel
from adapters.web.entries import PLACE, person_of
from adapters.web.health import Health
from adapters.web.page import ChatPage
from adapters.web.send import WebSender
from bot.chat.catalogue import Catalogue, Choice, Option
from bot.chat.commands import Command, Generate
from bot.chat.replies import Accepted, Nothing, Reply
from bot.domain.copy import Copy
from bot.domain.job import Job, JobId
from bot.domain.people import Platform, Visibility
from bot.domain.record import PostedMessage, Record, RecordId, Search
from bot.errors import NotFound
from bot.ids import job_id, record_id
from bot.ports.chat import Picture
from tests.fakes.values import NOON, make_job, make_record

OPTIONS = (
    Option(
        flag="ar",
        name="aspect",
        aliases=("aspect",),
        help="Aspect ratio",
        choices=tuple(Choice(label=r, value=r) for r in ("1:1", "16:9", "9:16")),
    ),
    Option(flag="seed", name="seed", help="The same seed draws the same picture"),
)


class Ticking:
    """A clock that is a second later each time it is asked."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


class RealTime:
    """The time as it is, for pages that a person looks at."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MemoryRecords:
    """The part of Records that the page reads."""

    def __init__(self) -> None:
        self.rows: dict[RecordId, Record] = {}
        self.posted: dict[str, PostedMessage] = {}

    def add(self, *records: Record, posted: Sequence[PostedMessage] = ()) -> None:
        self.rows |= {record.id: record for record in records}
        self.posted |= {message.message_id: message for message in posted}

    async def get(self, record: RecordId) -> Record | None:
        return self.rows.get(record)

    async def messages_of(self, record: RecordId) -> list[PostedMessage]:
        return [m for m in self.posted.values() if record in m.record_ids]

    async def of_message(
        self, platform: Platform, workspace_id: str, channel_id: str, message_id: str
    ) -> list[Record]:
        assert (platform, workspace_id, channel_id) == (
            PLACE.platform,
            PLACE.workspace_id,
            PLACE.channel_id,
        )
        message = self.posted.get(message_id)
        ids = message.record_ids if message else ()
        return [self.rows[each] for each in ids if each in self.rows]

    async def search(self, search: Search) -> list[Record]:
        assert search.seen_by, "the page must not see what its person may not"
        newest = sorted(self.rows.values(), key=lambda r: r.created_at, reverse=True)
        seen = [r for r in newest if r.is_visible_to(*search.seen_by)]
        ids = [r.id for r in seen]
        if search.cursor and search.cursor not in ids:
            raise NotFound(f"There is no record {search.cursor} to go on from.")
        start = ids.index(search.cursor) + 1 if search.cursor else 0
        return seen[start : start + search.limit]

    async def change(self, record: RecordId, **changes: Any) -> Record | None:
        asked = {name: value for name, value in changes.items() if value is not None}
        self.rows[record] = replace(self.rows[record], **asked)
        return self.rows[record]


class MemoryCopies:
    """The sized copies that a test names."""

    def __init__(self) -> None:
        self.kept: list[Copy] = []

    async def of_records(self, records: Sequence[RecordId]) -> list[Copy]:
        return [copy for copy in self.kept if copy.record_id in records]


@dataclass
class FolderFiles:
    """Pictures in a folder."""

    folder: Path

    @asynccontextmanager
    async def on_disk(self, path: str):
        yield self.folder / path

    def draw(self, name: str, *, size: tuple[int, int] = (64, 64)) -> str:
        """Put a picture there; give its stored path."""
        colour = tuple(hashlib.sha256(name.encode()).digest()[:3])
        Image.new("RGB", size, colour).save(self.folder / f"{name}.png")
        return f"{name}.png"


@dataclass
class Core:
    """Answers from a script: a reply, or a function of the command, for each type.

    Without a script a Generate is taken on as a job and all else says nothing.
    """

    script: dict[type, Reply | Callable[[Any], Reply]] = field(default_factory=dict)
    commands: list[Command] = field(default_factory=list)
    jobs: dict[JobId, Job] = field(default_factory=dict)
    gate: asyncio.Event = field(default_factory=asyncio.Event)  # closed when cleared

    def __post_init__(self) -> None:
        self.gate.set()

    async def handle(self, command: Command) -> Reply:
        self.commands.append(command)
        await self.gate.wait()
        answer = self.script.get(type(command))
        if callable(answer):
            return answer(command)
        if answer is not None:
            return answer
        return self.take(command) if isinstance(command, Generate) else Nothing()

    def take(self, command: Any, **changes: Any) -> Accepted:
        """Write a job down for *command*."""
        job = self.job_of(command, **changes)
        is_new = job.id not in self.jobs
        self.jobs.setdefault(job.id, job)
        return Accepted(job_id=job.id, text="Queued: one picture.", is_new=is_new)

    def job_of(self, command: Any, **changes: Any) -> Job:
        origin = command.origin
        ordinary = {
            "id": job_id(Platform.WEB, origin.event_id),
            "person": origin.person,
            "place": origin.place,
            "return_address": origin.return_address,
        }
        return make_job(**(ordinary | changes))

    async def find_job(self, job: JobId) -> Job | None:
        return self.jobs.get(job)


class NoNotes:
    """Notes of a first try."""

    current: Mapping[str, Any] = {}

    async def write(self, notes: Mapping[str, Any]) -> None:
        raise AssertionError("the page needs no notes to post once")


@dataclass
class Site:
    """The whole page over doubles; `post` does what a job does when it is drawn."""

    folder: Path
    epoch: str = "run1"
    health: Health = field(default_factory=lambda: Health(is_worker_running=True))
    core: Core = field(default_factory=Core)
    records: MemoryRecords = field(default_factory=MemoryRecords)
    copies: MemoryCopies = field(default_factory=MemoryCopies)
    catalogue: Catalogue = field(default_factory=lambda: Catalogue(options=OPTIONS))
    clock: Ticking | RealTime = field(default_factory=Ticking)

    def __post_init__(self) -> None:
        self.files = FolderFiles(self.folder)
        self.channel = Channel(epoch=self.epoch)
        self.sender = WebSender(channel=self.channel)
        self.page = ChatPage(
            dispatch=self.core,
            channel=self.channel,
            records=self.records,
            files=self.files,
            copies=self.copies,
            find_job=self.core.find_job,
            catalogue=self.catalogue,
            clock=self.clock,
        )
        self.app = create_app(chat=self.page, health=lambda: self.health)

    def again(self, epoch: str) -> "Site":
        """Give the site of the next run of the program: records and jobs are kept."""
        return replace(self, epoch=epoch)

    def record(self, job: Job, index: int = 0, **changes: Any) -> Record:
        """Keep a picture of *job*."""
        is_private = job.request.is_private
        visibility = Visibility.OWNER if is_private else Visibility.WORKSPACE
        ordinary = {
            "id": record_id(job.id, index),
            "job_id": job.id,
            "prompt": job.request.prompt,
            "expanded_prompt": None,
            "person": job.person,
            "place": replace(job.place, visibility=visibility),
            "created_at": self.clock.now(),
            "tags": job.request.tags,
        }
        if "stored_path" not in changes:
            ordinary["stored_path"] = self.files.draw(f"{job.id}-{index}")
        record = make_record(**(ordinary | changes))
        self.records.add(record)
        return record

    async def post(self, job: Job, *records: Record) -> str:
        """Post and write down; give the message's id."""
        kept = records or (self.record(job),)
        pictures = [self.picture(record) for record in kept]
        posted = await self.sender.post(job, pictures, NoNotes())
        self.records.add(posted=posted)
        return posted[0].message_id

    def picture(self, record: Record) -> Picture:
        path = record.stored_path
        file = self.files.folder / path if path else None
        return Picture(record=record, file=file, content_type="image/png")

    def job(self, user_id: str, typed: str = "/imagine a fox", **changes: Any) -> Job:
        """Give a job of a person, written down."""
        ordinary = {
            "id": job_id(Platform.WEB, f"{user_id}:{len(self.core.jobs)}"),
            "person": person_of(user_id),
            "place": PLACE,
            "return_address": {"typed": typed} if typed else {},
        }
        job = make_job(**(ordinary | changes))
        self.core.jobs[job.id] = job
        return job

    @asynccontextmanager
    async def visitor(self):
        """Give a browser's worth of client: it keeps its cookie."""
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8080"
        ) as client:
            yield client


async def state(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/api/state")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def entries(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    return (await state(client))["entries"]


async def send(client: httpx.AsyncClient, **body: Any) -> Any:
    """Send as the page does; give the form, if one is to be opened."""
    answer = await client.post("/api/send", json={"event": "e1", **body})
    assert answer.status_code == 200, answer.text
    return answer.json()["form"]
