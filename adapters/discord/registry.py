"""Telling Discord which commands there are, when they are not what it knows already."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import app_commands

from adapters.discord import trouble

log = logging.getLogger(__name__)

_REGISTER_WITHIN = 120.0
# What the library always sends and Discord answers in other words.
_NOT_COMPARED = frozenset({"dm_permission", "nsfw", "default_member_permissions"})


async def register(
    tree: app_commands.CommandTree[Any], guild_ids: Sequence[int]
) -> None:
    """Register the commands in each server, or everywhere when none is named.

    A failure is logged: the bot runs on with the commands it had.
    """
    places: list[discord.Object | None] = [discord.Object(i) for i in guild_ids]
    for place in places or [None]:
        where = f"in server {place.id}" if place else "everywhere"
        try:
            if place is not None:
                tree.copy_global_to(guild=place)
            async with asyncio.timeout(_REGISTER_WITHIN):
                if await _is_known(tree, place):
                    continue
                await tree.sync(guild=place)
            log.info("Commands registered %s", where)
        except (*trouble.ANY, ValueError) as error:
            reason = trouble.code(error) or type(error).__name__
            log.warning("Commands could not be registered %s (%s)", where, reason)


async def _is_known(
    tree: app_commands.CommandTree[Any], place: discord.Object | None
) -> bool:
    client = tree.client
    wanted = [
        command.to_dict(tree)
        for command in tree._get_all_commands(guild=place)  # noqa: SLF001 - what sync itself sends
    ]
    application = client.application_id or 0
    if place is None:
        known = await client.http.get_global_commands(application)
    else:
        known = await client.http.get_guild_commands(application, place.id)
    return is_same(wanted, known)


def is_same(wanted: Sequence[Any], known: Sequence[Any]) -> bool:
    """Say whether Discord's list says all that ours does, and names no other command."""
    by_name = {(c["type"], c["name"]): c for c in known}
    names = {(c["type"], c["name"]) for c in wanted}
    return names == by_name.keys() and all(
        _covers(by_name[c["type"], c["name"]], c) for c in wanted
    )


def _covers(known: Any, wanted: Any) -> bool:
    """Say whether *known* has what *wanted* has; what is empty may be left out."""
    match wanted:
        case Mapping():
            return isinstance(known, Mapping) and all(
                _covers(known.get(key), value)
                for key, value in wanted.items()
                if key not in _NOT_COMPARED
            )
        case list() | tuple():
            inside = known or []
            return len(inside) == len(wanted) and all(
                _covers(one, other) for one, other in zip(inside, wanted, strict=True)
            )
        case None | False | "":
            return not known
        case _:
            return bool(known == wanted)
