"""The commands `batch`, a file of prompts drawn as one thing, and `batches`, what goes on."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from adapters.terminal import arguments
from adapters.terminal.actions import DONE, FAILED, Actions
from adapters.terminal.as_typed import AsTyped
from adapters.terminal.operations import BatchOutcome, BatchText, Standing
from adapters.terminal.screen import Screen, plain
from bot.chat.actions import BatchAction
from bot.chat.progress import Progress, Stage
from bot.domain.batch import MAX_BYTES, BatchState, Tally
from bot.domain.exchange import as_json, time_text
from bot.domain.text import encodable
from bot.errors import WrongInput

Action = Callable[[], Awaitable[int]]
_CELLS = 20
_STDIN = "-"
_STOPPED = (
    "Stopped waiting. What was under way is brought to its end; the rest is written down "
    "and goes on in the run that works on this database, or once one is started."
)
_STOPPED_EARLY = "Stopped. Nothing was drawn."
_HELP = (
    "Draw a file of prompts: a line each, or CSV or JSON Lines with columns named like "
    "the flags of chat. Flags behind FILE hold for every line; --campaign NAME tags all, "
    "--delay 5s draws one after the other. - reads standard input."
)


def add_batch(app: typer.Typer, actions: Actions) -> None:
    """Add both commands to *app*."""

    @app.command(cls=AsTyped, rich_help_panel="Draw", help=_HELP)
    def batch(
        file: Annotated[str, typer.Argument(metavar="FILE")],
        words: Annotated[
            list[str] | None, typer.Argument(metavar="FLAGS", show_default=False)
        ] = None,
        callback_url: Annotated[
            str | None,
            typer.Option(metavar="URL", help="Tell this address what becomes of it."),
        ] = None,
        detach: Annotated[
            bool, typer.Option("--detach", help="Return once all is queued.")
        ] = False,
        json: Annotated[
            bool, typer.Option("--json", help="Print JSON, and nothing else.")
        ] = False,
    ) -> Action:
        if file.startswith("-") and file != _STDIN:
            raise WrongInput("Name the file first: ideogram-bot batch FILE [flags].")
        flags = encodable(arguments.to_text(words or []))
        return partial(
            _draw,
            actions,
            file=file,
            flags=flags,
            callback_url=callback_url,
            is_detached=detach,
            is_json=json,
        )

    @app.command(rich_help_panel="Look")
    def batches(
        pause: Annotated[
            str | None, typer.Option(metavar="ID", help="Begin nothing more of it.")
        ] = None,
        resume: Annotated[
            str | None, typer.Option(metavar="ID", help="Go on with it.")
        ] = None,
        cancel: Annotated[
            str | None, typer.Option(metavar="ID", help="Draw nothing more of it.")
        ] = None,
        json: Annotated[
            bool, typer.Option("--json", help="Print JSON, and nothing else.")
        ] = False,
    ) -> Action:
        """Show the batches that are under way; or pause, resume or cancel one."""
        named = {
            BatchAction.PAUSE: pause,
            BatchAction.RESUME: resume,
            BatchAction.CANCEL: cancel,
        }
        asked = [(action, encodable(one)) for action, one in named.items() if one]
        if len(asked) > 1:
            raise WrongInput("Name one batch, to pause, resume or cancel it.")
        if asked:
            return partial(_decide, actions, *asked[0], is_json=json)
        return partial(_list, actions, is_json=json)


async def _list(actions: Actions, *, is_json: bool) -> int:
    found = await actions.operations.batches()
    if is_json:
        actions.screen.show_json([standing_json(one) for one in found])
    elif found:
        table = Table(*("id", "name", "state", "person", "how far"), box=box.SIMPLE)
        for one in found:
            batch = one.batch
            person = plain(batch.person.user_id)
            table.add_row(
                batch.id, plain(batch.name), batch.state, person, bar(one.tally)
            )
        actions.screen.show(table)
    if not found:
        actions.screen.say("No batch is under way.")
    return DONE


async def _decide(
    actions: Actions, action: BatchAction, batch: str, *, is_json: bool
) -> int:
    standing = await actions.operations.decide_batch(batch, action)
    if is_json:
        actions.screen.show_json(standing_json(standing))
    else:
        actions.screen.say(f"Batch {standing.batch.name} is {standing.batch.state}.")
    return DONE


async def _draw(
    actions: Actions,
    *,
    file: str,
    flags: str,
    callback_url: str | None,
    is_detached: bool,
    is_json: bool,
) -> int:
    screen = actions.screen
    text = BatchText(
        content=await asyncio.to_thread(_read, screen, file),
        file_name="" if file == _STDIN else encodable(Path(file).name),
        flags=flags,
        callback_url=callback_url,
    )
    with _watching(screen) as watch:
        outcome = await actions.operations.batch(text, watch, is_detached=is_detached)
    if is_json:
        screen.show_json(outcome_json(outcome))
    elif not is_detached:
        screen.show(_table(outcome))
    if is_detached:
        screen.say(
            f"Queued as batch {outcome.batch.id}: the run that works on this database "
            "draws it, now or once one is started."
        )
        return DONE
    return _status(screen, outcome)


def _status(screen: Screen, outcome: BatchOutcome) -> int:
    tally = outcome.tally
    for line, problem in outcome.problems:
        screen.say(f"Line {line}: {problem}")
    screen.say(summary(outcome))
    is_whole = tally.done == tally.lines and all(r.is_safe for r in outcome.records)
    return DONE if is_whole else FAILED


class _Watch:
    """Implements WatchBatch: a living line on a terminal, else one for each tenth."""

    def __init__(self, screen: Screen, show: Callable[[Progress], None]) -> None:
        self._screen = screen
        self._show = show
        self._tenths = -1
        self.has_begun = False

    def began(self, text: str) -> None:
        self.has_begun = True
        self._screen.say(text)

    def stands(self, tally: Tally) -> None:
        tenths = 10 * tally.ended // max(1, tally.lines)
        if self._screen.is_live or tenths != self._tenths:
            self._tenths = tenths
            self._show(Progress(stage=Stage.DRAWING, text=bar(tally)))


@contextmanager
def _watching(screen: Screen) -> Iterator[_Watch]:
    with screen.progress() as show:
        watch = _Watch(screen, show)
        try:
            yield watch
        except asyncio.CancelledError:
            screen.say(_STOPPED if watch.has_begun else _STOPPED_EARLY)
            raise


def _read(screen: Screen, file: str) -> bytes:
    try:
        if file == _STDIN:
            return screen.read(MAX_BYTES + 1)
        with Path(file).open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise WrongInput(f"{file} cannot be read: {error.strerror}.") from error


# --- what is shown ------------------------------------------------------------------


def bar(tally: Tally) -> str:
    """Give one line that says how a batch stands."""
    full = _CELLS * tally.ended // max(1, tally.lines)
    failed = f", {tally.failed} failed" if tally.failed else ""
    return (
        f"{'▓' * full}{'░' * (_CELLS - full)} {tally.ended} of {tally.lines}: "
        f"{tally.done} done{failed}; ${tally.cost_usd:.2f}"
    )


def summary(outcome: BatchOutcome) -> str:
    """Say how a batch ended."""
    tally, batch = outcome.tally, outcome.batch
    head = "was cancelled" if batch.state is BatchState.CANCELLED else "is done"
    counts = [f"{tally.done} done", f"{tally.failed} failed"]
    counts += [f"{tally.cancelled} cancelled"] if tally.cancelled else []
    return (
        f"Batch {batch.name} {head}: {', '.join(counts)}; "
        f"{tally.pictures} pictures, ${tally.cost_usd:.2f}."
    )


def outcome_json(outcome: BatchOutcome) -> dict[str, Any]:
    """Give a batch and its records."""
    return {
        "job": standing_json(Standing(batch=outcome.batch, tally=outcome.tally)),
        "records": [as_json(record) for record in outcome.records],
    }


def standing_json(standing: Standing) -> dict[str, Any]:
    """Give how a batch stands."""
    batch, tally = standing.batch, standing.tally
    return {
        "id": batch.id,
        "name": batch.name,
        "state": batch.state,
        "created_at": time_text(batch.created_at),
        "lines": batch.lines,
        "done": tally.done,
        "failed": tally.failed,
        "cancelled": tally.cancelled,
        "left": tally.left + tally.running,
        "pictures": tally.pictures,
        "cost_usd": float(tally.cost_usd),
    }


def _table(outcome: BatchOutcome) -> Table:
    table = Table(*("id", "seed", "model", "size", "prompt"), box=box.SIMPLE)
    for record in outcome.records:
        prompt = plain(record.prompt)[:100]
        table.add_row(
            record.id, str(record.seed), record.model, record.resolution, prompt
        )
    return table
