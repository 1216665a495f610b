"""The sections of POLICY_FILE, each read to its value. Pure.

A section gives what of it is right and notes what is wrong; who reads the whole file
decides what follows.
"""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from bot.domain.people import Platform
from bot.domain.request import MagicPrompt
from bot.policy.budgets import WARN_AT, Budget, Each, Period
from bot.policy.moderation import Content, Unsafe, fold
from bot.policy.permissions import Limit
from bot.policy.policy import Approval, CallbackRule, Defaults
from bot.policy.tables import Table
from bot.policy.who import Selector

Read = Callable[[str], str]  # as people type it: as records have it, or WrongInput
Word = TypeVar("Word", bound=StrEnum)

_USER = re.compile(r"(slack|discord|web|terminal):[^\s:]+")
_CHANNEL = re.compile(r"(slack|discord):[A-Za-z0-9]+")
_MOST = 1_000_000


def read_who(table: Table) -> Selector:
    """Read whom a table is about; Discord's roles and Slack's user groups are groups."""
    return Selector(
        platform=word(table, "platform", Platform),
        workspaces=ids(table, "workspaces"),
        channels=ids(table, "channels"),
        users=ids(table, "users"),
        groups=ids(table, "groups") | ids(table, "roles"),
    )


def read_limit(table: Table, read_model: Read, read_size: Read) -> Limit:
    """Read one of [[limits]]."""
    limit = Limit(
        who=read_who(table),
        models=_each(table, "models", read_model, shape="a list of models"),
        sizes=_each(table, "sizes", read_size, shape="a list like 16:9, 1024x1024"),
        count=table.number("count", most=8, noun="pictures"),
        pictures_an_hour=table.number("pictures_an_hour", most=_MOST, noun="pictures"),
        batches=table.switch("batches") is not False,
        callbacks=table.switch("callbacks") is not False,
    )
    table.close()
    return limit


def read_budget(table: Table) -> Budget:
    """Read one of [[budgets]]."""
    table.require("usd", shape="an amount in US dollars, like 20 or 2.50")
    table.require("per", shape="day, week or month")
    budget = Budget(
        limit=_amount(table, "usd") or Decimal(0),
        per=word(table, "per", Period) or Period.MONTH,
        each=word(table, "each", Each) or Each.ALL,
        who=read_who(table),
        warn_at=_share(table, "warn_at") or WARN_AT,
        raised_by=table.text("raised_by", shape="who can raise it, in words") or "",
    )
    if budget.each is Each.ROLE and not budget.who.groups:
        table.complain(
            "groups", "It is missing.", "Name the groups or roles that share."
        )
    table.close()
    return budget


def read_content(table: Table) -> Content:
    """Read [content]."""
    content = Content(
        blocked_words=tuple(
            _list(
                table, "blocked_words", shape="a list of words", is_right=_has_letters
            )
        ),
        blocked_patterns=_patterns(table),
        suffix=table.text("suffix", shape="words to stand behind every prompt") or "",
        magic=_magic(table),
        unsafe=word(table, "unsafe", Unsafe) or Unsafe.DROP,
    )
    table.close()
    return content


def read_approval(table: Table) -> Approval:
    """Read one of [[approval]]."""
    table.require("moderators", shape="a channel, like slack:C012 or discord:123")
    channel = table.read(
        "moderators",
        str,
        lambda text: text if _CHANNEL.fullmatch(text) else None,
        shape="a channel, like slack:C012 or discord:123",
    )
    platform, _, channel_id = (channel or "slack:none").partition(":")
    who = read_who(table)
    if channel and who.platform not in {None, platform}:
        table.complain(
            "moderators",
            f"It should be a channel in {who.platform}, as platform says.",
            "A picture is approved on the platform it was asked for on.",
        )
    approval = Approval(who=who, platform=Platform(platform), channel_id=channel_id)
    table.close()
    return approval


def read_callbacks(table: Table, read_url: Read) -> CallbackRule:
    """Read one of [[callbacks]]."""
    rule = CallbackRule(
        who=read_who(table),
        url=table.read("url", str, read_url, shape="an https address"),
        may_ask=table.switch("allowed") is True,
    )
    table.close()
    return rule


def read_defaults(table: Table, read_flags: Read) -> Defaults:
    """Read one of [[defaults]]."""
    table.require("flags", shape='flags as people type them, like "--ar 16:9"')
    defaults = Defaults(
        who=read_who(table),
        flags=table.read("flags", str, read_flags, shape="flags, like --ar 16:9") or "",
    )
    table.close()
    return defaults


def admins(top: Table) -> frozenset[str]:
    """Read the list `admins` at the top of the file."""
    return frozenset(
        _list(
            top,
            "admins",
            shape="a list like slack:U012, discord:123",
            is_right=lambda one: _USER.fullmatch(one) is not None,
        )
    )


def ids(table: Table, key: str) -> frozenset[str]:
    """Read a list of ids."""
    return frozenset(_list(table, key, shape="a list of ids in quotes"))


def word(table: Table, key: str, words: type[Word]) -> Word | None:
    """Read one of *words*."""
    return table.read(
        key,
        str,
        lambda text: (
            words(text.strip().lower()) if text.strip().lower() in {*words} else None
        ),
        shape=f"one of {', '.join(words)}",
    )


def _list(
    table: Table,
    key: str,
    *,
    shape: str,
    is_right: Callable[[str], bool] = lambda one: bool(one.strip()),
) -> list[str]:
    def convert(value: list[Any]) -> list[str] | None:
        right = all(isinstance(one, str) and is_right(one) for one in value)
        return [one.strip() for one in value] if right else None

    return table.read(key, list, convert, shape=shape) or []


def _has_letters(word: str) -> bool:
    return any(char.isalnum() for char in fold(word))


def _each(table: Table, key: str, read: Read, *, shape: str) -> frozenset[str] | None:
    def convert(value: list[Any]) -> frozenset[str] | None:
        if not all(isinstance(one, str) for one in value):
            return None
        return frozenset(read(one) for one in value)

    return table.read(key, list, convert, shape=shape)


def _amount(table: Table, key: str) -> Decimal | None:
    value = table.any(key)
    if value is None:
        return None
    try:
        amount = Decimal(str(value)) if type(value) in {int, float, str} else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or not 0 <= amount <= _MOST:
        table.complain(key, f"It should be dollars from 0 to {_MOST}.", "Correct it.")
        return None
    return amount


def _share(table: Table, key: str) -> Decimal | None:
    return table.read(
        key,
        float,
        lambda value: Decimal(str(value)) if 0 < value <= 1 else None,
        shape="a part of the whole, like 0.8",
    )


def _patterns(table: Table) -> tuple[re.Pattern[str], ...]:
    def convert(value: list[Any]) -> tuple[re.Pattern[str], ...] | None:
        try:
            return tuple(re.compile(one, re.IGNORECASE) for one in value)
        except (re.error, TypeError):
            return None

    shape = "a list of regular expressions as Python has them"
    return table.read("blocked_patterns", list, convert, shape=shape) or ()


def _magic(table: Table) -> tuple[MagicPrompt, ...]:
    names = {option.value.lower(): option for option in MagicPrompt}

    def convert(value: list[Any]) -> tuple[MagicPrompt, ...] | None:
        right = value and all(isinstance(o, str) and o.lower() in names for o in value)
        return tuple(names[one.lower()] for one in value) if right else None

    shape = f"a list of some of {', '.join(names)}"
    return table.read("magic", list, convert, shape=shape) or tuple(MagicPrompt)
