"""The command `doctor`: what is wrong with the set-up, and the remedy."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from adapters.terminal.actions import DONE, FAILED, Actions
from adapters.terminal.screen import plain
from bot.domain.checkup import Finding, Verdict

Action = Callable[[], Awaitable[int]]

_COLOURS = {
    Verdict.OK: "green",
    Verdict.WARN: "yellow",
    Verdict.FAIL: "bold red",
    Verdict.SKIPPED: "dim",
}


def add_doctor(app: typer.Typer, actions: Actions) -> None:
    """Add the command to *app*."""

    @app.command(rich_help_panel="Run")
    def doctor(
        json: Annotated[
            bool, typer.Option("--json", help="Print JSON, and nothing else.")
        ] = False,
    ) -> Action:
        """Check settings, tokens, rights, database and bucket; say what is wrong."""
        return partial(_examine, actions, is_json=json)


async def _examine(actions: Actions, *, is_json: bool) -> int:
    found = await actions.operations.doctor()
    failed = sum(one.verdict is Verdict.FAIL for one in found)
    if is_json:
        actions.screen.show_json([as_json(one) for one in found])
    else:
        actions.screen.show(table(found))
    if not failed:
        actions.screen.say("Nothing is in the way.")
        return DONE
    things = "One thing is" if failed == 1 else f"{failed} things are"
    actions.screen.say(f"{things} wrong: see what to do beside each.")
    return FAILED


def table(found: Sequence[Finding]) -> Table:
    """Give a line for each finding, its remedy below what is wrong."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("", "what", "how it is"):
        made.add_column(column, overflow="fold")
    for one in found:
        told = Text(plain(one.text))
        if one.remedy:
            told.append(f"\n{plain(one.remedy)}", style="italic")
        verdict = Text(one.verdict.value, style=_COLOURS[one.verdict])
        made.add_row(verdict, plain(one.name), told)
    return made


def as_json(one: Finding) -> dict[str, Any]:
    """Give a finding as programs read it."""
    return {
        "name": one.name,
        "status": one.verdict.value,
        "text": one.text,
        "remedy": one.remedy or None,
    }
