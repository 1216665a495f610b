"""The buttons below a picture, and how a press names its record."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.job import JobId
from bot.domain.record import RecordId


class Action(StrEnum):
    """What a button does: Slack's `action_id`, the first half of Discord's `custom_id`."""

    REPRODUCE = "reproduce"
    NEW_SEED = "new_seed"
    EDIT = "edit"
    MORE = "more"


class HeldAction(StrEnum):
    """What is done with a job that is held because its picture was drawn before."""

    SHOW_HERE = "show_here"
    DRAW_ANEW = "draw_anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldButton:
    """One button below the offer of an earlier picture."""

    action: HeldAction
    label: str
    job_id: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One button as it is shown."""

    action: Action
    label: str
    record_id: RecordId


LABELS = {
    Action.REPRODUCE: "Same again",
    Action.NEW_SEED: "New seed",
    Action.EDIT: "Edit",
    Action.MORE: "More…",
}
HELD_LABELS = {
    HeldAction.SHOW_HERE: "Show it here",
    HeldAction.DRAW_ANEW: "Draw anew",
}
REPRODUCE_WORDS = ("reproduce", "again", "same")


def buttons(record_id: RecordId) -> tuple[Button, ...]:
    """Give the buttons of one picture in their order."""
    return tuple(
        Button(action=action, label=LABELS[action], record_id=record_id)
        for action in Action
    )


def held_buttons(job_id: JobId) -> tuple[HeldButton, ...]:
    """Give the buttons of a held job in their order."""
    return tuple(
        HeldButton(action=action, label=HELD_LABELS[action], job_id=job_id)
        for action in HeldAction
    )


def read_reply(text: str) -> str | None:
    """Give what follows the word that asks for the same picture; None when it is not one.

    `Same, --ar 9:16` gives `--ar 9:16`; `same here!` is talk, not a request, and gives None.
    """
    if not text.strip():
        return None
    word, *more = text.strip().split(maxsplit=1)
    if word.strip(".,!:;").lower() not in REPRODUCE_WORDS:
        return None
    rest = more[0] if more else ""
    is_request = not rest or rest[0] in "-—–" or rest.split()[0].isdigit()
    return rest if is_request else None
