"""Buttons as commands: `action_id` says what, `value` which record or page. Pure."""

import json
from dataclasses import replace

from adapters.slack.render import HISTORY_NEXT, SEARCH_NEXT, SHOW
from bot.chat.actions import (
    Action,
    AlertAction,
    BatchAction,
    HeldAction,
    ReviewAction,
)
from bot.chat.commands import (
    Command,
    DecideBatch,
    DrawAnew,
    Edit,
    Find,
    History,
    More,
    NewSeed,
    Origin,
    Reproduce,
    Review,
    Show,
    ShowHere,
    TryAgain,
)
from bot.domain.alert import AlertId
from bot.domain.job import BatchId, JobId
from bot.domain.record import RecordId


def read_press(action_id: str, value: str, origin: Origin) -> Command | None:
    """Give what a button asks for; None for buttons that are not ours."""
    record = RecordId(value)
    command: Command | None = None
    match action_id:
        case Action.REPRODUCE:
            command = Reproduce(origin=origin, target=record, is_press=True)
        case Action.NEW_SEED:
            command = NewSeed(origin=origin, target=record)
        case Action.EDIT:
            command = Edit(origin=origin, target=record)
        case Action.MORE:
            command = More(origin=origin, target=record)
        case HeldAction.SHOW_HERE:
            command = ShowHere(origin=_own(origin), target=JobId(value))
        case HeldAction.DRAW_ANEW:
            command = DrawAnew(origin=_own(origin), target=JobId(value))
        case AlertAction.TRY_AGAIN:
            command = TryAgain(origin=origin, target=AlertId(value))
        case _ if action_id == SHOW:
            command = Show(origin=origin, target=value)
        case _ if action_id in (HISTORY_NEXT, SEARCH_NEXT):
            command = _read_page(action_id, value, origin)
        case _:
            command = _read_decision(action_id, value, origin)
    return command


def _read_decision(
    action_id: str, value: str, origin: Origin
) -> DecideBatch | Review | None:
    if action_id in tuple(ReviewAction):
        is_approved = action_id == ReviewAction.APPROVE
        return Review(origin=origin, target=JobId(value), is_approved=is_approved)
    try:
        action = BatchAction(action_id)
    except ValueError:
        return None
    return DecideBatch(origin=origin, batch_id=BatchId(value), action=action)


def _own(origin: Origin) -> Origin:
    """Let the note with the button be replaced, as the note of a command is."""
    return replace(origin, return_address={**origin.return_address, "kind": "command"})


def _read_page(action_id: str, value: str, origin: Origin) -> Command:
    page = json.loads(value)
    cursor = RecordId(str(page["cursor"]))
    if action_id == HISTORY_NEXT:
        return History(origin=origin, cursor=cursor)
    return Find(origin=origin, text=str(page["words"]), cursor=cursor)
