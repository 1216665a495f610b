"""The processes of a measurement: started, asked, measured from outside, ended."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).parent.parent
_START_S = 30.0


class Doubles:
    """The doubles' process, as seen from here."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._http = httpx.Client(base_url=address, timeout=180, trust_env=False)

    def set_scene(self, **scene: float) -> None:
        self._http.post("/bench/scene", json=scene).raise_for_status()

    def commands(
        self, to: str, *, count: int, at_once: int, draws: bool = True
    ) -> dict[str, Any]:
        """Have *count* commands sent; give the times. Ends when all are answered."""
        order = {"to": to, "count": count, "at_once": at_once, "draws": draws}
        answer = self._http.post("/bench/commands", json=order)
        answer.raise_for_status()
        times: dict[str, Any] = answer.json()
        if times["failures"]:
            sys.exit(f"{to}: {len(times['failures'])} failed: {times['failures'][0]}")
        return times

    def wait_for(self, *apps: str) -> None:
        until = time.monotonic() + _START_S
        while not set(apps) <= set(self._http.get("/bench/connected").json()):
            if time.monotonic() > until:
                sys.exit(f"{apps} did not connect within {_START_S} s.")
            time.sleep(0.1)


class Meter:
    """CPU and memory of one process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = psutil.Process(process.pid)

    @property
    def cpu_s(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system

    @property
    def rss(self) -> int:
        return int(self._process.memory_info().rss)

    @property
    def highest_rss(self) -> int:
        """Give the peak as the kernel keeps it, since `forget_highest`."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        (line,) = [one for one in status.splitlines() if one.startswith("VmHWM")]
        return int(line.split()[1]) * 1024

    def forget_highest(self) -> None:
        Path(f"/proc/{self._process.pid}/clear_refs").write_text("5")


@contextmanager
def running(
    *arguments: str, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run `python -m …` in *folder* until the end of the block; its log is a file there."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    path = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=folder,
            env=path | dict(environment or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        yield process
    finally:
        if process.poll():
            print(log.read_text()[-2000:], file=sys.stderr)
        process.terminate()
        try:
            process.wait(25)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def doubles(folder: Path) -> Iterator[Doubles]:
    with running("bench.doubles", folder=folder) as process:
        yield Doubles(listen(process))


@contextmanager
def bot(
    doubles: Doubles,
    folder: Path,
    *,
    slack: bool = False,
    discord: bool = False,
    **settings: str,
) -> Iterator[subprocess.Popen[str]]:
    """Run the real program against the doubles, connected when the block begins."""
    environment = {
        "IDEOGRAM_API_KEY": "bench-key",
        "IDEOGRAM_BASE_URL": doubles.address,
        "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}",
        "FILES_URL": f"file:{folder / 'images'}",
        "HTTP_PORT": "0",
        **settings,
    }
    apps = []
    if slack:
        apps.append("slack:bot")
        environment["SLACK_BOT_TOKEN"] = "xoxb-bench"
        environment["SLACK_APP_TOKEN"] = "xapp-bot"
        environment["SLACK_BASE_URL"] = f"{doubles.address}/slack/api/"
    if discord:
        apps.append("discord:bot")
        environment["DISCORD_TOKEN"] = "bot"
        environment["DISCORD_BASE_URL"] = f"{doubles.address}/discord"
    with running("bot", "run", folder=folder, environment=environment) as process:
        doubles.wait_for(*apps)
        time.sleep(1)  # what follows a start: channels listed, commands registered
        yield process


def listen(process: subprocess.Popen[str]) -> Any:
    """Give the next line a process says, which is JSON."""
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        sys.exit(f"{process.args} ended.")
    return json.loads(line)


def tell(process: subprocess.Popen[str], order: Mapping[str, Any]) -> Any:
    """Give a process an order and wait for its answer."""
    assert process.stdin
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    return listen(process)
