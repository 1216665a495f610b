"""Who asks, and where: a person and a place, on one platform.

Workspaces of different platforms are strangers; so are two Slack teams.
"""

from dataclasses import dataclass
from enum import StrEnum


class Platform(StrEnum):
    """Where a command came from, as the column `platform` spells it."""

    SLACK = "slack"
    DISCORD = "discord"
    WEB = "web"
    TERMINAL = "terminal"


class Visibility(StrEnum):
    """Who may see what is posted in a place.

    A place whose visibility is not known counts as MEMBERS.
    """

    WORKSPACE = "workspace"  # a public channel: everyone in the workspace
    MEMBERS = "members"  # a private channel: those who are in it
    OWNER = "owner"  # a direct or private message: the one who asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One account on one platform; `workspace_id` is the Slack team, Discord server or `local`."""

    platform: Platform
    workspace_id: str
    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel, and the thread in it if there is one."""

    platform: Platform
    workspace_id: str
    channel_id: str
    thread_id: str | None = None
    visibility: Visibility = Visibility.MEMBERS
