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
from adapters.terminal.forgetting import Whom
from adapters.terminal.forms import Format, is_tar
from bot.domain.job import JobState
from bot.domain.people import Platform
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
    _add_keeping(app, actions)
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


def _add_keeping(app: typer.Typer, actions: Actions) -> None:
    @app.command(rich_help_panel="Keep")
    def cleanup(
        older_than: Annotated[
            int | None,
            typer.Option(
                metavar="DAYS",
                min=0,
                max=36500,
                help="0: all that is not pinned (default: RETENTION_DAYS).",
            ),
        ] = None,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Only show what would go.")
        ] = False,
        json: _Json = False,
    ) -> Action:
        """Delete old records and their pictures, now; pinned ones stay."""
        return partial(
            actions.cleanup, older_than_days=older_than, dry_run=dry_run, is_json=json
        )

    @app.command(rich_help_panel="Keep")
    def export(
        form: Annotated[
            Format | None,
            typer.Option(
                "--format", help="Default: jsonl; with --json and no --output: json."
            ),
        ] = None,
        output: Annotated[
            Path | None,
            typer.Option(metavar="FILE", help="Replaced once all is written."),
        ] = None,
        with_files: Annotated[
            bool, typer.Option("--with-files", help="Records and pictures, in one tar.")
        ] = False,
        json: _Json = False,
    ) -> Action:
        """Write every record out, oldest first; cut off, the same command goes on."""
        form = _form(form, output, with_files=with_files, is_json=json)
        return partial(actions.export, form=form, output=output, is_json=json)

    @app.command("import", rich_help_panel="Keep")
    def take_in(
        file: Annotated[Path, typer.Argument(metavar="FILE")],
        form: Annotated[
            Format | None,
            typer.Option("--format", help="Default: what the name ends with."),
        ] = None,
        json: _Json = False,
    ) -> Action:
        """Take an exported file's records in: all of them, or none when a line is wrong."""
        return partial(actions.take_in, file=file, form=form, is_json=json)

    @app.command(rich_help_panel="Keep")
    def backup(
        folder: Annotated[Path, typer.Argument(metavar="DIR")], json: _Json = False
    ) -> Action:
        """Copy records and pictures to a new folder, also while a run is live."""
        return partial(actions.backup, folder=folder, is_json=json)

    @app.command(rich_help_panel="Keep")
    def restore(
        folder: Annotated[Path, typer.Argument(metavar="DIR")], json: _Json = False
    ) -> Action:
        """Put a backup in place, where there is no database yet."""
        return partial(actions.restore, folder=folder, is_json=json)

    @app.command(rich_help_panel="Keep")
    def verify(
        repair: Annotated[
            bool,
            typer.Option(
                "--repair", help="Mark what is lost, put damaged files aside."
            ),
        ] = False,
        json: _Json = False,
    ) -> Action:
        """Compare every kept picture with its record and its checksum."""
        return partial(actions.verify, repair=repair, is_json=json)

    @app.command(rich_help_panel="Keep")
    def forget(
        user: Annotated[str, typer.Option(metavar="U", help="As records have it.")],
        platform: Annotated[
            Platform | None,
            typer.Option(metavar="P", help=f"{', '.join(Platform)}."),
        ] = None,
        workspace: Annotated[
            str | None,
            typer.Option(metavar="W", help="Slack team, Discord server or local."),
        ] = None,
        *,
        anonymise: Annotated[
            bool,
            typer.Option(
                "--anonymise", help="Keep pictures and figures, not person and words."
            ),
        ] = False,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
        output: Annotated[
            Path | None,
            typer.Option(metavar="FILE", help="Keep the receipt here, as JSON."),
        ] = None,
        json: _Json = False,
    ) -> Action:
        """Delete one person's prompts, records, files and jobs, and give a receipt."""
        whom = Whom(
            user=encodable(user),
            platform=platform,
            workspace=encodable(workspace) if workspace else None,
        )
        return partial(
            actions.forget,
            whom=whom,
            is_anonymised=anonymise,
            is_sure=yes,
            output=output,
            is_json=json,
        )

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


def _form(
    form: Format | None, output: Path | None, *, with_files: bool, is_json: bool
) -> Format:
    names_tar = form is None and output is not None and is_tar(output)
    if with_files or names_tar or form is Format.TAR:
        if form not in {None, Format.TAR}:
            raise WrongInput(
                f"Pictures need --format tar, not {form}: leave one of them out."
            )
        if output is None:
            raise WrongInput("Name the tar with --output FILE.tar.")
        return Format.TAR
    if is_json and output is None:
        if form not in {None, Format.JSON}:
            raise WrongInput(
                f"--json prints one JSON array, --format {form} does not: leave one of "
                "them out, or name a file with --output."
            )
        return Format.JSON
    return form or Format.JSONL
