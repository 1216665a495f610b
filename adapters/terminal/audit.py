"""The command `audit`: whom a rule refused what, and what moderators decided."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from adapters.terminal import arguments
from adapters.terminal.actions import DONE, Actions
from adapters.terminal.screen import plain
from bot.domain.audit import AuditEntry, AuditSearch
from bot.domain.exchange import time_text
from bot.domain.text import encodable

Action = Callable[[], Awaitable[int]]


def add_audit(app: typer.Typer, actions: Actions) -> None:
    """Add the command to *app*."""

    @app.command(rich_help_panel="Look")
    def audit(
        since: Annotated[
            str | None,
            typer.Option(metavar="DATE", help="From this day or moment on, in UTC."),
        ] = None,
        until: Annotated[
            str | None,
            typer.Option(
                metavar="DATE", help="Up to the end of this day, or this moment."
            ),
        ] = None,
        user: Annotated[
            str | None,
            typer.Option(metavar="U", help="A user's id, as records have it."),
        ] = None,
        rule: Annotated[
            str | None,
            typer.Option(metavar="R", help="Its first words do: budget, blocked."),
        ] = None,
        *,
        limit: Annotated[int, typer.Option(metavar="N", min=1, max=1000)] = 50,
        cursor: Annotated[
            int | None, typer.Option(metavar="C", help="The last number seen.")
        ] = None,
        json: Annotated[
            bool, typer.Option("--json", help="Print JSON, and nothing else.")
        ] = False,
    ) -> Action:
        """Show what rules refused and moderators decided; newest first."""
        search = AuditSearch(
            since=arguments.read_since(since),
            until=arguments.read_until(until),
            user_id=encodable(user) if user else None,
            rule=encodable(rule) if rule else None,
            limit=limit,
            cursor=cursor,
        )
        return partial(_show, actions, search, is_json=json)


async def _show(actions: Actions, search: AuditSearch, *, is_json: bool) -> int:
    found = await actions.operations.audit(search)
    if is_json:
        actions.screen.show_json([_as_json(one) for one in found])
    elif found:
        actions.screen.show(_table(found))
    if not found:
        actions.screen.say("Nothing was refused.")
    elif len(found) == search.limit and not is_json:
        actions.screen.say(f"There may be more: --cursor {found[-1].number}")
    return DONE


def _table(entries: Sequence[AuditEntry]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("no.", "when", "who", "where", "what", "rule", "details", "times"):
        table.add_column(column, overflow="fold")
    for one in entries:
        person = one.person
        table.add_row(
            str(one.number),
            f"{one.at:%Y-%m-%d %H:%M}",
            plain(f"{person.platform}:{person.workspace_id}:{person.user_id}"),
            plain(one.channel_id),
            one.deed,
            plain(one.rule),
            plain(one.details),
            str(one.times),
        )
    return table


def _as_json(one: AuditEntry) -> dict[str, Any]:
    return {
        "number": one.number,
        "at": time_text(one.at),
        "platform": one.person.platform,
        "workspace_id": one.person.workspace_id,
        "user_id": one.person.user_id,
        "channel_id": one.channel_id,
        "action": one.deed,
        "rule": one.rule,
        "details": one.details,
        "times": one.times,
    }
