"""Who the bot is, where the gateway is, and its application commands."""

from typing import Any

from aiohttp import web

from tests.fakes.discord import bodies, payloads
from tests.fakes.discord.gateway import Gateway
from tests.fakes.discord.rules import Refused, invalid
from tests.fakes.discord.world import Guild, World


class Account:
    """The routes below /users, /oauth2, /gateway and /applications."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    def routes(self) -> list[web.RouteDef]:
        everywhere = "/applications/{application}/commands"
        in_guild = "/applications/{application}/guilds/{guild}/commands"
        return [
            web.get("/users/@me", self.me),
            web.get("/oauth2/applications/@me", self.application),
            web.get("/applications/@me", self.application),
            web.get("/gateway/bot", self.gateway),
            web.get("/guilds/{guild}", self.guild),
            web.get("/guilds/{guild}/members/{user}", self.member),
            web.get(everywhere, self.commands),
            web.put(everywhere, self.overwrite),
            web.get(in_guild, self.commands),
            web.put(in_guild, self.overwrite),
        ]

    async def me(self, _request: web.Request) -> web.Response:
        return web.json_response(payloads.user(self._world.bot) | {"verified": True})

    async def application(self, _request: web.Request) -> web.Response:
        bot = self._world.bot
        return web.json_response(
            {
                "id": str(bot.id),
                "name": bot.name,
                "icon": None,
                "description": "",
                "bot_public": True,
                "bot_require_code_grant": False,
                "verify_key": "0" * 64,
                "flags": 1 << 19 if self._world.has_message_content else 0,
                "owner": payloads.user(bot),
                "summary": "",
            }
        )

    async def gateway(self, _request: web.Request) -> web.Response:
        limit = {
            "total": 1000,
            "remaining": 999,
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        }
        return web.json_response(
            {
                "url": self._gateway.address,
                "shards": 1,
                "session_start_limit": limit,
            }
        )

    def _guild(self, request: web.Request) -> Guild:
        known = self._world.guilds.get(int(request.match_info["guild"]))
        if known is None or not known.has_bot:
            raise Refused(404, 10004)
        return known

    async def guild(self, request: web.Request) -> web.Response:
        return web.json_response(payloads.guild(self._guild(request), self._world))

    async def member(self, request: web.Request) -> web.Response:
        self._guild(request)
        if request.match_info["user"] != str(self._world.bot.id):
            raise Refused(404, 10007)
        return web.json_response(payloads.member(self._world.bot))

    def _key(self, request: web.Request) -> int | None:
        if request.match_info["application"] != str(self._world.bot.id):
            raise Refused(403, 50001)
        guild = request.match_info.get("guild")
        if guild is None:
            return None
        known = self._world.guilds.get(int(guild))
        if known is None or not known.has_bot:
            raise Refused(403, 50001)
        return int(guild)

    async def commands(self, request: web.Request) -> web.Response:
        return web.json_response(self._world.commands.get(self._key(request), []))

    async def overwrite(self, request: web.Request) -> web.Response:
        key = self._key(request)
        given = (await bodies.read(request)).json
        names = [(c.get("type", 1), c["name"]) for c in given]
        if len(set(names)) != len(names):
            raise invalid("two commands of one name")
        before = {
            (c["type"], c["name"]): c["id"] for c in self._world.commands.get(key, [])
        }
        kept = [self._command(c, key, before) for c in given]
        self._world.commands[key] = kept
        self._world.touch()
        return web.json_response(kept)

    def _command(self, given, guild: int | None, before) -> dict[str, Any]:
        kind = given.get("type", 1)
        if kind == 1:
            _check_slash(given)
        made = {
            "id": before.get((kind, given["name"]), str(self._world.next_id())),
            "application_id": str(self._world.bot.id),
            "version": str(self._world.next_id()),
            "type": kind,
            "description": "",
            "default_member_permissions": None,
            "nsfw": False,
        }
        if guild is not None:
            made["guild_id"] = str(guild)
        return made | given


def _check_slash(given: dict[str, Any]) -> None:
    if not 1 <= len(given["description"]) <= 100:
        raise invalid("description: 1 to 100 characters")
    options = given.get("options", [])
    if len(options) > 25:
        raise invalid("options: at most 25")
    for option in options:
        if not 1 <= len(option["description"]) <= 100:
            raise invalid(f"options: description of {option['name']}")
        if len(option.get("choices") or []) > 25:
            raise invalid(f"options: choices of {option['name']}")
