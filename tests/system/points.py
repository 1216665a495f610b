"""The scripted points at which the bot is killed, over all steps of a job."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.system import asking
from tests.system.asking import Ask
from tests.system.tap import FILES, Phase

ASKED, HALF_ASKED, DONE = Phase.ASKED, Phase.HALF_ASKED, Phase.DONE
HALF_TOLD, TOLD = Phase.HALF_TOLD, Phase.TOLD


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request of the bot's, by its name in the ids of the tests."""

    name: str
    to: str
    method: str = "POST"
    path: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """Asked *ask*, killed at *what* (the *nth* time) and, if given, again at *then*.

    *calls* are what Ideogram may have received in all, *attempts* what the record may
    say. *is_held* keeps Ideogram from being reached before the kill. *later_s* is how
    much later it is for Discord at the next start.
    """

    ask: Ask
    what: Request
    phase: Phase
    nth: int = 1
    then: tuple[Request, Phase] | None = None
    calls: tuple[int, ...] = (1,)
    attempts: tuple[int, ...] = (1,)
    is_held: bool = False
    later_s: int = 0

    @property
    def id(self) -> str:
        count = f" {self.nth}" if self.nth > 1 else ""
        then = f" then {self.then[0].name} {self.then[1]}" if self.then else ""
        name = self.ask.__name__.replace("_", " ")
        when = " while drawing" if self.is_held else ""
        when += " and later" if self.later_s else ""
        return f"{name}: {self.what.name}{count} {self.phase}{then}{when}"


_API = "/api/v10"
_HOOK = f"{_API}/webhooks/[^/]+/[^/]+"
GENERATE = Request(name="generate", to="ideogram", path="/generate")
DOWNLOAD = Request(name="download", to="ideogram", method="GET", path="/api/images/.*")
UPLOAD_URL = Request(
    name="upload URL", to="slack", path="/api/files.getUploadURLExternal"
)
UPLOAD = Request(name="upload", to="slack", path="/upload/.*")
COMPLETE = Request(
    name="complete", to="slack", path="/api/files.completeUploadExternal"
)
FILE_INFO = Request(name="file info", to="slack", path="/api/files.info")
JOIN = Request(name="join", to="slack", path="/api/conversations.join")
OPEN_DIRECT = Request(name="open", to="slack", path="/api/conversations.open")
SLACK_NOTE = Request(name="note", to="slack", path="/commands/.*")
RESPONSE = Request(
    name="response", to="discord", path=f"{_API}/interactions/.*/callback"
)
MESSAGE = Request(
    name="message", to="discord", path=f"{_API}/channels/\\d+/messages{FILES}"
)
HISTORY = Request(
    name="history",
    to="discord",
    method="GET",
    path=f"{_API}/channels/\\d+/messages",
)
NOTE = Request(
    name="note", to="discord", method="PATCH", path=f"{_HOOK}/messages/@original"
)
FILLED_NOTE = Request(
    name="filled note",
    to="discord",
    method="PATCH",
    path=f"{_HOOK}/messages/@original{FILES}",
)
FOLLOW_UP = Request(name="follow-up", to="discord", path=_HOOK)
FILLED_FOLLOW_UP = Request(
    name="filled follow-up",
    to="discord",
    method="PATCH",
    path=f"{_HOOK}/messages/\\d+{FILES}",
)


def cases() -> list[Case]:
    """Give every point."""
    return [*_of_drawing(), *_of_keeping(), *_of_slack(), *_of_discord()]


