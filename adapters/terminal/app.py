"""The command line: what can be typed, and the action it means.

Typer reads the arguments; each command gives back its action, which main.py carries out.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from adapters.terminal import arguments
from adapters.terminal.actions import Actions
from adapters.terminal.as_typed import AsTyped
from adapters.terminal.audit import add_audit
from adapters.terminal.batches import add_batch
from adapters.terminal.callbacks import add_callbacks
from adapters.terminal.doctor import add_doctor
from adapters.terminal.keeping import add_keeping
from bot.domain.job import JobState
from bot.domain.record import RecordId, Search
from bot.domain.request import MAX_SEED
from bot.domain.text import encodable
from bot.errors import WrongInput

Action = Callable[[], Awaitable[int]]

_Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")]
_Since = Annotated[
    str | None, typer.Option(metavar="DATE", help="From this day or moment on, in UTC.")
]
_Until = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="Up to the end of this day, or this moment."),
]
_Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="PROMPT", show_default=False),
]
_CallbackUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Tell this address what becomes of it."),
]
_FLAGS_HELP = (
    "Takes the flags of chat: --ar 16:9, --seed 42, --model v2, --n 2, --no WORDS … "
    "(README has them all)."
)


def build_app(actions: Actions) -> typer.Typer:
    """Give the command line over *actions*."""
    app = typer.Typer(
        name="ideogram-bot",
        help="Ideogram's pictures in Slack and Discord.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    _add_running(app, actions)
    _add_drawing(app, actions)
    add_batch(app, actions)
    _add_reading(app, actions)
    add_callbacks(app, actions)
    add_audit(app, actions)
    add_keeping(app, actions)
    _add_manifest(app, actions)
    add_doctor(app, actions)
    return app


def _show_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"ideogram-bot {version('ideogram-bot')}")
        raise typer.Exit


def _options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    """Ideogram's pictures in Slack and Discord: run the bot, or work with its records."""


def _add_running(app: typer.Typer, actions: Actions) -> None:
    @app.command(rich_help_panel="Run")
    def run() -> Action:
        """Run Slack, Discord and the web server, as the settings say, until stopped."""
        return actions.run

    @app.command(rich_help_panel="Run")
    def sandbox(
        data: Annotated[
            Path | None,
            typer.Option(
                metavar="DIR", help="Keep records and pictures here (default: nowhere)."
            ),
        ] = None,
    ) -> Action:
        """Try everything without an account: simulated Ideogram and a web chat."""
        return partial(actions.sandbox, data=data)


def _add_drawing(app: typer.Typer, actions: Actions) -> None:
    @app.command(
        cls=AsTyped,
        rich_help_panel="Draw",
        help=f"Draw a picture and wait for it. {_FLAGS_HELP}",
    )
    def imagine(
        words: _Words = None, callback_url: _CallbackUrl = None, json: _Json = False
    ) -> Action:
        text = arguments.to_text(words or [])
        return partial(
            actions.imagine, text=text, callback_url=callback_url, is_json=json
        )

    @app.command(
        cls=AsTyped,
        rich_help_panel="Draw",
        help=f"Draw a kept picture again, with changes if any. {_FLAGS_HELP}",
    )
    def reproduce(
        record: Annotated[str, typer.Argument(metavar="ID")],
        words: _Words = None,
        callback_url: _CallbackUrl = None,
        json: _Json = False,
    ) -> Action:
        if record.startswith("-"):
            raise WrongInput(
                "Name the record first: ideogram-bot reproduce ID [flags]."
            )
        text = arguments.to_text(words or [])
        return partial(
            actions.reproduce,
            record=encodable(record),
            text=text,
            callback_url=callback_url,
            is_json=json,
        )

    @app.command(rich_help_panel="Draw")
    def resize(
        record: Annotated[str, typer.Argument(metavar="ID")],
        formats: Annotated[
            str,
            typer.Option(
                "--format", metavar="F", help="Like instagram,800x600:contain:webp."
            ),
        ],
        json: _Json = False,
    ) -> Action:
        """Make sized copies of a kept picture; nothing is charged."""
        return partial(
            actions.resize,
            record=encodable(record),
            formats=encodable(formats),
            is_json=json,
        )


def _add_reading(app: typer.Typer, actions: Actions) -> None:
    @app.command(rich_help_panel="Look")
    def show(
        record: Annotated[str, typer.Argument(metavar="ID")], json: _Json = False
    ) -> Action:
        """Show one record, whole."""
        return partial(actions.show, record=encodable(record), is_json=json)

    @app.command(rich_help_panel="Look")
    def search(
        words: Annotated[list[str] | None, typer.Argument(metavar="WORDS")] = None,
        *,
        seed: Annotated[
            int | None, typer.Option(metavar="N", min=0, max=MAX_SEED)
        ] = None,
        tag: Annotated[
            list[str] | None, typer.Option(metavar="T", help="May be repeated.")
        ] = None,
        model: Annotated[
            str | None, typer.Option("--model", "-m", metavar="M", help="Like v2.")
        ] = None,
        user: Annotated[
            str | None,
            typer.Option(metavar="U", help="A user's id, as records have it."),
        ] = None,
        channel: Annotated[
            str | None,
            typer.Option(metavar="C", help="A channel's id, as records have it."),
        ] = None,
        since: _Since = None,
        until: _Until = None,
        limit: Annotated[int, typer.Option(metavar="N", min=1, max=1000)] = 20,
        cursor: Annotated[
            str | None, typer.Option(metavar="C", help="The last record seen.")
        ] = None,
        json: _Json = False,
    ) -> Action:
        """Find records by the words of their prompts and more; newest first."""
        search = Search(
            words=" ".join(words) if words else None,
            seed=seed,
            tags=tuple(tag or ()),
            model=model,
            user_id=encodable(user) if user else None,
            channel_id=encodable(channel) if channel else None,
            since=arguments.read_since(since),
            until=arguments.read_until(until),
            limit=limit,
            cursor=RecordId(encodable(cursor)) if cursor else None,
        )
        return partial(actions.search, search=search, is_json=json)

    @app.command(rich_help_panel="Look")
    def jobs(
        state: Annotated[
            JobState | None, typer.Option(metavar="S", help=f"{', '.join(JobState)}.")
        ] = None,
        json: _Json = False,
    ) -> Action:
        """Show jobs and where they stand; newest first."""
        return partial(actions.jobs, state=state, is_json=json)

    @app.command(rich_help_panel="Look")
    def report(
        since: _Since = None,
        until: _Until = None,
        plot: Annotated[
            Path | None,
            typer.Option(metavar="FILE.png", help="Draw it, too, as a picture."),
        ] = None,
        json: _Json = False,
    ) -> Action:
        """Images, bytes and money: by model, user, channel, workspace, style and day."""
        if plot is not None and plot.suffix.lower() != ".png":
            raise WrongInput("A plot is a PNG: name a file that ends in .png.")
        return partial(
            actions.report,
            since=arguments.read_since(since),
            until=arguments.read_until(until),
            plot=plot,
            is_json=json,
        )


def _add_manifest(app: typer.Typer, actions: Actions) -> None:
    @app.command(rich_help_panel="Set up")
    def slack_manifest(
        url: Annotated[
            str | None,
            typer.Option(
                metavar="URL",
                help="The bot's public address, like https://bot.example.com.",
            ),
        ] = None,
        json: _Json = False,  # noqa: ARG001  # it is JSON either way
    ) -> Action:
        """Print the Slack app's manifest: for Socket Mode, or for HTTP with --url."""
        return partial(actions.slack_manifest, url=url)
