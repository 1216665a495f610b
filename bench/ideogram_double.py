"""Ideogram: answers at once, and serves pictures of the size that is asked for.

Every picture is different in its first bytes, so that each is a file of its own. What is
no PNG inside is not looked into by anybody here.
"""

import asyncio
import itertools
import json
import os
from dataclasses import dataclass

from aiohttp import web

from bench.ledger import Ledger

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PIECE = 256 * 1024


@dataclass(slots=True)
class Scene:
    """How large pictures are, how long drawing takes, and each way, in and out."""

    picture_bytes: int = 1_500_000
    drawing_s: float = 0.0
    transfer_s: float = 0.0

    @property
    def pause_s(self) -> float:
        """Give the pause after each piece of a picture."""
        return self.transfer_s * _PIECE / self.picture_bytes


class IdeogramDouble:
    """The routes `/generate` and `/pictures/…`."""

    def __init__(self, *, scene: Scene, ledger: Ledger) -> None:
        self._scene = scene
        self._ledger = ledger
        self._numbers = itertools.count(1)
        self._noise = os.urandom(64 * 1024 * 1024)
        self.base_url = ""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/generate", self.generate),
            web.get("/pictures/{number}.png", self.picture),
        ]

    async def generate(self, request: web.Request) -> web.Response:
        asked = json.loads(await request.read())["image_request"]
        if command := self._ledger.of_prompt(asked["prompt"]):
            command.call()
        if self._scene.drawing_s:
            await asyncio.sleep(self._scene.drawing_s)
        image = {
            "is_image_safe": True,
            "prompt": f"{asked['prompt']}, cinematic, highly detailed",
            "resolution": "1024x1024",
            "seed": asked.get("seed", 42),
            "style_type": "GENERAL",
            "url": f"{self.base_url}/pictures/{next(self._numbers)}.png",
        }
        answer = {"created": "2026-01-01T00:00:00.000000+00:00", "data": [image]}
        return web.json_response(answer)

    async def picture(self, request: web.Request) -> web.StreamResponse:
        number = int(request.match_info["number"])
        head = _SIGNATURE + number.to_bytes(16, "big")
        size = self._scene.picture_bytes
        response = web.StreamResponse(
            headers={"Content-Type": "image/png", "Content-Length": str(size)}
        )
        await response.prepare(request)
        await response.write(head)
        body = memoryview(self._noise)[: size - len(head)]
        if not self._scene.transfer_s:
            await response.write(body)
            return response
        for at in range(0, len(body), _PIECE):
            await response.write(body[at : at + _PIECE])
            await asyncio.sleep(self._scene.pause_s)
        return response


async def swallow(request: web.Request, scene: Scene) -> int:
    """Read a body to its end, as slowly as the scene wants; count its bytes."""
    received = paused_at = 0
    async for chunk in request.content.iter_any():
        received += len(chunk)
        if scene.transfer_s and received - paused_at >= _PIECE:
            paused_at = received
            await asyncio.sleep(scene.pause_s)
    return received
