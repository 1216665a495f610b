"""The Slack app's manifest: everything this adapter uses, and no more. Pure.

https://docs.slack.dev/reference/app-manifest
"""

from typing import Any
from urllib.parse import urlsplit

from bot.errors import WrongInput

HTTP_PATH = "/slack/events"
SCOPES = (
    "app_mentions:read",
    "channels:history",  # replies in threads, as messages of public channels
    "channels:join",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",  # files.info: was it shared, and where; files with a batch
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",  # --private
    "mpim:history",
    "mpim:read",
    "usergroups:read",  # rules that name user groups
)
_EVENTS = (
    "app_mention",
    "member_joined_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
)


def manifest(url: str | None) -> dict[str, Any]:
    """Give the manifest for Socket Mode, or for HTTP with the bot at *url*.

    Raises: WrongInput when Slack would refuse the address.
    """
    url = None if url is None else _events_url(url)
    address = {"request_url": url} if url else {}
    command = {
        "command": "/imagine",
        "description": "Draw a picture with Ideogram",
        "usage_hint": "a fox in a suit --ar 16:9 | help",
        "should_escape": False,
    }
    shortcut = {
        "name": "Reproduce this picture",
        "type": "message",
        "callback_id": "reproduce",
        "description": "Draws it again: the same picture",
    }
    return {
        "_metadata": {"major_version": 1},
        "display_information": {
            "name": "Ideogram",
            "description": "Draws pictures, and draws them again",
            "background_color": "#1f2937",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "ideogram", "always_online": True},
            "shortcuts": [shortcut],
            "slash_commands": [command | ({"url": url} if url else {})],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(_EVENTS), **address},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }


def _events_url(url: str) -> str:
    """Give where Slack posts to; *url* may name the server alone or the path, too.

    https://docs.slack.dev/apis/events-api/using-http-request-urls
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise WrongInput(
            f"{url} is no address Slack can post to. Write the bot's public address like "
            "https://bot.example.com; it has to be https."
        )
    return f"{url.rstrip('/').removesuffix(HTTP_PATH)}{HTTP_PATH}"