def _of_drawing() -> list[Case]:
    # A kill before the answer is written down: the call is repeated and counted.
    ends: Mapping[Phase, Mapping[str, Any]] = {
        ASKED: {"calls": (1,), "attempts": (2,)},
        HALF_ASKED: {"calls": (1,), "attempts": (2,)},
        DONE: {"calls": (2,), "attempts": (2,)},
        HALF_TOLD: {"calls": (2,), "attempts": (2,)},
        TOLD: {"calls": (1, 2), "attempts": (1, 2)},
    }
    asks = (asking.in_slack, asking.in_discord)
    made = [
        Case(ask=ask, what=GENERATE, phase=phase, **expected)
        for ask in asks
        for phase, expected in ends.items()
    ]
    # The private notes are shown while the call is under way.
    early = {"is_held": True, "attempts": (1, 2)}
    made += [
        Case(ask=asking.in_discord, what=RESPONSE, phase=phase, **early)
        for phase in (ASKED, DONE, TOLD)
    ]
    made += [
        Case(ask=asking.in_discord, what=NOTE, phase=phase, **early)
        for phase in (ASKED, DONE)
    ]
    return [*made, Case(ask=asking.in_slack, what=SLACK_NOTE, phase=DONE, **early)]


def _of_keeping() -> list[Case]:
    made = _each(asking.in_slack, DOWNLOAD, (ASKED, DONE, HALF_TOLD, TOLD))
    made += _each(asking.in_discord, DOWNLOAD, (ASKED, DONE, HALF_TOLD, TOLD))
    return [
        *made,
        Case(ask=asking.two_in_slack, what=DOWNLOAD, phase=HALF_TOLD, nth=2),
        Case(
            ask=asking.in_discord,
            what=DOWNLOAD,
            phase=HALF_TOLD,
            then=(DOWNLOAD, TOLD),
        ),
    ]


def _of_slack() -> list[Case]:
    ask, private = asking.in_slack, asking.in_slack_privately
    made = [
        *_each(ask, UPLOAD_URL, (ASKED, DONE, TOLD)),
        *_each(ask, UPLOAD, (ASKED, HALF_ASKED, DONE, TOLD)),
        *_each(ask, COMPLETE, (ASKED, DONE, TOLD)),
        *_each(ask, FILE_INFO, (ASKED, DONE, TOLD)),
        *_each(ask, SLACK_NOTE, (ASKED, DONE, TOLD)),
        *_each(asking.in_slack_unjoined, JOIN, (ASKED, DONE)),
        *_each(asking.in_slack_thread, COMPLETE, (DONE,)),
        *_each(private, OPEN_DIRECT, (DONE,)),
        *_each(private, COMPLETE, (DONE,)),
        *_each(asking.two_in_slack, COMPLETE, (DONE,)),
    ]
    return [
        *made,
        Case(ask=asking.two_in_slack, what=UPLOAD, phase=HALF_ASKED, nth=2),
        Case(ask=ask, what=COMPLETE, phase=DONE, then=(FILE_INFO, DONE)),
        Case(ask=ask, what=COMPLETE, phase=ASKED, then=(COMPLETE, DONE)),
    ]


def _of_discord() -> list[Case]:
    ask, read_only = asking.in_discord, asking.in_discord_read_only
    made = [
        *_each(ask, MESSAGE, (ASKED, HALF_ASKED, DONE, HALF_TOLD, TOLD)),
        *_each(read_only, MESSAGE, (DONE,)),
        *_each(read_only, FOLLOW_UP, (ASKED, DONE, TOLD)),
        *_each(read_only, FILLED_FOLLOW_UP, (ASKED, HALF_ASKED, DONE, TOLD)),
        *_each(asking.in_discord_privately, FILLED_NOTE, (HALF_ASKED, DONE, TOLD)),
    ]
    return [
        *made,
        *(Case(ask=ask, what=NOTE, nth=2, phase=p) for p in (ASKED, DONE, TOLD)),
        # An hour later Discord has forgotten nonce and interaction.
        Case(ask=ask, what=MESSAGE, phase=DONE, later_s=3600),
        Case(ask=ask, what=MESSAGE, phase=DONE, then=(HISTORY, DONE)),
        Case(ask=ask, what=MESSAGE, phase=HALF_ASKED, then=(MESSAGE, DONE)),
    ]


def _each(ask: Ask, what: Request, phases: Sequence[Phase]) -> list[Case]:
    return [Case(ask=ask, what=what, phase=phase) for phase in phases]
