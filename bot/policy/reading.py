"""POLICY_FILE: its text to a Policy, or one error that lists every problem. Pure.

A section is a name in SECTIONS and a line in `read_policy`; its reader is in sections.py.
"""

import tomllib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from bot.domain.people import Platform
from bot.errors import ConfigError, Problem
from bot.policy.moderation import Content
from bot.policy.permissions import Permissions
from bot.policy.policy import Policy
from bot.policy.retention import RetentionRule
from bot.policy.sections import (
    Read,
    admins,
    read_approval,
    read_budget,
    read_callbacks,
    read_content,
    read_defaults,
    read_limit,
    read_who,
    word,
)
from bot.policy.tables import Table, remedy
from bot.policy.who import Selector

Value = TypeVar("Value")
SECTIONS = (
    "admins",
    "allowed",
    "limits",
    "budgets",
    "content",
    "approval",
    "callbacks",
    "defaults",
    "retention",
    "audit",
)
_MAX_DAYS = 36500


def read_policy(
    text: str,
    *,
    read_model: Read,
    read_size: Read = str.strip,
    read_flags: Read = str.strip,
    read_url: Read = str.strip,
) -> Policy:
    """Give the policy that *text* describes. Raises: ConfigError.

    The readers take single values as people type them and raise WrongInput for what is
    none: a model, a ratio or resolution, flags, the address of a callback.
    """
    problems: list[Problem] = []
    content = _parse(text)
    sections = _Sections(content, problems)
    sections.refuse_unknown()
    policy = Policy(
        permissions=Permissions(
            admins=admins(sections.top),
            allowed=sections.one("allowed", _allowed, Selector()),
            limits=sections.many(
                "limits", lambda table: read_limit(table, read_model, read_size)
            ),
        ),
        budgets=sections.many("budgets", read_budget),
        content=sections.one("content", read_content, Content()),
        approvals=sections.many("approval", read_approval),
        callbacks=sections.many(
            "callbacks", lambda table: read_callbacks(table, read_url)
        ),
        defaults=sections.many(
            "defaults", lambda table: read_defaults(table, read_flags)
        ),
        retention=sections.many(
            "retention", lambda table: _retention_rule(table, read_model)
        ),
        audits_prompts=sections.one("audit", _audit, default=False),
    )
    if problems:
        raise ConfigError(problems)
    return policy


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = str(error).partition("(at ")[2].rstrip(")")
        problem = Problem(
            "POLICY_FILE",
            f"It is no TOML: something is wrong at {told or 'its end'}.",
            "Correct it; https://toml.io shows how TOML is written.",
        )
        raise ConfigError([problem]) from error


class _Sections:
    """The top of the file: sections of one table, or of many."""

    def __init__(self, content: dict[str, Any], problems: list[Problem]) -> None:
        self._content = content
        self._problems = problems
        self.top = Table(content, where="at the top", problems=problems)

    def one(self, name: str, read: Callable[[Table], Value], default: Value) -> Value:
        """Read `[name]`; *default* where there is none."""
        if name not in self._content:
            return default
        section = self._content[name]
        if not isinstance(section, dict):
            self._complain(name, "It should be a table.", f"Write [{name}].")
            return default
        return read(Table(section, where=name, problems=self._problems))

    def many(self, name: str, read: Callable[[Table], Value]) -> tuple[Value, ...]:
        """Read each `[[name]]`."""
        section = self._content.get(name, [])
        if not isinstance(section, list) or not all(
            isinstance(one, dict) for one in section
        ):
            self._complain(name, "It should be a list of tables.", f"Write [[{name}]].")
            return ()
        return tuple(
            read(Table(one, where=f"{name} {number}", problems=self._problems))
            for number, one in enumerate(section, start=1)
        )

    def refuse_unknown(self) -> None:
        """Note every section that there is none of."""
        for name in self._content:
            if name not in SECTIONS:
                self._complain(
                    name[:40], "There is no such section.", remedy(name, SECTIONS)
                )

    def _complain(self, name: str, expected: str, remedy: str) -> None:
        self._problems.append(Problem(f"POLICY_FILE, {name}", expected, remedy))


def _allowed(table: Table) -> Selector:
    who = read_who(table)
    table.close()
    return who


def _audit(table: Table) -> bool:
    is_on = table.switch("prompts") is True
    table.close()
    return is_on


def _retention_rule(table: Table, read_model: Read) -> RetentionRule:
    table.require("days", shape="a number of days; 0 keeps for ever")
    days = table.number("days", most=_MAX_DAYS, noun="days")
    rule = RetentionRule(
        keep_for=timedelta(days=days) if days else None,
        platform=word(table, "platform", Platform),
        workspace_id=table.text("workspace", shape="the id of a workspace or server"),
        channel_id=table.text("channel", shape="the id of a channel"),
        tag=table.read("tag", str, _tag, shape="a tag"),
        model=table.read("model", str, read_model, shape="a model"),
        is_unsafe=table.switch("unsafe"),
    )
    table.close()
    return rule


def _tag(text: str) -> str | None:
    """Give a tag as records have it: lower-case, single-spaced, without `#`."""
    return " ".join(text.split()).lstrip("# ").lower() or None
