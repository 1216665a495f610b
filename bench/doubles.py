"""Ideogram, Slack and Discord on one loopback port, in a process of their own.

`python -m bench.doubles` prints its address and serves until it is ended. What is to be
sent is told to it over HTTP, below /bench; it sends and takes the times, so that whoever
measures can sleep meanwhile.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import uvloop
from aiohttp import web

from bench.discord_double import DiscordDouble
from bench.ideogram_double import IdeogramDouble, Scene
from bench.ledger import Asked, Ledger
from bench.slack_double import SlackDouble

_PATIENCE_S = 120.0

Send = Callable[[str, Asked], Awaitable[None]]


class Doubles:
    """All three, and what drives them."""

    def __init__(self) -> None:
        self._ledger = Ledger()
        self._scene = Scene()
        shared = {"scene": self._scene, "ledger": self._ledger}
        self._ideogram = IdeogramDouble(**shared)
        self._slack = SlackDouble(**shared)
        self._discord = DiscordDouble(**shared)

    def app(self) -> web.Application:
        app = web.Application()
        for part in (self._ideogram, self._slack, self._discord):
            app.add_routes(part.routes())
        app.add_routes(
            [
                web.get("/bench/connected", self.connected),
                web.post("/bench/scene", self.set_scene),
                web.post("/bench/commands", self.commands),
            ]
        )
        return app

    def live_at(self, address: str) -> None:
        for part in (self._ideogram, self._slack, self._discord):
            part.base_url = address

    async def connected(self, _: web.Request) -> web.Response:
        slack = [f"slack:{name}" for name in self._slack.connected]
        discord = [f"discord:{name}" for name in self._discord.connected]
        return web.json_response([*slack, *discord])

    async def set_scene(self, request: web.Request) -> web.Response:
        for name, value in (await request.json()).items():
            setattr(self._scene, name, value)
        return web.Response()

    async def commands(self, request: web.Request) -> web.Response:
        """Send `count` commands to the app `to`, `at_once` of them unanswered at a time."""
        order = await request.json()
        platform, _, name = order["to"].partition(":")
        send = self._slack.send if platform == "slack" else self._discord.send
        asked = [self._ledger.new() for _ in range(order["count"])]
        began = time.perf_counter()
        async with asyncio.timeout(_PATIENCE_S):
            await _send_all(send, name, asked, order["at_once"], draws=order["draws"])
        return web.json_response(
            {
                "seconds": time.perf_counter() - began,
                "acks": [one.acked_at - one.sent_at for one in asked],
                "first_calls": [
                    one.called_at - one.sent_at for one in asked if one.called_at
                ],
                "failures": [one.failure for one in asked if one.failure],
            }
        )


async def _send_all(
    send: Send, name: str, asked: list[Asked], at_once: int, *, draws: bool
) -> None:
    """Keep *at_once* commands under way; one that draws ends with its picture."""
    waiting = iter(asked)

    async def one_after_another() -> None:
        for one in waiting:
            await send(name, one)
            await one.acked.wait()
            if draws:
                await one.ended.wait()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(at_once):
            tasks.create_task(one_after_another())


async def _serve() -> None:
    doubles = Doubles()
    runner = web.AppRunner(doubles.app(), access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    host, port = runner.addresses[0][:2]
    doubles.live_at(f"http://{host}:{port}")
    print(json.dumps(f"http://{host}:{port}"), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve())
