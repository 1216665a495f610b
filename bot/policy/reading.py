"""POLICY_FILE: its text to a Policy, or one error that lists every problem. Pure.

A section is one function in `_read`, which takes the section as TOML gives it.
"""

import tomllib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.domain.people import Platform
from bot.errors import ConfigError, Problem
from bot.policy.policy import Policy
from bot.policy.retention import RetentionRule
from bot.policy.tables import Table, remedy

ReadModel = Callable[[str], str]  # as people type it: as records have it, or WrongInput

_SECTIONS = ("retention",)
_MAX_DAYS = 36500


def read_policy(text: str, *, read_model: ReadModel) -> Policy:
    """Give the policy that *text* describes. Raises: ConfigError."""
    problems: list[Problem] = []
    content = _parse(text)
    for name in content:
        if name not in _SECTIONS:
            where = Problem(
                f"POLICY_FILE, {name[:40]}",
                "There is no such section.",
                remedy(name, _SECTIONS),
            )
            problems.append(where)
    policy = _read(content, problems, read_model)
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


def _read(
    content: dict[str, Any], problems: list[Problem], read_model: ReadModel
) -> Policy:
    return Policy(
        retention=_retention(content.get("retention", []), problems, read_model)
    )


def _retention(
    section: Any, problems: list[Problem], read_model: ReadModel
) -> tuple[RetentionRule, ...]:
    if not isinstance(section, list) or not all(isinstance(r, dict) for r in section):
        expected = "It should be a list of tables."
        wrong = Problem("POLICY_FILE, retention", expected, "Write [[retention]].")
        problems.append(wrong)
        return ()
    tables = [
        Table(content, where=f"retention {number}", problems=problems)
        for number, content in enumerate(section, start=1)
    ]
    return tuple(_retention_rule(table, read_model) for table in tables)


def _retention_rule(table: Table, read_model: ReadModel) -> RetentionRule:
    table.require("days", shape="a number of days; 0 keeps for ever")
    days = table.number("days", most=_MAX_DAYS, noun="days")
    rule = RetentionRule(
        keep_for=timedelta(days=days) if days else None,
        platform=table.read(
            "platform", str, _platform, shape=f"one of {', '.join(Platform)}"
        ),
        workspace_id=table.text("workspace", shape="the id of a workspace or server"),
        channel_id=table.text("channel", shape="the id of a channel"),
        tag=table.read("tag", str, _tag, shape="a tag"),
        model=table.read("model", str, read_model, shape="a model"),
        is_unsafe=table.switch("unsafe"),
    )
    table.close()
    return rule


def _platform(text: str) -> Platform | None:
    name = text.strip().lower()
    return Platform(name) if name in {*Platform} else None


def _tag(text: str) -> str | None:
    """Give a tag as records have it: lower-case, single-spaced, without `#`."""
    return " ".join(text.split()).lstrip("# ").lower() or None
