"""Messages in channels: post, edit, list, and the making of one from a body."""

import mimetypes
from typing import Any

from aiohttp import web

from tests.fakes.discord import bodies, payloads
from tests.fakes.discord.bodies import Body
from tests.fakes.discord.gateway import Gateway
from tests.fakes.discord.rules import Refused, check_message, invalid
from tests.fakes.discord.world import (
    ATTACH,
    BEGIN_THREAD,
    DM,
    GUILD_TEXT,
    HISTORY,
    MIB,
    PUBLIC_THREAD,
    SEND,
    THREAD_SEND,
    VIEW,
    Attachment,
    Channel,
    Message,
    World,
)

HAS_THREAD = 1 << 5


class Messages:
    """The routes below /channels and /users/@me/channels."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway
        self.closed_to: set[int] = set()  # people who take no direct messages

    def routes(self) -> list[web.RouteDef]:
        one = "/channels/{channel}/messages/{message}"
        return [
            web.post("/channels/{channel}/messages", self.create),
            web.get("/channels/{channel}/messages", self.list),
            web.get(one, self.get),
            web.patch(one, self.edit),
            web.delete(one, self.delete),
            web.post(one + "/threads", self.begin_thread),
            web.post("/channels/{channel}/typing", self.typing),
            web.get("/channels/{channel}", self.channel),
            web.post("/users/@me/channels", self.open_direct),
        ]

    def _channel(self, request: web.Request, needs: int = VIEW) -> Channel:
        channel = self._world.channels.get(int(request.match_info["channel"]))
        if channel is None:
            raise Refused(404, 10003)
        if not channel.bot_permissions & VIEW:
            raise Refused(403, 50001)
        if channel.bot_permissions & needs != needs:
            raise Refused(403, 50013)
        return channel

    def _message(self, request: web.Request) -> Message:
        channel = self._channel(request)
        found = self._world.message(channel.id, int(request.match_info["message"]))
        if found is None or found.is_ephemeral:
            raise Refused(404, 10008)
        return found

    async def create(self, request: web.Request) -> web.Response:
        body = await bodies.read(request)
        channel = self._channel(request)
        sending = THREAD_SEND if channel.parent else SEND
        self._channel(request, sending | (ATTACH if body.files else 0))
        if channel.kind == DM and any(p.id in self.closed_to for p in channel.people):
            raise Refused(403, 50007)
        limit = channel.guild.upload_limit if channel.guild else 10 * MIB
        check_message(body, limit=limit, creates=True)
        if first := self._posted_before(channel, body.json):
            return web.json_response(payloads.message(first))
        made = self.make(channel, body)
        await self.publish(made)
        return web.json_response(
            payloads.message(made) | ({"nonce": made.nonce} if made.nonce else {})
        )

    def _posted_before(self, channel: Channel, data: dict[str, Any]) -> Message | None:
        # resources/message.mdx: "If another message was created by the same author with
        # the same nonce [in the past few minutes], that message will be returned".
        nonce = data.get("nonce")
        if not data.get("enforce_nonce") or nonce is None:
            return None
        for message in self._world.posted.get(channel.id, []):
            age = self._world.now() - (((message.id >> 22) + payloads.EPOCH_MS) / 1000)
            if message.nonce == str(nonce) and age < self._world.nonce_life:
                return message
        return None

    def make(self, channel: Channel, body: Body, *, flags: int = 0) -> Message:
        data = body.json or {}
        made = Message(
            id=self._world.next_id(),
            channel=channel,
            author=self._world.bot,
            content=data.get("content") or "",
            embeds=data.get("embeds") or [],
            components=data.get("components") or [],
            flags=flags | (data.get("flags") or 0),
            nonce=str(data["nonce"]) if data.get("nonce") is not None else None,
            allowed_mentions=data.get("allowed_mentions"),
        )
        made.texts.append(made.content)
        made.attachments = self._uploads(body)
        reference = (data.get("message_reference") or {}).get("message_id")
        if reference is not None:
            made.reference = self._world.message(channel.id, int(reference))
        return made

    def _uploads(self, body: Body) -> list[Attachment]:
        listed = {str(a["id"]): a for a in (body.json or {}).get("attachments") or []}
        return [
            Attachment(
                id=self._world.next_id(),
                filename=upload.filename,
                content=upload.content,
                content_type=mimetypes.guess_type(upload.filename)[0] or "",
                description=listed.get(str(number), {}).get("description"),
            )
            for number, upload in sorted(body.files.items())
        ]

    async def publish(self, made: Message) -> None:
        self._world.posted.setdefault(made.channel.id, []).append(made)
        await self._gateway.dispatch_message("MESSAGE_CREATE", made)
        self._world.touch()

    def change(self, message: Message, body: Body) -> None:
        """Apply a PATCH: what is not named stays as it is."""
        data = body.json or {}
        if "content" in data:
            message.content = data["content"] or ""
            message.texts.append(message.content)
        for name in ("embeds", "components"):
            if name in data:
                setattr(message, name, data[name] or [])
        if "attachments" in data:
            kept = {str(a["id"]) for a in data["attachments"] or []}
            message.attachments = [a for a in message.attachments if str(a.id) in kept]
            body.files = {n: f for n, f in body.files.items() if str(n) in kept}
        message.attachments += self._uploads(body)
        self._world.touch()

    async def edit(self, request: web.Request) -> web.Response:
        body = await bodies.read(request)
        message = self._message(request)
        if message.author is not self._world.bot:
            raise Refused(403, 50013)
        check_message(body, limit=10 * MIB, creates=False)
        self.change(message, body)
        await self._gateway.dispatch_message("MESSAGE_UPDATE", message)
        return web.json_response(payloads.message(message))

    async def begin_thread(self, request: web.Request) -> web.Response:
        body = await bodies.read(request)
        message = self._message(request)
        where = self._channel(request, BEGIN_THREAD)
        if where.kind != GUILD_TEXT:
            raise Refused(400, 50024)
        if not 1 <= len(body.json["name"]) <= 100:
            raise invalid("name: 1 to 100 characters")
        if body.json["auto_archive_duration"] not in {60, 1440, 4320, 10080}:
            raise invalid("auto_archive_duration: one of four")
        # "The id of the created thread will be the same as the id of the source message,
        # and as such a message can only have a single thread created from it."
        if message.id in self._world.channels:
            raise Refused(400, 160004)
        made = Channel(
            id=message.id,
            name=body.json["name"],
            guild=where.guild,
            kind=PUBLIC_THREAD,
            parent=where,
        )
        self._world.channels[made.id] = made
        message.flags |= HAS_THREAD
        shown = payloads.channel(made, self._world.bot)
        await self._gateway.dispatch("THREAD_CREATE", shown | {"newly_created": True})
        self._world.touch()
        return web.json_response(shown, status=201)

    async def get(self, request: web.Request) -> web.Response:
        return web.json_response(payloads.message(self._message(request)))

    async def delete(self, request: web.Request) -> web.Response:
        message = self._message(request)
        # "If operating on a guild channel and trying to delete a message that was not
        # sent by the current user, this endpoint requires MANAGE_MESSAGES."
        if message.author is not self._world.bot:
            raise Refused(403, 50013)
        message.is_deleted = True
        self._world.touch()
        return web.Response(status=204)

    async def list(self, request: web.Request) -> web.Response:
        channel = self._channel(request)
        # "If the current user is missing the READ_MESSAGE_HISTORY permission in the
        # channel, then no messages will be returned."
        if not channel.bot_permissions & HISTORY:
            return web.json_response([])
        limit = int(request.query.get("limit", 50))
        assert 1 <= limit <= 100, request.query
        after = int(request.query.get("after", 0))
        before = int(request.query.get("before", 1 << 63))
        found = [
            m
            for m in self._world.posted.get(channel.id, [])
            if after < m.id < before and not (m.is_deleted or m.is_ephemeral)
        ]
        page = found[:limit] if "after" in request.query else found[-limit:]
        return web.json_response([payloads.message(m) for m in reversed(page)])

    async def typing(self, request: web.Request) -> web.Response:
        self._channel(request, SEND).typing += 1
        self._world.touch()
        return web.Response(status=204)

    async def channel(self, request: web.Request) -> web.Response:
        shown = payloads.channel(self._channel(request), self._world.bot)
        return web.json_response(shown)

    async def open_direct(self, request: web.Request) -> web.Response:
        user_id = int((await bodies.read(request)).json["recipient_id"])
        person = self._world.people.get(user_id)
        if person is None:
            raise Refused(404, 10013)
        channel = self._world.direct_channel(person)
        return web.json_response(payloads.channel(channel, self._world.bot))
