"""What the page sent, as a command. Pure.

The page sends JSON: `event` (its own id of what happened, the same when it is sent
again), `kind`, and what that kind needs. What the text means is found by the core.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.web.entries import PLACE, REPLY_TO, TYPED
from bot.chat.actions import Action, BatchAction, HeldAction, read_reply
from bot.chat.commands import (
    Cancel,
    Change,
    Command,
    DecideBatch,
    DrawAnew,
    Edit,
    Find,
    Generate,
    History,
    MessageRef,
    More,
    NewSeed,
    Origin,
    Reproduce,
    Show,
    ShowHere,
    SubmitBatch,
)
from bot.chat.slash import read_slash
from bot.domain.job import BatchId, JobId
from bot.domain.people import Person
from bot.domain.record import RecordId
from bot.domain.text import encodable
from bot.errors import WrongInput

SLASH = "/imagine"
NO_COMMAND = (
    "Begin with /imagine and say what you want to see: /imagine a fox in a suit. "
    "/imagine help tells what else can be typed."
)
NO_PICTURE = (
    "To draw a picture again press Reply below it and then send same; /imagine history "
    "has your earlier ones."
)
NO_REPLY = (
    "Reply with same, again or reproduce to draw that picture again, and add flags to "
    "change it: same --ar 9:16."
)
_MAX_EVENT, _MAX_TEXT = 100, 20_000
_MAX_LINES = 5 * 1024 * 1024 + 1  # characters; the core says so of what is larger
_MOST_SHOWN = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One message from the page; `text` is what it shows as the person's own message."""

    event: str
    command: Command
    text: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A message that asks for nothing; `hint` says what can be typed."""

    event: str
    text: str
    hint: str
    reply_to: str | None = None


def read_sent(body: Mapping[str, Any], person: Person) -> Sent | Talk:
    """Read what the page sent for *person*. Raises: WrongInput when it is none of ours."""
    event = _text(body, "event", limit=_MAX_EVENT)
    if not event:
        raise WrongInput("event: an id of what happened is needed.")
    match body.get("kind"):
        case "say":
            return _read_said(body, event, person)
        case "edited":
            text = f"{_text(body, 'prompt')} {_text(body, 'flags')}".strip()
            typed = f"{SLASH} {text}"
            origin = _origin(event, person, typed)
            command = Generate(origin=origin, text=text)
            return Sent(event=event, command=command, text=typed)
        case "batch":
            return _read_batch(body, event, person)
        case _:
            origin = _origin(event, person)
            return Sent(event=event, command=_read_quiet(body, origin))


def _read_said(body: Mapping[str, Any], event: str, person: Person) -> Sent | Talk:
    text = _text(body, "text").strip()
    reply_to = _text(body, "reply_to") or None
    word, rest = _first_word(text)
    origin = _origin(event, person, text, reply_to)
    if word.lower() == SLASH:
        return Sent(event=event, command=read_slash(rest, origin), text=text)
    wish = read_reply(text)
    if reply_to is None:
        hint = NO_COMMAND if wish is None else NO_PICTURE
        return Talk(event=event, text=text, hint=hint)
    if wish is None:
        return Talk(event=event, text=text, hint=NO_REPLY, reply_to=reply_to)
    target = MessageRef(channel_id=PLACE.channel_id, message_id=reply_to)
    command = Reproduce(origin=origin, target=target, text=wish)
    return Sent(event=event, command=command, text=text, reply_to=reply_to)


def _read_batch(body: Mapping[str, Any], event: str, person: Person) -> Sent:
    """Read the form of a batch: its own message names the file, or has the lines."""
    lines = _text(body, "lines", limit=_MAX_LINES)
    flags, name = _text(body, "flags"), _text(body, "file_name", limit=255)
    told = " ".join(part for part in (SLASH, "batch", name, flags) if part)
    shown = told if name else f"{told}\n{lines}"
    command = SubmitBatch(
        origin=_origin(event, person),
        content=lines.encode(),
        file_name=name,
        flags=flags,
    )
    if len(shown) > _MOST_SHOWN:
        shown = f"{shown[: _MOST_SHOWN - 1]}…"
    return Sent(event=event, command=command, text=shown)


def _read_quiet(  # noqa: PLR0911 - a table
    body: Mapping[str, Any], origin: Origin
) -> Command:
    """Read what is no message: a button, a form, the next page of a list."""
    target = RecordId(_text(body, "record"))
    match body.get("kind"):
        case "press":
            return _press(_text(body, "action"), target, origin)
        case "change":
            return Change(
                origin=origin,
                target=target,
                is_pinned=_switch(body, "is_pinned"),
                tags=_text(body, "tags") if "tags" in body else None,
                is_deleted=_switch(body, "is_deleted") is True,
                formats=_text(body, "formats"),
            )
        case "show":
            return Show(origin=origin, target=target)
        case "decide":
            return _decide(_text(body, "action"), JobId(_text(body, "job")), origin)
        case "manage":
            return _manage(_text(body, "action"), BatchId(_text(body, "batch")), origin)
        case "cancel":
            return Cancel(origin=origin, target=_text(body, "job"))
        case "history":
            return History(origin=origin, cursor=_cursor(body))
        case "search":
            return Find(origin=origin, text=_text(body, "words"), cursor=_cursor(body))
        case _:
            raise WrongInput(
                "kind: say, edited, batch, press, decide, manage, change, show, cancel, "
                "history or search."
            )


def _press(action: str, target: RecordId, origin: Origin) -> Command:
    match action:
        case Action.REPRODUCE:
            return Reproduce(origin=origin, target=target, is_press=True)
        case Action.NEW_SEED:
            return NewSeed(origin=origin, target=target)
        case Action.EDIT:
            return Edit(origin=origin, target=target)
        case Action.MORE:
            return More(origin=origin, target=target)
        case _:
            raise WrongInput(f"action: one of {', '.join(Action)}.")


def _decide(action: str, target: JobId, origin: Origin) -> Command:
    match action:
        case HeldAction.SHOW_HERE:
            return ShowHere(origin=origin, target=target)
        case HeldAction.DRAW_ANEW:
            return DrawAnew(origin=origin, target=target)
        case _:
            raise WrongInput(f"action: one of {', '.join(HeldAction)}.")


def _manage(action: str, target: BatchId, origin: Origin) -> Command:
    if action not in tuple(BatchAction):
        raise WrongInput(f"action: one of {', '.join(BatchAction)}.")
    return DecideBatch(origin=origin, batch_id=target, action=BatchAction(action))


def _first_word(text: str) -> tuple[str, str]:
    word, *rest = text.split(maxsplit=1) or [""]
    return word, rest[0].strip() if rest else ""


def _origin(
    event: str, person: Person, typed: str = "", reply_to: str | None = None
) -> Origin:
    shown = {TYPED: typed, REPLY_TO: reply_to or ""}
    return Origin(
        event_id=f"{person.user_id}:{event}",
        person=person,
        place=PLACE,
        return_address={name: value for name, value in shown.items() if value},
    )


def _text(body: Mapping[str, Any], name: str, *, limit: int = _MAX_TEXT) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > limit:
        raise WrongInput(f"{name}: text of at most {limit} characters.")
    return encodable(value)


def _switch(body: Mapping[str, Any], name: str) -> bool | None:
    value = body.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise WrongInput(f"{name}: true or false.")


def _cursor(body: Mapping[str, Any]) -> RecordId | None:
    return RecordId(_text(body, "cursor")) or None
