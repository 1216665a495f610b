"""Interactions: the one first response within 3 s, then edits and follow-ups by token."""

from typing import Any

from aiohttp import web

from tests.fakes.discord import bodies, payloads
from tests.fakes.discord.bodies import Body
from tests.fakes.discord.messages import Messages
from tests.fakes.discord.rules import Refused, check_message, invalid
from tests.fakes.discord.world import EPHEMERAL, LOADING, Interaction, Message, World

MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
_ALLOWED = {
    COMMAND: {MESSAGE, DEFER, MODAL},
    COMPONENT: {MESSAGE, DEFER, DEFER_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL_SUBMIT: {MESSAGE, DEFER, DEFER_UPDATE, UPDATE},
}


class Interactions:
    """The routes below /interactions and /webhooks."""

    def __init__(self, world: World, messages: Messages) -> None:
        self._world = world
        self._messages = messages

    def routes(self) -> list[web.RouteDef]:
        hook = "/webhooks/{application}/{token}"
        return [
            web.post("/interactions/{id}/{token}/callback", self.respond),
            web.post(hook, self.follow_up),
            web.get(hook + "/messages/{message}", self.get),
            web.patch(hook + "/messages/{message}", self.edit),
            web.delete(hook + "/messages/{message}", self.delete),
        ]

    async def respond(self, request: web.Request) -> web.Response:
        found = self._world.interactions.get(request.match_info["token"])
        if found is None or str(found.id) != request.match_info["id"]:
            raise Refused(404, 10062)
        body = await bodies.read(request)
        took = self._world.now() - found.created
        if found.response is not None:
            raise Refused(400, 40060)
        if took >= self._world.first_response_within:
            raise Refused(404, 10062)
        kind = body.json["type"]
        if kind not in _ALLOWED[found.kind]:
            raise invalid(
                f"type: {kind} does not answer an interaction of {found.kind}"
            )
        await self._take(found, kind, body)
        found.response = body.json
        found.took = took
        self._world.touch()
        return self._callback_answer(request, found, kind)

    async def _take(self, found: Interaction, kind: int, body: Body) -> None:
        data = body.json.get("data") or {}
        if kind == DEFER:
            flags = self._flags(found, data)
            found.original = self._message(found, Body({}), flags | LOADING)
            found.is_deferred = True
        elif kind == MESSAGE:
            inner = Body(data, body.files)
            check_message(inner, limit=found.size_limit, creates=True)
            found.original = self._message(found, inner, self._flags(found, data))
            await self._show(found.original)
        elif kind in {DEFER_UPDATE, UPDATE}:
            found.original = found.message
            if kind == UPDATE and found.message:
                self._messages.change(found.message, Body(data, body.files))
        elif kind == CHOICES and len(data["choices"]) > 25:
            raise invalid("choices: at most 25")
        elif kind == MODAL:
            _check_modal(data)

    def _flags(self, found: Interaction, data: dict[str, Any]) -> int:
        flags = data.get("flags") or 0
        return flags | EPHEMERAL if found.must_be_ephemeral else flags

    def _message(self, found: Interaction, body: Body, flags: int) -> Message:
        made = self._messages.make(found.channel, body, flags=flags)
        made.is_interaction_response = True
        return made

    async def _show(self, made: Message) -> None:
        if not made.is_ephemeral:
            await self._messages.publish(made)

    def _callback_answer(self, request, found: Interaction, kind: int) -> web.Response:
        if request.query.get("with_response") not in {"1", "true"}:
            return web.Response(status=204)
        answer: dict[str, Any] = {
            "interaction": {"id": str(found.id), "type": found.kind}
        }
        original = found.original
        if original is not None and kind in {MESSAGE, DEFER}:
            answer["interaction"] |= {
                "response_message_id": str(original.id),
                "response_message_loading": kind == DEFER,
                "response_message_ephemeral": original.is_ephemeral,
            }
            shown = payloads.message(original)
            answer["resource"] = {"type": kind, "message": shown}
        return web.json_response(answer)

    # --- by token ----------------------------------------------------------------

    def _by_token(self, request: web.Request) -> Interaction:
        found = self._world.interactions.get(request.match_info["token"])
        if found is None or request.match_info["application"] != str(
            self._world.bot.id
        ):
            raise Refused(404, 10015)
        if self._world.now() - found.created > self._world.token_life:
            raise Refused(401, 50027)
        if found.response is None:
            raise Refused(404, 10015)
        return found

    def _target(self, request: web.Request, found: Interaction) -> Message:
        name = request.match_info["message"]
        own = [found.original, *found.follow_ups]
        for message in own:
            if message is not None and not message.is_deleted:
                if name == "@original" and message is found.original:
                    return message
                if name == str(message.id):
                    return message
        raise Refused(404, 10008)

    async def follow_up(self, request: web.Request) -> web.Response:
        found = self._by_token(request)
        body = await bodies.read(request)
        check_message(body, limit=found.size_limit, creates=True)
        if found.is_deferred and found.original:
            # The first follow-up takes the place of "thinking", privacy and all.
            await self._resolve(found, body)
            return web.json_response(payloads.message(found.original))
        if found.is_user_installed and len(found.follow_ups) >= 5:
            raise Refused(400, 40094)
        made = self._message(found, body, self._flags(found, body.json))
        found.follow_ups.append(made)
        await self._show(made)
        self._world.touch()
        return web.json_response(payloads.message(made))

    async def _resolve(self, found: Interaction, body: Body) -> None:
        assert found.original
        self._messages.change(found.original, body)
        found.is_deferred = False
        found.original.flags &= ~LOADING
        await self._show(found.original)
        self._world.touch()

    async def edit(self, request: web.Request) -> web.Response:
        found = self._by_token(request)
        body = await bodies.read(request)
        target = self._target(request, found)
        check_message(body, limit=found.size_limit, creates=False)
        if target is found.original and found.is_deferred:
            await self._resolve(found, body)
        else:
            self._messages.change(target, body)
        return web.json_response(payloads.message(target))

    async def get(self, request: web.Request) -> web.Response:
        found = self._by_token(request)
        return web.json_response(payloads.message(self._target(request, found)))

    async def delete(self, request: web.Request) -> web.Response:
        self._target(request, self._by_token(request)).is_deleted = True
        self._world.touch()
        return web.Response(status=204)


def _check_modal(data: dict[str, Any]) -> None:
    parts = [c.get("component") or c for c in data["components"]]
    if not 1 <= len(parts) <= 5:
        raise invalid("components: 1 to 5")
    if not 1 <= len(data["title"]) <= 45:
        raise invalid("title: 1 to 45 characters")
    for part in parts:
        value = part.get("value") or ""
        if part["type"] == 4 and len(value) > min(4000, part.get("max_length", 4000)):
            raise invalid("value: at most 4000 characters")
