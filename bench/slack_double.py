"""Slack: the Web API methods that posting needs, and Socket Mode, without a moment's delay.

Several apps may be connected, told apart by the end of their app token (`xapp-<name>`).
A command has ended when its response URL was told so.
"""

import itertools
import json
from urllib.parse import parse_qs

from aiohttp import WSMsgType, web

from bench.ideogram_double import Scene, swallow
from bench.ledger import Asked, Ledger

TEAM, CHANNEL, BOT = "T0BENCH", "C0BENCH", "U0BOT"
_PEOPLE = 20
_CHANNEL = {"id": CHANNEL, "name": "bench", "is_channel": True, "is_private": False}


class SlackDouble:
    """The routes below /slack."""

    def __init__(self, *, scene: Scene, ledger: Ledger) -> None:
        self._scene = scene
        self._ledger = ledger
        self._files = itertools.count(1)
        self._sockets: dict[str, web.WebSocketResponse] = {}
        self.base_url = ""

    @property
    def connected(self) -> list[str]:
        return list(self._sockets)

    def routes(self) -> list[web.RouteDef]:
        methods = {
            "auth.test": self.sign_in,
            "apps.connections.open": self.open,
            "users.conversations": self.channels,
            "files.getUploadURLExternal": self.upload_url,
            "files.completeUploadExternal": self.complete,
            "files.info": self.info,
        }
        return [
            *(web.post(f"/slack/api/{name}", work) for name, work in methods.items()),
            web.post("/slack/upload/{file}", self.upload),
            web.post("/slack/respond/{number}", self.respond),
            web.get("/slack/link/{name}", self.link),
        ]

    async def send(self, name: str, asked: Asked) -> None:
        """Type the command `/imagine …`."""
        frame = {
            "envelope_id": str(asked.number),
            "type": "slash_commands",
            "accepts_response_payload": True,
            "payload": {
                "token": "deprecated",
                "team_id": TEAM,
                "team_domain": "bench",
                "channel_id": CHANNEL,
                "channel_name": "bench",
                "user_id": f"U{asked.number % _PEOPLE:04}",
                "user_name": "ada",
                "command": "/imagine",
                "text": asked.prompt,
                "api_app_id": "A0BENCH",
                "is_enterprise_install": "false",
                "response_url": f"{self.base_url}/slack/respond/{asked.number}",
                "trigger_id": f"{asked.number}.1.bench",
            },
        }
        text = json.dumps(frame)
        asked.sending()
        await self._sockets[name].send_str(text)

    # --- the Web API --------------------------------------------------------

    async def sign_in(self, _: web.Request) -> web.Response:
        return _ok(team_id=TEAM, user_id=BOT, bot_id="B0BOT", user="ideogram")

    async def open(self, request: web.Request) -> web.Response:
        name = request.headers["Authorization"].rpartition("-")[2]
        address = self.base_url.replace("http://", "ws://")
        return _ok(url=f"{address}/slack/link/{name}")

    async def channels(self, _: web.Request) -> web.Response:
        return _ok(channels=[_CHANNEL], response_metadata={"next_cursor": ""})

    async def upload_url(self, request: web.Request) -> web.Response:
        await request.read()
        file = f"F{next(self._files):09}"
        return _ok(upload_url=f"{self.base_url}/slack/upload/{file}", file_id=file)

    async def upload(self, request: web.Request) -> web.Response:
        received = await swallow(request, self._scene)
        if received != self._scene.picture_bytes:
            return web.Response(status=400)
        return web.Response(text="OK")

    async def complete(self, request: web.Request) -> web.Response:
        # As the real one: which message shows the file is not told here.
        form = parse_qs((await request.read()).decode())
        return _ok(files=json.loads(form["files"][0]))

    async def info(self, request: web.Request) -> web.Response:
        (file,) = parse_qs((await request.read()).decode())["file"]
        shared = {"public": {CHANNEL: [{"ts": f"1700000000.{file[1:]}"}]}}
        return _ok(file={"id": file, "shares": shared})

    async def respond(self, request: web.Request) -> web.Response:
        text = str(json.loads(await request.read()).get("text", ""))
        asked = self._ledger.find(int(request.match_info["number"]))
        if asked is not None and text.startswith("Done"):
            asked.end()
        elif asked is not None and not text.startswith(("Draw", "Queued")):
            asked.end(failure=text)
        return web.Response(text="ok")

    # --- Socket Mode --------------------------------------------------------

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        name = request.match_info["name"]
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self._sockets[name] = socket
        try:
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT:
                    break
                number = int(json.loads(frame.data)["envelope_id"])
                if asked := self._ledger.find(number):
                    asked.ack()
        finally:
            if self._sockets.get(name) is socket:
                del self._sockets[name]
        return socket


def _ok(**more: object) -> web.Response:
    return web.json_response({"ok": True, **more})
