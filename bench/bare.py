"""The least a program can do for one picture: the bare scripts of the comparison.

`python -m bench.bare httpx|aiohttp ADDRESS FOLDER` reads `{"count": …, "at_once": …}` lines
and answers each with how long it took. Both call Ideogram, stream the picture into a file
(fsync, rename, fsync of the folder; named by its content), commit one row durably, make
Slack's three upload calls, streaming, and post to the response URL. Nothing is checked,
tried again or survives a crash.
"""

import asyncio
import hashlib
import itertools
import json
import os
import sqlite3
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import httpx
import uvloop

from bench.slack_double import CHANNEL

_CHUNK = 128 * 1024
# Ideogram takes ten calls at one time; above ten httpx's pool only costs more.
_GATE = 10
_COLUMNS = """
    prompt expanded_prompt negative_prompt model style_type aspect_ratio seed resolution
    is_safe original_url stored_path created_at size_bytes tags job_id parent_id sha256
    prompt_hash magic_prompt color_palette rendering_speed attempts cost_usd platform
    workspace_id channel_id user_id pinned
""".split()  # noqa: SIM905 - a list of thirty lines says no more


class Http(Protocol):
    """What the two scripts do differently."""

    async def post(self, url: str, **body: Any) -> Any: ...

    def download(self, url: str) -> AsyncIterator[bytes]: ...

    async def upload(self, url: str, file: Path, size: int) -> None: ...


class Script:
    """One picture after another, *at_once* of them under way."""

    def __init__(self, *, http: Http, address: str, folder: Path) -> None:
        self._http = http
        self._address = address
        self._folder = folder
        self._gate = asyncio.Semaphore(_GATE)
        self._numbers = itertools.count(1)
        self._db = _open_database(folder / "bare.db")
        self._writing = threading.Lock()

    async def run(self, count: int, at_once: int) -> float:
        waiting = iter(range(count))

        async def one_after_another() -> None:
            for _ in waiting:
                async with self._gate:
                    await self._picture()

        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(at_once):
                tasks.create_task(one_after_another())
        return time.perf_counter() - began

    async def _picture(self) -> None:
        number = next(self._numbers)
        prompt = f"a fox in a suit, studio light, bare {number}x"
        body = {"image_request": {"prompt": prompt, "model": "V_2", "seed": 42}}
        answer = await self._http.post(f"{self._address}/generate", json=body)
        image = answer["data"][0]
        file, size, sha256 = await self._keep(number, image["url"])
        row = {
            **dict.fromkeys(_COLUMNS),
            "id": f"bare-{number}",
            "prompt": prompt,
            "expanded_prompt": image["prompt"],
            "original_url": image["url"],
            "stored_path": file.name,
            "size_bytes": size,
            "sha256": sha256,
        }
        await asyncio.to_thread(self._write_down, row)
        await self._post(file, size, prompt)

    async def _keep(self, number: int, url: str) -> tuple[Path, int, str]:
        part = self._folder / f"{number}.part"
        digest = hashlib.sha256()
        with part.open("wb", buffering=0) as out:
            async for chunk in self._http.download(url):
                digest.update(chunk)
                out.write(chunk)
            size = out.tell()
            file = self._folder / f"{digest.hexdigest()}.png"
            await asyncio.to_thread(_place, out.fileno(), part, file)
        return file, size, digest.hexdigest()

    async def _post(self, file: Path, size: int, prompt: str) -> None:
        slack = f"{self._address}/slack"
        form = {"filename": file.name, "length": str(size), "alt_txt": prompt}
        opened = await self._http.post(
            f"{slack}/api/files.getUploadURLExternal", data=form
        )
        await self._http.upload(opened["upload_url"], file, size)
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": prompt}}]
        form = {
            "files": json.dumps([{"id": opened["file_id"], "title": prompt}]),
            "channel_id": CHANNEL,
            "blocks": json.dumps(blocks),
        }
        await self._http.post(f"{slack}/api/files.completeUploadExternal", data=form)
        await self._http.post(f"{slack}/respond/0", json={"text": "Done."})

    def _write_down(self, row: dict[str, Any]) -> None:
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        with self._writing, self._db:
            self._db.execute(
                f"INSERT INTO generations ({names}) VALUES ({values})", row
            )


class OnHttpx:
    """One client, kept."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(timeout=60, trust_env=False)

    async def post(self, url: str, **body: Any) -> Any:
        answer = await self._client.post(url, headers=_HEADERS, **body)
        return answer.json() if "/respond/" not in url else None

    async def download(self, url: str) -> AsyncIterator[bytes]:
        async with self._client.stream("GET", url) as answer:
            async for chunk in answer.aiter_raw():
                yield chunk

    async def upload(self, url: str, file: Path, size: int) -> None:
        headers = {"Content-Length": str(size), "Content-Type": "image/png"}
        answer = await self._client.post(url, content=_chunks(file), headers=headers)
        answer.raise_for_status()


class OnAiohttp:
    """One session, kept."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession()

    async def post(self, url: str, **body: Any) -> Any:
        async with self._session.post(url, headers=_HEADERS, **body) as answer:
            text = await answer.read()
        return json.loads(text) if "/respond/" not in url else None

    async def download(self, url: str) -> AsyncIterator[bytes]:
        async with self._session.get(url) as answer:
            async for chunk in answer.content.iter_chunked(_CHUNK):
                yield chunk

    async def upload(self, url: str, file: Path, size: int) -> None:
        headers = {"Content-Length": str(size), "Content-Type": "image/png"}
        async with self._session.post(
            url, data=_chunks(file), headers=headers
        ) as answer:
            answer.raise_for_status()
            await answer.read()


_HEADERS = {"Api-Key": "bench", "Authorization": "Bearer xoxb-bench"}


async def _chunks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            yield chunk


def _place(handle: int, part: Path, file: Path) -> None:
    os.fsync(handle)
    part.replace(file)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    os.close(folder)


def _open_database(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"CREATE TABLE generations (id TEXT PRIMARY KEY, {', '.join(_COLUMNS)})")
    return db


async def _make(which: str, address: str, folder: Path) -> Script:
    http = OnHttpx() if which == "httpx" else OnAiohttp()
    return Script(http=http, address=address, folder=folder)


def main() -> None:
    which, address, folder = sys.argv[1:]
    loop = None if which == "httpx" else uvloop.new_event_loop
    with asyncio.Runner(loop_factory=loop) as runner:
        script = runner.run(_make(which, address, Path(folder)))
        print(json.dumps("ready"), flush=True)
        for line in sys.stdin:
            order = json.loads(line)
            seconds = runner.run(script.run(order["count"], order["at_once"]))
            print(json.dumps(seconds), flush=True)


if __name__ == "__main__":
    main()
