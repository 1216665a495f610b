"""The gateway: identify, heartbeat, dispatch, drop and resume."""

import json
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.discord import payloads
from tests.fakes.discord.world import Message, World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT = 0, 1, 2, 6, 7
INVALID_SESSION, HELLO, HEARTBEAT_ACK = 9, 10, 11
PRIVILEGED = 1 << 1 | 1 << 8
MESSAGE_CONTENT = 1 << 15


@dataclass(slots=True)
class Session:
    """What a bot has been sent; it outlives the socket, so that it can be resumed."""

    id: str
    intents: int
    socket: web.WebSocketResponse | None
    events: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, name: str, data: Any) -> None:
        sequence = len(self.events) + 1
        event = {"op": DISPATCH, "t": name, "s": sequence, "d": data}
        self.events.append(event)
        if self.socket is not None:
            await _send(self.socket, event)


class Gateway:
    """Every session of this bot."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.sessions: dict[str, Session] = {}
        self.address = ""  # ws://…, known once the server listens
        self.identified = 0
        self.resumed = 0

    @property
    def is_connected(self) -> bool:
        return any(s.socket is not None for s in self.sessions.values())

    async def dispatch(self, name: str, data: Any) -> None:
        for session in list(self.sessions.values()):
            await session.send(name, data)

    async def dispatch_message(self, name: str, message: Message) -> None:
        where = message.channel.guild
        extra = {"guild_id": str(where.id)} if where else {}
        if where and message.author is not self._world.bot:
            extra["member"] = payloads.member(message.author)
            extra["member"].pop("user")
        for session in list(self.sessions.values()):
            shown = payloads.withheld(message, self._world.bot, session.intents)
            await session.send(name, shown | extra)

    async def drop(self, *, politely: bool = False, forget: bool = False) -> None:
        """Cut every socket: as a broken line does, or with RECONNECT first."""
        for session in list(self.sessions.values()):
            socket, session.socket = session.socket, None
            if socket is None:
                continue
            if politely:
                await _send(socket, {"op": RECONNECT, "d": None})
            elif socket._req is not None and socket._req.transport is not None:
                socket._req.transport.abort()
        if forget:
            self.sessions.clear()
        self._world.touch()

    async def close(self) -> None:
        for session in list(self.sessions.values()):
            if session.socket is not None:
                await session.socket.close(code=1001)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        assert request.query.get("v") == "10", request.query
        assert request.query.get("encoding") == "json", request.query
        socket = web.WebSocketResponse(max_msg_size=4096 * 16, heartbeat=None)
        await socket.prepare(request)
        await _send(socket, {"op": HELLO, "d": {"heartbeat_interval": 41_250}})
        session: Session | None = None
        try:
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT:
                    break
                said = json.loads(frame.data)
                if said["op"] == HEARTBEAT:
                    await _send(socket, {"op": HEARTBEAT_ACK, "d": None})
                elif said["op"] == IDENTIFY and session is None:
                    session = await self._identify(socket, said["d"])
                elif said["op"] == RESUME and session is None:
                    session = await self._resume(socket, said["d"])
                elif said["op"] not in {3, 4, 8}:
                    await socket.close(code=4001)
        finally:
            self._end(session, socket)
        return socket

    def _end(self, session: Session | None, socket: web.WebSocketResponse) -> None:
        if session is None or session.socket is not socket:
            return
        session.socket = None
        if socket.close_code in {1000, 1001}:  # says good-bye: not to be resumed
            del self.sessions[session.id]
        self._world.touch()

    async def _identify(self, socket, data) -> Session | None:
        intents = data.get("intents", 0)
        if data["token"] != self._world.token:
            await socket.close(code=4004, message=b"Authentication failed.")
            return None
        forbidden = PRIVILEGED
        if not self._world.has_message_content:
            forbidden |= MESSAGE_CONTENT
        if intents & forbidden:
            await socket.close(code=4014, message=b"Disallowed intent(s).")
            return None
        session = Session(secrets.token_hex(8), intents, socket)
        self.sessions[session.id] = session
        self.identified += 1
        await session.send("READY", self._ready(session))
        for guild in [g for g in self._world.guilds.values() if g.has_bot]:
            await session.send("GUILD_CREATE", payloads.guild(guild, self._world))
        self._world.touch()
        return session

    def _ready(self, session: Session) -> dict[str, Any]:
        bot = self._world.bot
        return {
            "v": 10,
            "user": payloads.user(bot) | {"mfa_enabled": True, "verified": True},
            "guilds": [
                {"id": str(g.id), "unavailable": True}
                for g in self._world.guilds.values()
                if g.has_bot
            ],
            "private_channels": [],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.address,
            "shard": [0, 1],
            "application": {"id": str(bot.id), "flags": 0},
        }

    async def _resume(self, socket, data) -> Session | None:
        session = self.sessions.get(data["session_id"])
        if session is None or data["token"] != self._world.token:
            await _send(socket, {"op": INVALID_SESSION, "d": False})
            return None
        for event in session.events[data["seq"] :]:
            await _send(socket, event)
        session.socket = socket
        self.resumed += 1
        await session.send("RESUMED", {})
        self._world.touch()
        return session


async def _send(socket: web.WebSocketResponse, event: dict[str, Any]) -> None:
    # The socket may be going; the event stays in the session.
    with suppress(ConnectionError):
        await socket.send_str(json.dumps(event))
