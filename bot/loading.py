"""The settings read and checked: all of them right, or every problem at once.

`load_settings` gives them, or raises one ConfigError. No problem repeats a value, since any
value may hold a secret.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bot.domain.models import RouteName
from bot.errors import ConfigError, Problem
from bot.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """Something that must hold; `reads` are the fields that must be right to tell."""

    reads: tuple[str, ...]
    is_broken: Callable[[Settings], object]
    problem: Problem


_NO_KEY = _Rule(
    reads=("ideogram_api_key", "ideogram_route"),
    is_broken=lambda s: (
        s.ideogram_api_key is None and s.ideogram_route is not RouteName.SANDBOX
    ),
    problem=Problem(
        "IDEOGRAM_API_KEY",
        "The key for Ideogram is missing.",
        "Make one at https://ideogram.ai/manage-api (for another route: at that "
        "service), or set IDEOGRAM_ROUTE=sandbox to draw simulated pictures.",
    ),
)
_NO_FRONT_END = _Rule(
    reads=("slack_bot_token", "discord_token"),
    is_broken=lambda s: (
        not (
            s.slack_bot_token
            or s.slack_app_token
            or s.slack_signing_secret
            or s.discord_token
        )
    ),
    problem=Problem(
        "SLACK_BOT_TOKEN, DISCORD_TOKEN",
        "There is neither Slack nor Discord to serve.",
        "Set the tokens of one of them (see README), or try the bot without any "
        "account: ideogram-bot sandbox.",
    ),
)
_SLACK = (
    _Rule(
        reads=("slack_app_token", "slack_bot_token"),
        is_broken=lambda s: s.slack_app_token and not s.slack_bot_token,
        problem=Problem(
            "SLACK_BOT_TOKEN",
            "SLACK_APP_TOKEN is set, but the bot's own token is missing.",
            "Copy it from the Slack app's page OAuth & Permissions; it begins with xoxb-.",
        ),
    ),
    _Rule(
        reads=("slack_signing_secret", "slack_app_token", "slack_bot_token"),
        is_broken=lambda s: (
            s.slack_signing_secret and not s.slack_bot_token and not s.slack_app_token
        ),
        problem=Problem(
            "SLACK_BOT_TOKEN",
            "SLACK_SIGNING_SECRET is set, but the bot's own token is missing.",
            "Copy it from the Slack app's page OAuth & Permissions; it begins with xoxb-.",
        ),
    ),
    _Rule(
        reads=("slack_bot_token", "slack_app_token", "slack_signing_secret"),
        is_broken=lambda s: (
            s.slack_bot_token and not s.slack_app_token and not s.slack_signing_secret
        ),
        problem=Problem(
            "SLACK_APP_TOKEN",
            "SLACK_BOT_TOKEN is set, but not how Slack reaches the bot.",
            "Set SLACK_APP_TOKEN (xapp-…) for Socket Mode, or SLACK_SIGNING_SECRET "
            "for HTTP.",
        ),
    ),
)
_ALERTS = (
    _Rule(
        reads=("alert_to", "slack_bot_token"),
        is_broken=lambda s: (
            (s.alert_to or "").startswith("slack:") and not s.slack_bot_token
        ),
        problem=Problem(
            "ALERT_TO",
            "It names a channel in Slack, but Slack is not set up.",
            "Set SLACK_BOT_TOKEN and what belongs to it, or name another place.",
        ),
    ),
    _Rule(
        reads=("alert_to", "discord_token"),
        is_broken=lambda s: (
            (s.alert_to or "").startswith("discord:") and not s.discord_token
        ),
        problem=Problem(
            "ALERT_TO",
            "It names a channel in Discord, but Discord is not set up.",
            "Set DISCORD_TOKEN, or name another place.",
        ),
    ),
    _Rule(
        reads=("alert_to", "callback_allow_private"),
        is_broken=lambda s: (
            (s.alert_to or "").startswith("http://") and not s.callback_allow_private
        ),
        problem=Problem(
            "ALERT_TO",
            "Its address does not begin with https://.",
            "Correct it, or set CALLBACK_ALLOW_PRIVATE=true to allow http.",
        ),
    ),
)


def load_settings(
    overrides: Mapping[str, str] | None = None,
    *,
    needs_ideogram: bool = True,
    needs_front_end: bool = False,
    check: Callable[[Settings], Problem | None] = lambda _: None,
) -> Settings:
    """Read the settings; *overrides* (variable to text) win, an empty one is the default.

    *check* finds what only the caller can tell, as one more problem.
    Raises: ConfigError with every problem there is.
    """
    settings, found = inspect_settings(
        overrides,
        needs_ideogram=needs_ideogram,
        needs_front_end=needs_front_end,
        check=check,
    )
    if found:
        raise ConfigError(found)
    return settings


def inspect_settings(
    overrides: Mapping[str, str] | None = None,
    *,
    needs_ideogram: bool = True,
    needs_front_end: bool = False,
    check: Callable[[Settings], Problem | None] = lambda _: None,
) -> tuple[Settings, list[Problem]]:
    """Read the settings as load_settings does; give every problem beside them.

    What is wrong has its default. Raises: ConfigError (`.env` cannot be read).
    """
    given = {name.lower(): text for name, text in (overrides or {}).items()}
    rules = [*_SLACK]
    rules += [_NO_KEY] if needs_ideogram else []
    rules += [_NO_FRONT_END, *_ALERTS] if needs_front_end else []
    try:
        settings, problems = _read(given)
    except UnicodeDecodeError as error:
        problem = Problem(".env", "The file is no text in UTF-8.", "Save it as UTF-8.")
        raise ConfigError([problem]) from error
    found = [*problems.values(), *_broken(rules, settings, wrong=set(problems))]
    if further := check(settings):
        found.append(further)
    return settings, found


def _read(given: Mapping[str, Any]) -> tuple[Settings, dict[str, Problem]]:
    """Give the settings with the default for each wrong field, and what is wrong."""
    try:
        return Settings(**given), {}
    except ValidationError as error:
        wrong = {str(item["loc"][0]) for item in error.errors()}
    settings = Settings(**{**given, **dict.fromkeys(wrong, "")})
    return settings, {name: _misshapen(name) for name in sorted(wrong)}


def _misshapen(name: str) -> Problem:
    field = Settings.model_fields[name]
    default = " for the default" if field.get_default() else ""
    return Problem(
        name.upper(),
        f"It should be {field.description}.",
        f"Correct it, or remove it{default}.",
    )


def _broken(
    rules: Collection[_Rule], settings: Settings, *, wrong: set[str]
) -> Iterator[Problem]:
    for rule in rules:
        if wrong.isdisjoint(rule.reads) and rule.is_broken(settings):
            yield rule.problem
