"""Discord: as much of gateway and REST as commands, notes and pictures need.

Several bots may be connected, told apart by their token. A command has ended when its
picture was posted; every command has a channel of its own, so that no rate limit of a
channel holds one back.
"""

import itertools
import json
from typing import Any

from aiohttp import WSMsgType, web

from bench.ideogram_double import Scene, swallow
from bench.ledger import Asked, Ledger

BOT, GUILD, CHANNEL, MESSAGE = 10**17, 10**17 + 1, 2 * 10**17, 3 * 10**17
_LIMIT = 10 * 1024 * 1024
_MEMBER = 274_877_908_992 | 1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 16
_HELLO, _IDENTIFY, _HEARTBEAT, _HEARTBEAT_ACK = 10, 2, 1, 11
_JOINED = "2026-01-01T00:00:00+00:00"


class DiscordDouble:
    """The routes below /discord, and the gateway at /gateway/."""

    def __init__(self, *, scene: Scene, ledger: Ledger) -> None:
        self._scene = scene
        self._ledger = ledger
        self._messages = itertools.count(MESSAGE)
        self._sockets: dict[str, web.WebSocketResponse] = {}
        self._sequence = itertools.count(1)
        self.base_url = ""

    @property
    def connected(self) -> list[str]:
        return list(self._sockets)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/discord/users/@me", self.me),
            web.get("/discord/oauth2/applications/@me", self.application),
            web.get("/discord/applications/@me", self.application),
            web.get("/discord/gateway/bot", self.gateway),
            web.get("/discord/applications/{id}/commands", self.commands),
            web.put("/discord/applications/{id}/commands", self.register),
            web.post("/discord/interactions/{id}/{token}/callback", self.answer),
            web.patch("/discord/webhooks/{id}/{token}/messages/{message}", self.edit),
            web.post("/discord/channels/{channel}/messages", self.post),
            web.get("/gateway/", self.serve),
        ]

    async def send(self, name: str, asked: Asked) -> None:
        """Choose the command `/imagine` and type its prompt."""
        event = json.dumps(self._event("INTERACTION_CREATE", _interaction(asked)))
        asked.sending()
        await self._sockets[name].send_str(event)

    # --- REST ---------------------------------------------------------------

    async def me(self, _: web.Request) -> web.Response:
        return _json(_user(BOT, is_bot=True) | {"verified": True})

    async def application(self, _: web.Request) -> web.Response:
        return _json(
            {
                "id": str(BOT),
                "name": "ideogram",
                "icon": None,
                "description": "",
                "bot_public": True,
                "bot_require_code_grant": False,
                "verify_key": "0" * 64,
                "flags": 0,
                "owner": _user(1),
                "summary": "",
            }
        )

    async def gateway(self, _: web.Request) -> web.Response:
        address = self.base_url.replace("http://", "ws://")
        limit = {
            "total": 1000,
            "remaining": 999,
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        }
        return _json(
            {"url": f"{address}/gateway/", "shards": 1, "session_start_limit": limit}
        )

    async def commands(self, _: web.Request) -> web.Response:
        return _json([])

    async def register(self, request: web.Request) -> web.Response:
        own = {"application_id": str(BOT), "version": "1", "description": ""}
        given = json.loads(await request.read())
        made = [
            own | {"id": str(number)} | command for number, command in enumerate(given)
        ]
        return _json(made)

    async def answer(self, request: web.Request) -> web.Response:
        if asked := self._ledger.find(int(request.match_info["token"])):
            asked.ack()
        await request.read()
        message = self._message(CHANNEL)
        interaction = {
            "id": request.match_info["id"],
            "type": 2,
            "response_message_id": message["id"],
            "response_message_loading": True,
            "response_message_ephemeral": True,
        }
        resource = {"type": 5, "message": message}
        return _json({"interaction": interaction, "resource": resource})

    async def edit(self, request: web.Request) -> web.Response:
        await request.read()
        return _json(self._message(CHANNEL))

    async def post(self, request: web.Request) -> web.Response:
        channel = int(request.match_info["channel"])
        received = await swallow(request, self._scene)
        if asked := self._ledger.find(channel - CHANNEL):
            is_whole = received > self._scene.picture_bytes
            asked.end(failure="" if is_whole else f"{received} bytes were posted")
        return _json(self._message(channel))

    def _message(self, channel: int) -> dict[str, Any]:
        return {
            "id": str(next(self._messages)),
            "channel_id": str(channel),
            "author": _user(BOT, is_bot=True),
            "content": "",
            "timestamp": _JOINED,
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "components": [],
            "pinned": False,
            "type": 0,
            "flags": 0,
        }

    # --- the gateway --------------------------------------------------------

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        await socket.send_json({"op": _HELLO, "d": {"heartbeat_interval": 41_250}})
        name = ""
        try:
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT:
                    break
                said = json.loads(frame.data)
                if said["op"] == _HEARTBEAT:
                    await socket.send_json({"op": _HEARTBEAT_ACK, "d": None})
                elif said["op"] == _IDENTIFY:
                    name = said["d"]["token"]
                    await self._welcome(socket)
                    self._sockets[name] = socket
        finally:
            if self._sockets.get(name) is socket:
                del self._sockets[name]
        return socket

    async def _welcome(self, socket: web.WebSocketResponse) -> None:
        ready = {
            "v": 10,
            "user": _user(BOT, is_bot=True) | {"mfa_enabled": True, "verified": True},
            "guilds": [{"id": str(GUILD), "unavailable": True}],
            "private_channels": [],
            "session_id": "bench",
            "session_type": "normal",
            "resume_gateway_url": self.base_url.replace("http://", "ws://"),
            "shard": [0, 1],
            "application": {"id": str(BOT), "flags": 0},
        }
        await socket.send_json(self._event("READY", ready))
        await socket.send_json(self._event("GUILD_CREATE", _guild()))

    def _event(self, name: str, data: Any) -> dict[str, Any]:
        return {"op": 0, "t": name, "s": next(self._sequence), "d": data}


