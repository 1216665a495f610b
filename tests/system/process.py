"""The real program as a process of its own, with nothing but environment variables.

    bot = BotProcess(folder, {"IDEOGRAM_ROUTE": "sandbox", "DISCORD_TOKEN": …})
    await bot.start()           # returns once /healthz says 200
    await bot.kill()            # SIGKILL; start() again goes on with the same folder
    assert await bot.stop() == 0

What it has logged in all its lives is kept for the failure report and for `check_log`.
"""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.fakes.waiting import until

ROOT = Path(__file__).parent.parent.parent
_PATIENCE_S = 40.0  # a start takes one and a half seconds of an idle core
_ADDRESS = re.compile(r"HTTP is served at (http://\S+?)\.?(?:\s|$)")
_ACCIDENTS = (
    "Traceback",
    "never retrieved",
    "never awaited",
    "Unclosed",
    "A fault of the bot",
    "was destroyed but it is pending",
)


def environment(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Give the whole environment of a program whose data is in *folder*."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "USER": "ada",
        "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}",
        "FILES_URL": f"file:{folder / 'images'}",
        "HTTP_PORT": "0",
        "JOB_BACKOFF_S": "0.05",
        "DUPLICATE_DAYS": "0",  # most tests draw the same again and mean it
        **settings,
    }


class BotProcess:
    """`python -m bot run` (or another command that stays) on one folder."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str],
        *,
        command: Sequence[str] = ("run",),
    ) -> None:
        self.folder = folder
        self.settings = dict(settings)
        self.address = ""
        self.lines: list[str] = []
        self.lives = 0
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._told_address = asyncio.Event()

    @property
    def log(self) -> str:
        return "\n".join(self.lines)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    # --- living and dying ---------------------------------------------------------

    async def start(self, *, is_ready: bool = True) -> None:
        """Start it; return once it is ready, or at once."""
        assert not self.is_running
        self.lives += 1
        self.lines.append(f"--- life {self.lives} ---")
        self._told_address.clear()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", *self._command),
            cwd=self.folder,
            env=environment(self.folder, self.settings),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        self._reading = asyncio.create_task(self._read(self._process))
        if is_ready:
            await self.wait_ready()

    async def wait_ready(self) -> None:
        """Wait until /healthz answers with 200."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._wait_told_address()
                await until(self._is_healthy)
        except TimeoutError:
            raise AssertionError(f"It did not become ready:\n{self.log}") from None

    async def kill(self) -> None:
        """End it with SIGKILL, by its own id; return when it is dead."""
        await self.signal(signal.SIGKILL)

    async def stop(self) -> int:
        """End it with SIGTERM; give its exit status."""
        return await self.signal(signal.SIGTERM)

    def terminate(self) -> None:
        """Send SIGTERM and do not wait."""
        assert self._process
        self._process.send_signal(signal.SIGTERM)

    def hang_up(self) -> None:
        """Send SIGHUP: the rules are to be read anew."""
        assert self._process
        self._process.send_signal(signal.SIGHUP)

    async def ended(self) -> int:
        """Wait for its end; give its exit status."""
        assert self._process
        assert self._reading
        try:
            async with asyncio.timeout(_PATIENCE_S):
                status = await self._process.wait()
                await self._reading
        except TimeoutError:
            raise AssertionError(f"It did not end:\n{self.log}") from None
        return status

    async def signal(self, number: signal.Signals) -> int:
        """End it with a signal; give its exit status."""
        assert self._process
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self.ended()

    async def _wait_told_address(self) -> None:
        assert self._reading
        telling = asyncio.create_task(self._told_address.wait())
        await asyncio.wait(
            {telling, self._reading}, return_when=asyncio.FIRST_COMPLETED
        )
        telling.cancel()
        assert self._told_address.is_set(), f"It ended at its start:\n{self.log}"

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr
        while line := await process.stderr.readline():
            self.lines.append(line.decode().rstrip("\n"))
            if found := _ADDRESS.search(self.lines[-1]):
                self.address = found[1]
                self._told_address.set()

    # --- how it is ------------------------------------------------------------------

    async def health(self) -> tuple[int, Any]:
        """Give status and body of /healthz; (0, None) when nobody answers."""
        try:
            async with (
                aiohttp.ClientSession() as http,
                http.get(f"{self.address}/healthz") as answer,
            ):
                return answer.status, await answer.json()
        except aiohttp.ClientError:
            return 0, None

    async def _is_healthy(self) -> bool:
        return (await self.health())[0] == 200

    def check_log(self, secrets: Iterable[str]) -> None:
        """No accident happened, and nothing that is nobody's business was logged."""
        for words in (*_ACCIDENTS, *secrets):
            assert words not in self.log, f"{words!r} is in the log:\n{self.log}"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command of the terminal ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Terminal:
    """Commands on the data of one folder."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self._folder = folder
        self._settings = settings

    async def __call__(self, *words: str, **settings: str) -> Ended:
        """Type a command; give how it ended."""
        return await self.ended(await self.start(*words, **settings))

    async def start(self, *words: str, **settings: str) -> asyncio.subprocess.Process:
        """Type a command, and do not wait."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", *words),
            cwd=self._folder,
            env=environment(self._folder, {**self._settings, **settings}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def ended(self, process: asyncio.subprocess.Process) -> Ended:
        """Give how a command ended, which is never with a traceback."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                out, err = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode is not None
        ended = Ended(status=process.returncode, out=out.decode(), err=err.decode())
        assert "Traceback" not in ended.err, ended.err
        return ended
