"""A bot process with the doubles it speaks to, every line between them tapped.

    async with world(folder) as here:
        await here.slack.slash("/imagine a fox")
        message = await here.slack.wait_for_message()
        [row] = here.rows()

At the end the log is searched for accidents and for everything that must stay secret.
"""

import asyncio
import hashlib
import io
import json
import random
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from bot.ideogram.simulator.faults import Received
from bot.ideogram.simulator.picture import Picture
from tests.fakes.discord.double import Discord, discord_double
from tests.fakes.ideogram import KEY, IdeogramDouble, ideogram_double
from tests.fakes.slack.delivery import SIGNING_SECRET
from tests.fakes.slack.double import SlackDouble, slack_double
from tests.fakes.waiting import until
from tests.system.process import BotProcess, Terminal
from tests.system.tap import Phase, Point, Tap, tap

PATIENCE_S = 30.0
Row = dict[str, Any]


@dataclass
class Served:
    """The bytes the Ideogram double has served, by their seed."""

    # Not shown: pytest represents its fixtures, which took seconds a test.
    pictures: list[tuple[Picture, bytes]] = field(default_factory=list, repr=False)
    side: int = 700

    def draw(self, picture: Picture) -> bytes:
        """Draw noise that depends on all that was asked: 1.5 MB of PNG.

        Half of it is more than the bot holds in memory before it writes to the disk.
        """
        noise = random.Random(repr(picture)).randbytes(self.side**2 * 3)
        out = io.BytesIO()
        image = Image.frombytes("RGB", (self.side, self.side), noise)
        image.save(out, "PNG", compress_level=0)
        self.pictures.append((picture, out.getvalue()))
        return out.getvalue()

    @property
    def all(self) -> list[bytes]:
        return [content for _, content in self.pictures]


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The taps, by whom they lead to."""

    ideogram: Tap
    slack: Tap
    discord: Tap


@dataclass(kw_only=True)
class World:
    """One bot and everything it can reach."""

    folder: Path
    slack: SlackDouble
    discord: Discord
    ideogram: IdeogramDouble
    served: Served
    lines: Lines
    bot: BotProcess
    terminal: Terminal

    # --- lives --------------------------------------------------------------------

    async def start(self) -> None:
        """Start the bot; it is connected everywhere when this returns."""
        await self.bot.start()
        self.slack.http.url = f"{self.bot.address}/slack/events"

    async def restart(self) -> None:
        """Kill it and start it again."""
        await self.bot.kill()
        await self.start()

    def kill_at(
        self, to: str, method: str, path: str, phase: Phase, *, nth: int = 1
    ) -> Point:
        """Let the bot be killed when a request to *to* comes so far."""
        line: Tap = getattr(self.lines, to)
        is_half_a_file = method == "GET" and phase is Phase.HALF_TOLD
        then = self._kill_over_half_a_file if is_half_a_file else self.bot.kill
        return line.stop_at(method, path, phase, then, nth=nth)

    async def _kill_over_half_a_file(self) -> None:
        await self.until(self._incoming)
        await self.bot.kill()

    def _incoming(self) -> list[str]:
        folder = self.folder / "images" / ".incoming"
        return [path.name for path in folder.glob("*.part")]

    async def reached(self, point: Point) -> None:
        """Wait until a point was reached."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await point.reached.wait()
        except TimeoutError:
            seen = [(s.method, s.path) for s in self.lines.slack.seen[-20:]]
            seen += [(s.method, s.path) for s in self.lines.discord.seen[-20:]]
            raise AssertionError(
                f"never came to {point}\n{seen}\n{self.bot.log}"
            ) from None

    async def idle(self) -> None:
        """Wait until no job is under way."""

        async def is_idle() -> bool:
            _, body = await self.bot.health()
            return bool(body) and body["jobs"] == {"queued": 0, "running": 0}

        await self.until(is_idle)

    async def until(self, is_true) -> None:
        """Wait until *is_true* gives something true."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await until(is_true)
        except TimeoutError:
            raise AssertionError(f"never became true\n{self.bot.log}") from None

    # --- what is there ------------------------------------------------------------

    def rows(self, **wanted: Any) -> list[Row]:
        """Give the rows of `generations` whose columns are as *wanted*, oldest first."""
        rows = read(self.folder, "SELECT * FROM generations ORDER BY created_at, id")
        return [r for r in rows if all(r[name] == v for name, v in wanted.items())]

    def file(self, row: Row) -> Path:
        return self.folder / "images" / row["stored_path"]

    def calls(self, prompt: str) -> list[Mapping[str, Any]]:
        """Give the requests that were sent for *prompt*, as Ideogram read them."""
        requests = [read_call(call) for call in self.ideogram.calls]
        return [request for request in requests if request["prompt"] == prompt]

    def check_stores(self) -> None:
        """Nothing is left half-way, and each row has its whole file."""
        images = self.folder / "images"
        assert self._incoming() == []
        rows = [row for row in self.rows() if row["stored_path"] is not None]
        kept = {row["stored_path"] for row in rows}
        for row in rows:
            content = self.file(row).read_bytes()
            assert len(content) == row["size_bytes"], row
            assert hashlib.sha256(content).hexdigest() == row["sha256"], row
        found = {p.relative_to(images).as_posix() for p in images.rglob("*.png")}
        assert found == kept

    def secrets(self) -> list[str]:
        """Give all that must never be in the log."""
        tokens = [self.slack.bot_token, self.slack.app_token, SIGNING_SECRET]
        tokens += [self.discord.token, KEY]
        tokens += self.discord.world.interactions
        addresses = ["?exp=", "&sig=", "/upload/v1/", "/commands/T", "/actions/T"]
        prompts = [read_call(call)["prompt"] for call in self.ideogram.calls]
        return tokens + addresses + prompts


def read_call(call: Received) -> Mapping[str, Any]:
    """Give what a paid call asked for, in either wire format."""
    return call.body.get("image_request", call.body)


def read(folder: Path, sql: str, *, name: str = "bot.db") -> list[Row]:
    """Give the rows of a query, with JSON columns read; none before the first start."""
    path = folder / name
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        rows = [dict(row) for row in database.execute(sql)]
    return [row | {"tags": json.loads(row["tags"])} for row in rows]


def slack_settings(line: Tap, *, via: str) -> dict[str, str]:
    """Give the settings for Slack by `socket`, `http` or `both`."""
    settings = {
        "SLACK_BOT_TOKEN": SlackDouble.bot_token,
        "SLACK_BASE_URL": f"{line.url}/api/",
    }
    if via in {"socket", "both"}:
        settings["SLACK_APP_TOKEN"] = SlackDouble.app_token
    if via in {"http", "both"}:
        settings["SLACK_SIGNING_SECRET"] = SIGNING_SECRET
    return settings


def discord_settings(line: Tap, token: str) -> dict[str, str]:
    """Give the settings for Discord."""
    return {"DISCORD_TOKEN": token, "DISCORD_BASE_URL": f"{line.url}/api/v10"}


@asynccontextmanager
async def world(
    folder: Path,
    *,
    slack: str = "socket",
    discord: bool = True,
    is_started: bool = True,
    **settings: str,
) -> AsyncIterator[World]:
    """Open a world; *slack* is `socket`, `http`, `both` or empty."""
    async with AsyncExitStack() as stack:
        here = await _build(folder, stack)
        if slack:
            here.bot.settings |= slack_settings(here.lines.slack, via=slack)
            here.slack.via = "http" if slack == "http" else "socket"
        if discord:
            here.bot.settings |= discord_settings(
                here.lines.discord, here.discord.token
            )
        here.bot.settings |= settings
        stack.push_async_callback(_put_away, here.bot)
        if is_started:
            await here.start()
        yield here
        await _put_away(here.bot)
        here.bot.check_log(here.secrets())


async def _build(folder: Path, stack: AsyncExitStack) -> World:
    served = Served()
    slack = await stack.enter_async_context(slack_double())
    discord = await stack.enter_async_context(discord_double())
    ideogram = await stack.enter_async_context(ideogram_double(draw=served.draw))
    lines = Lines(
        ideogram=await stack.enter_async_context(tap(ideogram.url)),
        slack=await stack.enter_async_context(tap(slack.api.address)),
        discord=await stack.enter_async_context(
            tap(discord.url.removesuffix("/api/v10"))
        ),
    )
    slack.api.address = lines.slack.url
    discord.url = f"{lines.discord.url}/api/v10"
    discord.gateway.address = lines.discord.url.replace("http://", "ws://")
    settings = {"IDEOGRAM_API_KEY": KEY, "IDEOGRAM_BASE_URL": lines.ideogram.url}
    return World(
        folder=folder,
        slack=slack,
        discord=discord,
        ideogram=ideogram,
        served=served,
        lines=lines,
        bot=BotProcess(folder, settings),
        terminal=Terminal(folder, settings),
    )


async def _put_away(bot: BotProcess) -> None:
    if bot.is_running:
        await bot.kill()
