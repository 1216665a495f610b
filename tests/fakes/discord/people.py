"""What people do: type, press, reply, choose, and read what comes back."""

import secrets
from typing import Any

from tests.fakes.discord import payloads
from tests.fakes.discord.bodies import Upload
from tests.fakes.discord.cdn import attach
from tests.fakes.discord.gateway import Gateway
from tests.fakes.discord.world import (
    DM,
    MIB,
    Channel,
    Interaction,
    Message,
    User,
    World,
)

_KINDS = {str: 3, int: 4, bool: 5, Upload: 11}


class People:
    """The acts of the people of this Discord."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway
        self.installed: dict[str, Any] = {}  # changes to the next interactions

    async def interact(
        self,
        kind: int,
        data: dict[str, Any],
        *,
        user: User,
        channel: Channel,
        message: Message | None = None,
    ) -> Interaction:
        """Make an interaction and tell the bot about it, if it is connected."""
        limit = channel.guild.upload_limit if channel.guild else 10 * MIB
        made = Interaction(
            id=self._world.next_id(),
            token=secrets.token_urlsafe(24),
            kind=kind,
            user=user,
            channel=channel,
            created=self._world.now(),
            data=data,
            message=message,
            **{"size_limit": limit} | self.installed,
        )
        self._world.interactions[made.token] = made
        await self.deliver(made)
        return made

    async def deliver(self, made: Interaction) -> None:
        """Tell the bot (again) about an interaction."""
        shown = payloads.interaction(made, self._world.bot)
        await self._gateway.dispatch("INTERACTION_CREATE", shown)

    async def command(self, name: str, kind: int, channel: Channel) -> dict[str, Any]:
        """Give the command as registered, waiting until it is."""
        guild = channel.guild.id if channel.guild else None

        def find():
            known = [
                *self._world.commands.get(guild, []),
                *self._world.commands.get(None, []),
            ]
            return next(
                (c for c in known if (c["name"], c["type"]) == (name, kind)), None
            )

        return await self._world.until(find)

    async def slash(
        self,
        name: str,
        options: dict[str, Any] | None = None,
        *,
        user: User,
        channel: Channel,
        focused: str | None = None,
    ) -> Interaction:
        command = await self.command(name, 1, channel)
        attached = {
            option: attach(self._world, channel, value.filename, value.content)
            for option, value in (options or {}).items()
            if isinstance(value, Upload)
        }
        ids = {option: value["id"] for option, value in attached.items()}
        given = _options(command, options or {}, focused, ids)
        data = {"id": command["id"], "name": name, "type": 1, "options": given}
        if attached:
            shown = {value["id"]: value for value in attached.values()}
            data["resolved"] = {"attachments": shown}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        kind = 4 if focused else 2
        return await self.interact(kind, data, user=user, channel=channel)

    async def message_command(
        self, name: str, message: Message, *, user: User
    ) -> Interaction:
        command = await self.command(name, 3, message.channel)
        data = {
            "id": command["id"],
            "name": name,
            "type": 3,
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): payloads.message(message)}},
        }
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return await self.interact(2, data, user=user, channel=message.channel)

    async def press(
        self, message: Message, custom_id: str, *, user: User
    ) -> Interaction:
        assert custom_id in message.custom_ids, message.custom_ids
        data = {"custom_id": custom_id, "component_type": 2, "id": 1}
        return await self.interact(
            3, data, user=user, channel=message.channel, message=message
        )

    async def submit_modal(
        self, opened: Interaction, values: dict[str, Any], *, user: User
    ) -> Interaction:
        assert opened.response, "the interaction was not answered"
        assert opened.response["type"] == 9, "no form was opened"
        form = opened.response["data"]
        parts = [_filled(part, values) for part in form["components"]]
        data = {"custom_id": form["custom_id"], "components": parts}
        return await self.interact(
            5, data, user=user, channel=opened.channel, message=opened.message
        )

    async def say(
        self,
        channel: Channel,
        text: str,
        *,
        user: User,
        reference: Message | None = None,
        ping: bool = False,
    ) -> Message:
        made = Message(
            id=self._world.next_id(),
            channel=channel,
            author=user,
            content=text,
            reference=reference,
            mentions=[reference.author] if reference and ping else [],
        )
        bot = self._world.bot
        if f"<@{bot.id}>" in text and bot not in made.mentions:
            made.mentions.append(bot)
        self._world.posted.setdefault(channel.id, []).append(made)
        await self._gateway.dispatch_message("MESSAGE_CREATE", made)
        return made

    def direct(self, user: User) -> Channel:
        channel = self._world.direct_channel(user)
        assert channel.kind == DM
        return channel


def _options(
    command, given: dict[str, Any], focused: str | None, ids: dict[str, Any]
) -> list[Any]:
    known = {o["name"]: o for o in command.get("options", [])}
    required = {n for n, o in known.items() if o.get("required")}
    assert focused or required <= given.keys(), f"missing: {required - given.keys()}"
    made = []
    for name, value in given.items():
        option = known[name]
        assert option["type"] == _KINDS[type(value)], (name, option)
        allowed = [c["value"] for c in option.get("choices") or []]
        assert not allowed or value in allowed, (name, value, allowed)
        assert "min_value" not in option or option["min_value"] <= value
        assert "max_value" not in option or value <= option["max_value"]
        one = {"name": name, "type": option["type"], "value": ids.get(name, value)}
        if name == focused:
            assert option.get("autocomplete"), option
            one["focused"] = True
        made.append(one)
    return made


def _filled(part: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    if part["type"] == 18:
        return {"type": 18, "id": 1, "component": _filled(part["component"], values)}
    if part["type"] == 1:
        inner = [_filled(p, values) for p in part["components"]]
        return {"type": 1, "id": 1, "components": inner}
    before = part.get("value") if part["type"] == 4 else part.get("default", False)
    value = values.get(part["custom_id"], before)
    if part["type"] == 4:
        value = value or ""
        assert len(value) <= part.get("max_length", 4000), "too long for the form"
    return {
        "type": part["type"],
        "id": 2,
        "custom_id": part["custom_id"],
        "value": value,
    }
