"""The command `callbacks`: what other programs were told, and what they are told again."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from adapters.terminal.actions import DONE, FAILED, Actions
from adapters.terminal.screen import plain
from bot.domain.callback import Callback, CallbackState, DeliveryId
from bot.domain.exchange import time_text
from bot.domain.text import encodable
from bot.errors import WrongInput

Action = Callable[[], Awaitable[int]]


def add_callbacks(app: typer.Typer, actions: Actions) -> None:
    """Add the command to *app*."""

    @app.command(rich_help_panel="Look")
    def callbacks(
        failed: Annotated[
            bool,
            typer.Option(
                "--failed", help="Only those not taken: given up or tried again."
            ),
        ] = False,
        resend: Annotated[
            str | None,
            typer.Option("--resend", metavar="ID", help="Send this one again, now."),
        ] = None,
        json: Annotated[
            bool, typer.Option("--json", help="Print JSON, and nothing else.")
        ] = False,
    ) -> Action:
        """Show callbacks and where they stand, newest first; or send one again."""
        if resend is None:
            return partial(_show, actions, is_failed=failed, is_json=json)
        if failed:
            raise WrongInput(
                "--failed lists and --resend sends: leave one of them out."
            )
        return partial(_resend, actions, encodable(resend), is_json=json)


async def _show(actions: Actions, *, is_failed: bool, is_json: bool) -> int:
    found = await actions.operations.callbacks(is_failed=is_failed)
    if is_json:
        actions.screen.show_json([_as_json(one) for one in found])
    elif found:
        actions.screen.show(_table(found))
    if not found:
        actions.screen.say("No callbacks found.")
    return DONE


async def _resend(actions: Actions, callback: str, *, is_json: bool) -> int:
    """Show how it stands after it was sent, or handed to the live run."""
    resent = await actions.operations.resend(DeliveryId(callback))
    if is_json:
        actions.screen.show_json(_as_json(resent.callback))
    else:
        actions.screen.show(_table([resent.callback]))
    if resent.is_handed_over:
        actions.screen.say("The run that works on this database sends it.")
        return DONE
    if resent.callback.state is CallbackState.DELIVERED:
        return DONE
    why = resent.callback.last_error or "an earlier one of the same job comes first"
    actions.screen.say(f"It was not taken: {why}.")
    return FAILED


def _table(callbacks: Sequence[Callback]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("id", "when", "event", "state", "tries", "to", "error"):
        table.add_column(column, overflow="fold")
    for one in callbacks:
        table.add_row(
            one.id,
            f"{one.created_at:%Y-%m-%d %H:%M}",
            one.event.removeprefix("ideogram."),
            one.state,
            str(one.attempts),
            plain(one.host),
            plain(one.last_error or ""),
        )
    return table


def _as_json(one: Callback) -> dict[str, Any]:
    """Give a callback without what is secret about it (path and query of its address)."""
    return {
        "id": one.id,
        "jobId": one.subject,
        "event": one.event,
        "state": one.state,
        "attempts": one.attempts,
        "host": one.host,
        "created_at": time_text(one.created_at),
        "not_before": time_text(one.not_before) if one.not_before else None,
        "error": one.last_error,
    }