def _json(value: Any) -> web.Response:
    # discord.py looks for exactly this content type, without a charset.
    return web.Response(
        body=json.dumps(value).encode(), content_type="application/json"
    )


def _user(number: int, *, is_bot: bool = False) -> dict[str, Any]:
    return {
        "id": str(number),
        "username": "ada",
        "discriminator": "0",
        "global_name": "Ada",
        "avatar": None,
        "bot": is_bot,
        "public_flags": 0,
    }


def _member(number: int, *, is_bot: bool = False) -> dict[str, Any]:
    return {
        "user": _user(number, is_bot=is_bot),
        "nick": None,
        "avatar": None,
        "roles": [],
        "joined_at": _JOINED,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "permissions": str(_MEMBER),
    }


def _guild() -> dict[str, Any]:
    everyone = {
        "id": str(GUILD),
        "name": "@everyone",
        "color": 0,
        "hoist": False,
        "position": 0,
        "permissions": str(_MEMBER),
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }
    nothing = ("emojis", "stickers", "presences", "voice_states", "features")
    return {
        "id": str(GUILD),
        "name": "bench",
        "owner_id": "1",
        "unavailable": False,
        "member_count": 3,
        "large": False,
        "joined_at": _JOINED,
        "premium_tier": 0,
        "preferred_locale": "en-US",
        "roles": [everyone],
        "members": [_member(BOT, is_bot=True)],
        "channels": [],
        "threads": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        **{name: [] for name in nothing},
    }


def _interaction(asked: Asked) -> dict[str, Any]:
    channel = str(CHANNEL + asked.number)
    person = 1000 + asked.number % 20
    option = {"name": "prompt", "type": 3, "value": asked.prompt}
    return {
        "id": str(MESSAGE * 2 + asked.number),
        "application_id": str(BOT),
        "type": 2,
        "data": {"id": "0", "name": "imagine", "type": 1, "options": [option]},
        "token": str(asked.number),
        "version": 1,
        "channel_id": channel,
        "channel": {
            "id": channel,
            "guild_id": str(GUILD),
            "name": "bench",
            "type": 0,
            "permissions": str(_MEMBER),
            "position": 0,
            "parent_id": None,
            "permission_overwrites": [],
            "topic": None,
            "nsfw": False,
        },
        "app_permissions": str(_MEMBER),
        "locale": "en-US",
        "guild_locale": "en-US",
        "guild_id": str(GUILD),
        "guild": {"id": str(GUILD), "locale": "en-US", "features": []},
        "member": _member(person),
        "entitlements": [],
        "attachment_size_limit": _LIMIT,
        "authorizing_integration_owners": {"0": str(GUILD)},
        "context": 0,
    }
