"""Whom a rule is about. Pure."""

import hashlib
import json
from dataclasses import dataclass

from bot.domain.people import Person, Place, Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, and where; `groups` are Slack's user groups or Discord's roles, by id."""

    person: Person
    place: Place
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Fits whoever is among all that is named; what is empty does not matter."""

    platform: Platform | None = None
    workspaces: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    @property
    def digest(self) -> str:
        """Give a short name that is the same whenever the same are named."""
        named = [sorted(getattr(self, name)) for name in _LISTS]
        told = json.dumps([self.platform, *named])
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    def fits(self, asker: Asker) -> bool:
        """Say whether a rule for these is about *asker*."""
        person, place = asker.person, asker.place
        return (
            self.platform in {None, person.platform}
            and (not self.workspaces or person.workspace_id in self.workspaces)
            and (not self.channels or place.channel_id in self.channels)
            and (not self.users or person.user_id in self.users)
            and (not self.groups or not self.groups.isdisjoint(asker.groups))
        )


_LISTS = ("workspaces", "channels", "users", "groups")
EVERYONE = Selector()
