"""The buttons below pictures and lists: which there are, and how a press finds its record.

A button's `custom_id` says all there is to know, so buttons of an earlier process work.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, cast

import discord

from bot.chat.actions import (
    LABELS,
    REVIEW_LABELS,
    Action,
    AlertAction,
    BatchAction,
    HeldAction,
    ReviewAction,
    batch_buttons,
    buttons,
    held_buttons,
)
from bot.domain.alert import AlertId
from bot.domain.batch import BatchState
from bot.domain.job import BatchId, JobId
from bot.domain.record import RecordId

# `reproduce:k3v9w2m1q8zt4c7d-1` and `page:search:k3v9w2m1q8zt4c7d-1:red fox`
_RECORD = r"[0-9a-z]{16}-[0-9]+"
_PICTURE = rf"({'|'.join(Action)}):{_RECORD}"
_HELD = rf"({'|'.join(HeldAction)}):[0-9a-z]{{16}}"
_ALERT = rf"({'|'.join(AlertAction)}):[0-9a-z]{{16}}"
_BATCH = rf"({'|'.join(BatchAction)}):[0-9a-z]{{16}}"
_REVIEW = rf"({'|'.join(ReviewAction)}):[0-9a-z]{{16}}"
_PAGE = rf"page:(history|search):{_RECORD}:.*"
_ROWS = 5  # of a message; so many buttons has a row
_LONGEST_SEARCH = 60  # of a custom_id's 100 characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One button before it is shown."""

    custom_id: str
    label: str
    row: int = 0
    is_main: bool = False


class Presses(Protocol):
    """Whoever answers presses."""

    async def pressed(
        self, interaction: discord.Interaction[Any], action: Action, record: RecordId
    ) -> None:
        """Answer the press of a button below a picture."""

    async def decided(
        self, interaction: discord.Interaction[Any], action: HeldAction, job: JobId
    ) -> None:
        """Answer the press of a button below the offer of an earlier picture."""

    async def judged(
        self, interaction: discord.Interaction[Any], action: ReviewAction, job: JobId
    ) -> None:
        """Answer the press of a moderator's button."""

    async def tried_again(
        self, interaction: discord.Interaction[Any], alert: AlertId
    ) -> None:
        """Answer the press of the button below an alert."""

    async def managed(
        self, interaction: discord.Interaction[Any], action: BatchAction, batch: BatchId
    ) -> None:
        """Answer the press of a button of a batch."""

    async def turned(
        self,
        interaction: discord.Interaction[Any],
        words: str | None,
        cursor: RecordId,
    ) -> None:
        """Answer the press for a list's next page; *words* of a search."""


class HasPresses(Protocol):
    """A client whose interactions know who answers presses."""

    presses: Presses


def picture_spots(records: Sequence[RecordId]) -> tuple[Spot, ...]:
    """Place the buttons of a message's pictures in its five rows.

    Up to five pictures have a row each. More share rows of two, each with what concerns that
    picture alone; new seed and edit, the same for all of a job, stand once below.
    """
    if len(records) == 1:
        return tuple(_spots(records[0], row=0, prefix=""))
    if len(records) <= _ROWS:
        rows = [_spots(r, row=i, prefix=f"{i + 1}: ") for i, r in enumerate(records)]
        return tuple(spot for row in rows for spot in row)
    spots = [
        spot
        for i, record in enumerate(records)
        for spot in _spots(
            record,
            row=i // 2,
            prefix=f"{i + 1}: ",
            actions={Action.REPRODUCE, Action.MORE},
        )
    ]
    last = (len(records) + 1) // 2
    shared = {Action.NEW_SEED, Action.EDIT}
    return (*spots, *_spots(records[0], row=last, prefix="", actions=shared))


def _spots(
    record: RecordId,
    *,
    row: int,
    prefix: str,
    actions: frozenset[Action] | set[Action] = frozenset(Action),
) -> list[Spot]:
    return [
        Spot(
            custom_id=f"{button.action}:{record}",
            label=f"{prefix}{LABELS[button.action]}",
            row=row,
            is_main=button.action is Action.REPRODUCE,
        )
        for button in buttons(record)
        if button.action in actions
    ]


def held_spots(job_id: JobId) -> tuple[Spot, ...]:
    """Place the buttons below the offer of an earlier picture."""
    return tuple(
        Spot(
            custom_id=f"{button.action}:{job_id}",
            label=button.label,
            is_main=button.action is HeldAction.SHOW_HERE,
        )
        for button in held_buttons(job_id)
    )


def batch_spots(batch_id: BatchId, state: BatchState) -> tuple[Spot, ...]:
    """Place the buttons of a batch that stands so."""
    return tuple(
        Spot(
            custom_id=f"{button.action}:{batch_id}",
            label=button.label,
            is_main=button.action in {BatchAction.START, BatchAction.RESUME},
        )
        for button in batch_buttons(batch_id, state)
    )


def review_spots(job_id: JobId) -> tuple[Spot, ...]:
    """Place the buttons below a picture that waits for a moderator."""
    return tuple(
        Spot(
            custom_id=f"{action}:{job_id}",
            label=label,
            is_main=action is ReviewAction.APPROVE,
        )
        for action, label in REVIEW_LABELS.items()
    )


def next_page(words: str | None, cursor: RecordId | None) -> tuple[Spot, ...]:
    """Give the button to a list's next page; none at its end or for a very long search."""
    if cursor is None or len(words or "") > _LONGEST_SEARCH:
        return ()
    kind = "history" if words is None else "search"
    return (Spot(custom_id=f"page:{kind}:{cursor}:{words or ''}", label="Older"),)


def view_of(spots: Sequence[Spot]) -> discord.ui.View:
    """Make the buttons; a running event loop is needed."""
    view = discord.ui.View(timeout=None)
    for spot in spots:
        view.add_item(BotButton(_button(spot)))
    return view


def _button(spot: Spot) -> discord.ui.Button[Any]:
    style = discord.ButtonStyle
    return discord.ui.Button(
        custom_id=spot.custom_id,
        label=spot.label,
        row=spot.row,
        style=style.primary if spot.is_main else style.secondary,
    )


class BotButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=re.compile(
        rf"{_PICTURE}|{_HELD}|{_ALERT}|{_BATCH}|{_REVIEW}|{_PAGE}", re.DOTALL
    ),
):
    """A button of this bot, shown by this process or an earlier one."""

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """Give the button that was pressed."""
        del interaction, match
        button = cast("discord.ui.Button[Any]", item)  # the template matches no other
        return cls(button)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer the press."""
        client: HasPresses = interaction.client
        kind, _, rest = self.custom_id.partition(":")
        if kind in tuple(HeldAction):
            await client.presses.decided(interaction, HeldAction(kind), JobId(rest))
            return
        if kind in tuple(BatchAction):
            await client.presses.managed(interaction, BatchAction(kind), BatchId(rest))
            return
        if kind in tuple(ReviewAction):
            await client.presses.judged(interaction, ReviewAction(kind), JobId(rest))
            return
        if kind == AlertAction.TRY_AGAIN:
            await client.presses.tried_again(interaction, AlertId(rest))
            return
        if kind != "page":
            await client.presses.pressed(interaction, Action(kind), RecordId(rest))
            return
        name, cursor, words = rest.split(":", 2)
        searched = words if name == "search" else None
        await client.presses.turned(interaction, searched, RecordId(cursor))
