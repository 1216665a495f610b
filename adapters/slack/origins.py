"""Who asked, where, and which event it was, from the payloads Slack sends.

An event's id is the same when Slack sends the event again, and for the two events
(`message`, `app_mention`) of one message.
"""

import json
from collections.abc import Mapping
from typing import Any

from adapters.slack.groups import KnownGroups
from adapters.slack.identity import Identity
from adapters.slack.places import KnownPlaces
from bot.chat.commands import Origin
from bot.domain.people import Person, Place, Platform, Visibility

Payload = Mapping[str, Any]
NAME = "name"  # in a return address: what Slack calls the person


class Origins:
    """Reads origins; learns about channels on the way."""

    def __init__(
        self,
        *,
        identity: Identity,
        places: KnownPlaces,
        groups: KnownGroups | None = None,
    ) -> None:
        self._identity = identity
        self._places = places
        self._groups = groups or KnownGroups()

    def of_slash(self, body: Payload) -> Origin:
        """Read a slash command."""
        channel = str(body["channel_id"])
        team = self._team(body.get("team_id"))
        visibility = self._places.by_name(channel, str(body.get("channel_name") or ""))
        return Origin(
            event_id=str(body["trigger_id"]),
            person=_person(team, body["user_id"]),
            place=_place(team, channel, None, visibility),
            return_address=_address(
                "command", body.get("response_url"), name=body.get("user_name")
            ),
            groups=self._groups.of(str(body["user_id"])),
        )

    def of_event(self, body: Payload) -> Origin:
        """Read what somebody said, or an event about the bot's own membership."""
        event = body["event"]
        channel = str(event["channel"])
        team = self._team(body.get("team_id"))
        moment = event.get("ts") or event.get("event_ts") or ""
        visibility = self._places.by_event(channel, event.get("channel_type"))
        return Origin(
            event_id=f"{channel}:{moment}",
            person=_person(team, event.get("user") or ""),
            place=_place(team, channel, event.get("thread_ts"), visibility),
            return_address=_address("message", None),
            groups=self._groups.of(str(event.get("user") or "")),
        )

    def of_press(self, body: Payload) -> Origin:
        """Read a button or a message shortcut."""
        channel = str(body["channel"]["id"])
        name = str(body["channel"].get("name") or "")
        team = self._team((body.get("team") or {}).get("id"))
        message = body.get("message") or {}
        container = body.get("container") or {}
        thread = container.get("thread_ts") or message.get("thread_ts")
        if thread == message.get("ts"):
            thread = None  # the first message of a thread stands in the channel itself
        return Origin(
            event_id=str(body["trigger_id"]),
            person=_person(team, body["user"]["id"]),
            place=_place(team, channel, thread, self._places.by_name(channel, name)),
            return_address=_address(
                "press", body.get("response_url"), name=body["user"].get("name")
            ),
            groups=self._groups.of(str(body["user"]["id"])),
        )

    def of_form(self, body: Payload) -> Origin:
        """Read a modal that was sent; it knows its place from when it was opened."""
        view = body["view"]
        place = read_metadata(view)
        team = self._team((body.get("team") or {}).get("id"))
        return Origin(
            event_id=f"{view['id']}:{view.get('hash', '')}",
            person=_person(team, body["user"]["id"]),
            groups=self._groups.of(str(body["user"]["id"])),
            place=_place(
                team,
                place["channel"],
                place.get("thread"),
                Visibility(place["visibility"]),
            ),
            return_address=_address(
                "form", place.get("response_url"), name=body["user"].get("name")
            ),
        )

    def _team(self, given: object) -> str:
        return str(given or self._identity.team_id)


def write_metadata(
    place: Place, record_id: str = "", *, response_url: str | None = None
) -> str:
    """Give what a modal keeps, to know its picture and place when it is sent.

    With *response_url* the answer comes where the modal was asked for.
    """
    kept = {
        "record": record_id,
        "channel": place.channel_id,
        "thread": place.thread_id,
        "visibility": place.visibility.value,
    }
    if response_url:
        kept["response_url"] = response_url
    return json.dumps(kept)


def read_metadata(view: Payload) -> dict[str, str]:
    """Read what `write_metadata` gave."""
    return dict(json.loads(view["private_metadata"]))


def _person(team: str, user_id: object) -> Person:
    return Person(platform=Platform.SLACK, workspace_id=team, user_id=str(user_id))


def _place(team: str, channel: str, thread: object, visibility: Visibility) -> Place:
    return Place(
        platform=Platform.SLACK,
        workspace_id=team,
        channel_id=channel,
        thread_id=str(thread) if thread else None,
        visibility=visibility,
    )


def _address(kind: str, response_url: object, *, name: object = None) -> dict[str, str]:
    """Give how to answer; the name is for the picture, where a mention would ping."""
    address = {"kind": kind, "response_url": response_url, NAME: name}
    return {key: str(value) for key, value in address.items() if value}
