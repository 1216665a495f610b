"""A real discord.py bot on the loopback Discord, with a scripted core."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from adapters.discord.app import DiscordApp
from adapters.discord.batches import DiscordBatches
from adapters.discord.send import DiscordSender
from bot.chat.catalogue import Catalogue, Choice, Option, ValueKind
from bot.chat.replies import Accepted
from bot.domain.batch import Batch, BatchState
from bot.domain.job import Job
from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.record import Record
from bot.domain.request import ImageRequest, MagicPrompt
from bot.ids import job_id, record_id
from bot.ports.chat import Picture
from tests.fakes.discord.double import discord_double

BATCH = "k3v9w2m1q8zt4c7d"
BATCH_TEXT = "Batch spring: 0 of 3\n░░░░ 0 %\n0 done, 3 left; 0 pictures, $0.00."
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Scripted:
    """A core that remembers the commands and answers what the test put in `replies`."""

    def __init__(self):
        self.commands = []
        self.replies = {}
        self.before_reply = None  # awaited while a command is being handled

    async def handle(self, command):
        self.commands.append(command)
        if self.before_reply is not None:
            await self.before_reply(command)
        reply = self.replies.get(type(command))
        if reply is None:
            job = job_id(Platform.DISCORD, command.origin.event_id)
            return Accepted(job_id=job, text="Drawing now: the picture with v2.")
        return reply


class SetClock:
    """The real time, put forward as far as the test says."""

    def __init__(self):
        self.ahead = timedelta()

    def now(self):
        return datetime.now(UTC) + self.ahead


class Notes:
    """A post step's notes, in memory."""

    def __init__(self, current=None):
        self.current = current or {}
        self.written = []

    async def write(self, notes):
        self.current = notes
        self.written.append(notes)


def _choices(*values):
    return tuple(Choice(label=value, value=value) for value in values)


def make_catalogue():
    """Give options of every kind."""
    sizes = [f"{width}x1024" for width in range(512, 1024, 16)]
    return Catalogue(
        options=(
            Option(
                flag="ar", name="aspect", help="Shape", choices=_choices("1:1", "16:9")
            ),
            Option(
                flag="res", name="resolution", help="Size", choices=_choices(*sizes)
            ),
            Option(
                flag="seed",
                name="seed",
                help="Same seed, same picture",
                kind=ValueKind.NUMBER,
                minimum=0,
                maximum=2_147_483_647,
            ),
            Option(flag="no", name="negative", help="What to avoid", is_closed=False),
            Option(
                flag="palette",
                name="palette",
                help="Colours",
                choices=_choices("ember", "jungle"),
                is_closed=False,
            ),
            Option(flag="tags", name="tags", help="Tags", is_closed=False),
            Option(
                flag="private",
                name="private",
                help="Only you see it",
                kind=ValueKind.SWITCH,
            ),
        )
    )


@pytest.fixture
def core():
    return Scripted()


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
async def discord():
    async with discord_double() as double:
        yield double


@pytest.fixture
async def start(discord, core, clock):
    """Give a function that starts a bot; `start(...)` again is another process."""
    async with AsyncExitStack() as stack:

        async def begin(**changes):
            sender = DiscordSender(clock=clock)
            settings = {
                "token": discord.token,
                "base_url": discord.url,
                "guild_ids": [discord.guild.id],
                "message_content": False,
                "dispatch": core,
                "sender": sender,
                "catalogue": make_catalogue(),
            } | changes
            app = await stack.enter_async_context(DiscordApp(**settings))
            app.sender = settings["sender"]
            return app

        yield begin


@pytest.fixture
async def app(start):
    """Give a bot on the gateway."""
    return await start()


@pytest.fixture
async def client(app):
    """Give its discord.py client."""
    return app.sender.line.client


@pytest.fixture
def make_job(discord, clock):
    """Give a factory of jobs asked for by Ada in the channel."""

    def make(asked=None, *, channel=None, event="1", request=None, **changes):
        where = channel or discord.channel
        workspace = str(where.guild.id) if where.guild else "local"
        person = Person(
            platform=Platform.DISCORD,
            workspace_id=workspace,
            user_id=str(discord.ada.id),
        )
        place = Place(
            platform=Platform.DISCORD,
            workspace_id=workspace,
            channel_id=str(where.id),
            visibility=Visibility.WORKSPACE,
        )
        given = {
            "id": job_id(Platform.DISCORD, str(asked.id) if asked else event),
            "request": ImageRequest(
                **{"prompt": "a fox", "model": "V_2", "seed": 42} | (request or {})
            ),
            "person": person,
            "place": place,
            "created_at": clock.now(),
            "return_address": address_of(asked, discord, clock) if asked else {},
        }
        return Job(**given | changes)

    return make


def address_of(asked, discord, clock):
    """Give the return address that the adapter makes of an interaction."""
    expires = datetime.fromtimestamp(asked.created, UTC) + timedelta(minutes=15)
    return {
        "token": asked.token,
        "application_id": str(discord.world.bot.id),
        "expires_at": expires.isoformat(),
        "size_limit": str(asked.size_limit),
    }


def make_record(job, index=0, **changes):
    """Give a record of *job*."""
    given = {
        "id": record_id(job.id, index),
        "prompt": job.request.prompt,
        "expanded_prompt": None,
        "negative_prompt": None,
        "model": job.request.model,
        "style_type": "AUTO",
        "aspect_ratio": "ASPECT_1_1",
        "seed": 42 + index,
        "resolution": "1024x1024",
        "is_safe": True,
        "original_url": None,
        "stored_path": "x.png",
        "created_at": NOON,
        "size_bytes": 3,
        "tags": (),
        "job_id": job.id,
        "parent_id": None,
        "sha256": None,
        "prompt_hash": "0",
        "magic_prompt": MagicPrompt.OFF,
        "color_palette": None,
        "rendering_speed": None,
        "attempts": 1,
        "cost_usd": Decimal("0.08"),
        "person": job.person,
        "place": job.place,
    }
    return Record(**given | changes)


@pytest.fixture
def make_pictures(tmp_path):
    """Give a factory of a job's pictures, with some bytes each on disk."""

    def make(job, *, count=1, unsafe=(), content=None):
        made = []
        for index in range(count):
            is_safe = index not in unsafe
            record = make_record(job, index, is_safe=is_safe)
            file = tmp_path / f"{record.id}.png"
            file.write_bytes(content or f"picture {index}".encode())
            made.append(
                Picture(
                    record=record,
                    file=file if is_safe else None,
                    content_type="image/png" if is_safe else "",
                )
            )
        return made

    return make


@pytest.fixture
def batches(app, clock):
    return DiscordBatches(line=app.sender.line, clock=clock)


@pytest.fixture
def make_batch(make_job):
    """Give a factory of running batches asked for by Ada."""

    def make(channel=None, **changes):
        job = make_job(channel=channel)
        given = {
            "id": BATCH,
            "name": "spring",
            "person": job.person,
            "place": job.place,
            "created_at": job.created_at,
            "lines": 3,
            "state": BatchState.RUNNING,
        }
        return Batch(**given | changes)

    return make


@pytest.fixture
async def begun(batches, make_batch):
    """Give a batch that is shown."""
    batch, notes = make_batch(), Notes()
    await batches.begin(batch, BATCH_TEXT, notes)
    return replace(batch, notes={"begin": notes.current})
