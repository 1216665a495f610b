"""The buttons below a picture, and how a press names its record."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.batch import BatchState
from bot.domain.job import BatchId, JobId
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


class AlertAction(StrEnum):
    """What is done with the failures that an alert tells of."""

    TRY_AGAIN = "try_again"


class ReviewAction(StrEnum):
    """What a moderator does with a picture."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldButton:
    """One button below the offer of an earlier picture."""

    action: HeldAction
    label: str
    job_id: JobId


class BatchAction(StrEnum):
    """What is done with a batch: the first two below the offer, the others in the thread."""

    START = "start_batch"
    CANCEL = "cancel_batch"
    PAUSE = "pause_batch"
    RESUME = "resume_batch"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchButton:
    """One button of a batch."""

    action: BatchAction
    label: str
    batch_id: BatchId


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
BATCH_LABELS = {
    BatchAction.START: "Start",
    BatchAction.CANCEL: "Cancel",
    BatchAction.PAUSE: "Pause",
    BatchAction.RESUME: "Go on",
}
_BATCH_ACTIONS = {
    BatchState.HELD: (BatchAction.START, BatchAction.CANCEL),
    BatchState.RUNNING: (BatchAction.PAUSE, BatchAction.CANCEL),
    BatchState.PAUSED: (BatchAction.RESUME, BatchAction.CANCEL),
    BatchState.DONE: (),
    BatchState.CANCELLED: (),
}
REVIEW_LABELS = {ReviewAction.APPROVE: "Approve", ReviewAction.REJECT: "Reject"}
ALERT_LABELS = {AlertAction.TRY_AGAIN: "Try again"}
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


def batch_buttons(batch_id: BatchId, state: BatchState) -> tuple[BatchButton, ...]:
    """Give the buttons of a batch that stands so, in their order."""
    return tuple(
        BatchButton(action=action, label=BATCH_LABELS[action], batch_id=batch_id)
        for action in _BATCH_ACTIONS[state]
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
