"""What Slack's error codes mean for a person, and what they can do about it. Pure.

Codes are those of the method pages on docs.slack.dev.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.errors import (
    BotError,
    ConfigError,
    PlatformBusy,
    PlatformDown,
    PlatformRefused,
    Problem,
)

_BUSY = ("ratelimited", "rate_limited")
_DOWN = (
    "fatal_error",
    "internal_error",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
)
_BAD_TOKEN = (
    "account_inactive",
    "invalid_auth",
    "not_allowed_token_type",
    "not_authed",
    "token_expired",
    "token_revoked",
)
NOT_IN_PLACE = ("not_in_channel", "channel_not_found")
FILE_GONE = ("file_not_found", "file_deleted", "file_update_failed")
# What is to be deleted is not there any more.
GONE = ("message_not_found", "channel_not_found", "file_not_found", "file_deleted")
_SENTENCES = {
    "is_archived": "The channel is archived, so nothing can be posted there.",
    "posting_to_channel_denied": "This channel does not let apps post pictures. Ask one "
    "of its managers, or draw in another channel.",
    "file_uploads_disabled": "This Slack workspace does not allow files. Ask its admins.",
    "file_type_not_allowed": "This Slack workspace does not allow pictures of this kind. "
    "Ask its admins.",
    "file_upload_size_restricted": "The picture is larger than this Slack workspace "
    "allows. Ask its admins.",
    "cant_delete_message": "Slack does not let the bot delete this message.",
    "cant_delete_file": "Slack does not let the bot delete this file.",
    "storage_limit_reached": "This Slack workspace has no room for files left. Ask its "
    "admins.",
}


class Refused(Exception):
    """Slack's `ok: false`, before it is told to anyone."""

    def __init__(self, *, method: str, code: str, needed: str | None = None) -> None:
        super().__init__(f"{method}: {code}")
        self.method = method
        self.code = code
        self.needed = needed

    def as_error(self) -> PlatformRefused:
        """Give the finished sentence: a final no."""
        return PlatformRefused(self._sentence())

    def _sentence(self) -> str:
        if self.code == "missing_scope":
            return (
                f"The Slack app lacks the scope {self.needed or f'of {self.method}'}. "
                "Its operator has to add it under OAuth & Permissions (the manifest of "
                "`ideogram-bot slack-manifest` has it) and reinstall the app."
            )
        if self.code in _BAD_TOKEN:
            return (
                f"Slack no longer accepts the bot's token ({self.code}). The operator "
                "has to reinstall the app and set SLACK_BOT_TOKEN anew."
            )
        return _SENTENCES.get(self.code) or f"Slack refused it ({self.code})."


def read_failure(
    *, method: str, status: int, body: Mapping[str, Any], headers: Mapping[str, str]
) -> Refused | BotError:
    """Give what an answer that is no success stands for."""
    code = str(body.get("error") or "")
    if status == 429 or code in _BUSY:  # noqa: PLR2004 - too many requests
        return PlatformBusy(
            "Slack asks for patience.", retry_after=_retry_after(headers)
        )
    if not code or code in _DOWN:
        return PlatformDown(f"Slack gave no usable answer ({code or status}).")
    return Refused(method=method, code=code, needed=body.get("needed"))


def _retry_after(headers: Mapping[str, str]) -> timedelta:
    named = {name.lower(): value for name, value in headers.items()}
    try:
        return timedelta(seconds=max(1, int(named["retry-after"])))
    except (KeyError, ValueError):
        return timedelta(seconds=1)


def wrong_token(variable: str, refused: Refused) -> ConfigError:
    """Give the start's error for a token that Slack does not take."""
    kind = "xoxb-" if variable == "SLACK_BOT_TOKEN" else "xapp-"
    remedy = (
        "Copy it anew from the app's page (OAuth & Permissions)."
        if variable == "SLACK_BOT_TOKEN"
        else "Create one with the scope connections:write under Basic Information, and "
        "switch Socket Mode on."
    )
    expected = (
        f"Slack does not accept this token ({refused.code}); it begins with {kind}."
    )
    return ConfigError([Problem(variable, expected, remedy)])
