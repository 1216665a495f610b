"""What is wrong with Slack: tokens, scopes, channels, clock. Nothing is posted."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.slack.manifest import SCOPES
from adapters.slack.web import SlackWeb
from bot.domain.checkup import Finding, clock, fail, ok, skipped, warn

_TOKEN, _APP, _SCOPES = "Slack bot token", "Slack app token", "Slack scopes"
_SECRET, _CLOCK = "Slack signing secret", "Slack clock"
_ANEW = "Copy it anew from the app's page OAuth & Permissions; it begins with xoxb-."
_INVITE = "Type /invite and the bot's name there, or name another channel."
_REINSTALL = (
    "Add them under OAuth & Permissions (ideogram-bot slack-manifest has them all), then "
    "reinstall the app and copy the new token to SLACK_BOT_TOKEN."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What Slack answered; `error` is its code, `no_answer` when there was none."""

    error: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackDoctor:
    """Looks at one workspace's app; *channels* are those that the settings name."""

    bot_token: str
    app_token: str | None
    has_signing_secret: bool
    base_url: str
    channels: Collection[str]
    now: Callable[[], datetime]

    async def identity(self) -> Sequence[Finding]:
        """Judge the bot's token, its scopes and the clock."""
        said = await self._ask("auth.test", self.bot_token)
        found = [token(said)]
        if said.error is None:
            found.append(scopes(said.headers.get("x-oauth-scopes")))
        if said.headers:
            found.append(clock(_CLOCK, said.headers.get("date"), self.now()))
        return found

    async def transport(self) -> Sequence[Finding]:
        """Judge how Slack reaches the bot: the app's token, the signing secret."""
        found = []
        if self.app_token:
            found.append(app(await self._ask("apps.connections.open", self.app_token)))
        if self.has_signing_secret:
            text = "It is set; whether it is right shows with Slack's first request."
            found.append(skipped(_SECRET, text))
        return found

    async def membership(self) -> Sequence[Finding]:
        """Judge whether the bot is in the channels that the settings name."""
        found = []
        for name in self.channels:
            said = await self._ask("conversations.info", self.bot_token, channel=name)
            found.append(channel(name, said))
        return found

    async def _ask(self, method: str, asked_with: str, **arguments: str) -> Said:
        web = SlackWeb(bot_token=self.bot_token, base_url=self.base_url)
        async with web:
            client = web.make_client(token=asked_with)
            try:
                answer = await client.api_call(method, data=arguments)
            except SlackApiError as error:
                return _refused(error)
            except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError):
                return Said(error="no_answer")
        return Said(body=cast("Any", answer.data), headers=_lower(answer.headers))


def token(said: Said) -> Finding:
    """Judge the bot's token by auth.test. Pure."""
    if said.error is None:
        name, team = said.body.get("user"), said.body.get("team")
        return ok(_TOKEN, f"Signed in as {name} in {team}.")
    if said.error == "no_answer":
        return _no_answer(_TOKEN)
    return fail(_TOKEN, f"Slack does not accept it ({said.error}).", _ANEW)


def scopes(granted: str | None) -> Finding:
    """Judge the token's scopes by the manifest's. Pure."""
    if granted is None:
        return skipped(_SCOPES, "Slack did not tell which the token has.")
    has = {scope.strip() for scope in granted.split(",") if scope.strip()}
    missing = [scope for scope in SCOPES if scope not in has]
    if missing:
        return fail(_SCOPES, f"The token lacks {', '.join(missing)}.", _REINSTALL)
    return ok(_SCOPES, f"The token has all {len(SCOPES)}.")


def app(said: Said) -> Finding:
    """Judge the app's token by apps.connections.open. Pure."""
    if said.error is None:
        return ok(_APP, "Socket Mode opens.")
    if said.error == "no_answer":
        return _no_answer(_APP)
    if said.error == "missing_scope":
        return fail(
            _APP,
            "It lacks the scope connections:write.",
            "Create one with that scope under Basic Information, App-Level Tokens.",
        )
    remedy = (
        "Switch Socket Mode on in the app's settings, and create the token under Basic "
        "Information with the scope connections:write; it begins with xapp-."
    )
    return fail(_APP, f"Slack does not accept it ({said.error}).", remedy)


def channel(name: str, said: Said) -> Finding:
    """Judge one channel by conversations.info. Pure."""
    label = f"Slack channel {name}"
    match said.error:
        case None:
            return _membership(label, said.body.get("channel") or {})
        case "no_answer":
            return _no_answer(label)
        case "channel_not_found":
            text = "There is none, or it is private and the bot is not in it."
            return fail(label, text, _INVITE)
        case code:
            return fail(label, f"Slack does not tell of it ({code}).", _INVITE)


def _membership(label: str, known: Mapping[str, Any]) -> Finding:
    if known.get("is_archived"):
        return fail(label, "It is archived.", "Name another channel.")
    if known.get("is_member") or known.get("is_im"):
        return ok(label, "The bot is in it.")
    if known.get("is_private"):
        return fail(label, "The bot is not in it.", _INVITE)
    return warn(label, "The bot is not in it, and will join by itself.", _INVITE)


def _no_answer(name: str) -> Finding:
    return fail(
        name,
        "Slack cannot be reached.",
        "Check the network, the proxy and SLACK_BASE_URL.",
    )


def _refused(error: SlackApiError) -> Said:
    answer = error.response
    body = answer.data if isinstance(answer.data, dict) else {}
    code = str(body.get("error") or f"status {answer.status_code}")
    return Said(error=code, body=body, headers=_lower(answer.headers))


def _lower(headers: Mapping[str, Any]) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in dict(headers).items()}
