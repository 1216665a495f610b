"""What Slack sends to an app, as values. Pure.

Shapes as on docs.slack.dev: slash commands, the Events API, interaction payloads.
"""

from typing import Any

from tests.fakes.slack.model import APP_ID, Channel, Message, View


def slash(
    text: str,
    *,
    team: str,
    user: str,
    channel: Channel,
    trigger_id: str,
    response_url: str,
) -> dict[str, Any]:
    """Give a slash command: `text` begins with the command."""
    command, _, rest = text.partition(" ")
    return {
        "token": "deprecated",
        "team_id": team,
        "team_domain": "loopback",
        "channel_id": channel.id,
        "channel_name": channel.name_in_payloads,
        "user_id": user,
        "user_name": user.lower(),
        "command": command,
        "text": rest,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def event(inner: dict[str, Any], *, team: str, event_id: str) -> dict[str, Any]:
    """Wrap an event for the Events API."""
    return {
        "token": "deprecated",
        "team_id": team,
        "api_app_id": APP_ID,
        "event": inner,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": 1760000000,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": team,
                "user_id": "U0BOT",
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
    }


def message(
    said: Message, *, team: str, channel: Channel, root_user: str | None
) -> dict[str, Any]:
    """Give the `message` event of what a person said."""
    inner = _said(said, team=team) | {
        "type": "message",
        "channel_type": channel.kind,
        "client_msg_id": f"client-{said.ts}",
    }
    return inner | ({"parent_user_id": root_user} if root_user else {})


def app_mention(said: Message, *, team: str) -> dict[str, Any]:
    """Give the `app_mention` event; it has no channel_type."""
    return _said(said, team=team) | {"type": "app_mention"}


def _said(said: Message, *, team: str) -> dict[str, Any]:
    inner = {
        "user": said.user,
        "text": said.text,
        "ts": said.ts,
        "team": team,
        "channel": said.channel,
        "event_ts": said.ts,
    }
    return inner | ({"thread_ts": said.thread_ts} if said.thread_ts else {})


def joined(channel: Channel, *, team: str, user: str, ts: str) -> dict[str, Any]:
    """Give the `member_joined_channel` event."""
    return {
        "type": "member_joined_channel",
        "user": user,
        "channel": channel.id,
        "channel_type": "C" if channel.kind == "channel" else "G",
        "team": team,
        "event_ts": ts,
    }


def press(
    on: Message | None,
    button: dict[str, Any],
    *,
    team: str,
    user: str,
    channel: Channel,
    trigger_id: str,
    response_url: str,
    ts: str,
) -> dict[str, Any]:
    """Give the block_actions payload of a press; *on* is None for a private note."""
    container: dict[str, Any] = {
        "type": "message",
        "message_ts": on.ts if on else ts,
        "channel_id": channel.id,
        "is_ephemeral": on is None,
    }
    if on is not None and on.thread_ts:
        container["thread_ts"] = on.thread_ts
    action = {
        "type": "button",
        "action_id": button["action_id"],
        "block_id": button["block_id"],
        "text": button["text"],
        "value": button.get("value", ""),
        "action_ts": ts,
    }
    payload = _interaction("block_actions", team=team, user=user) | {
        "container": container,
        "trigger_id": trigger_id,
        "channel": {"id": channel.id, "name": channel.name_in_payloads},
        "response_url": response_url,
        "actions": [action],
        "state": {"values": {}},
    }
    if on is not None:
        payload["message"] = _shown(on)
    return payload


def shortcut(
    on: Message,
    *,
    callback_id: str,
    team: str,
    user: str,
    channel: Channel,
    trigger_id: str,
    response_url: str,
) -> dict[str, Any]:
    """Give the payload of a message shortcut."""
    return _interaction("message_action", team=team, user=user) | {
        "action_ts": on.ts,
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "response_url": response_url,
        "message_ts": on.ts,
        "message": _shown(on),
        "channel": {"id": channel.id, "name": channel.name_in_payloads},
    }


def submission(view: View, values: dict[str, Any], *, team: str) -> dict[str, Any]:
    """Give the payload of a modal that was sent; *values* by block id or action id."""
    return _interaction("view_submission", team=team, user=view.user) | {
        "trigger_id": f"{view.id}.trigger",
        "view": view.view
        | {
            "id": view.id,
            "hash": view.hash,
            "team_id": team,
            "app_id": APP_ID,
            "state": {"values": _state(view.view, values)},
        },
        "response_urls": [],
    }


def _state(view: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    state: dict[str, Any] = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        key = element["action_id"]
        filled: dict[str, Any] = {"type": element["type"]}
        if element["type"] == "checkboxes":
            ticked = [option["value"] for option in element.get("initial_options", [])]
            wanted = values.get(block["block_id"], values.get(key, ticked))
            filled["selected_options"] = [
                option for option in element["options"] if option["value"] in wanted
            ]
        elif element["type"] == "file_input":
            filled["files"] = list(values.get(block["block_id"], []))
        else:
            initial = element.get("initial_value")
            filled["value"] = values.get(block["block_id"], values.get(key, initial))
        state[block["block_id"]] = {key: filled}
    return state


def _interaction(kind: str, *, team: str, user: str) -> dict[str, Any]:
    return {
        "type": kind,
        "token": "deprecated",
        "team": {"id": team, "domain": "loopback"},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {"id": user, "username": user.lower(), "team_id": team},
        "api_app_id": APP_ID,
    }


def _shown(on: Message) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "type": "message",
        "user": on.user,
        "ts": on.ts,
        "text": on.text,
        "blocks": on.blocks,
        "files": [{"id": file.id, "name": file.name} for file in on.files],
    }
    return shown | ({"thread_ts": on.thread_ts} if on.thread_ts else {})
