"""The commands that keep records and pictures: clean up, export, back up, check, forget."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from adapters.terminal.actions import Actions
from adapters.terminal.forgetting import Whom
from adapters.terminal.forms import Format, is_tar
from bot.domain.people import Platform
from bot.domain.text import encodable
from bot.errors import WrongInput

Action = Callable[[], Awaitable[int]]

_Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")]


def add_keeping(app: typer.Typer, actions: Actions) -> None:
    """Add the commands to *app*."""

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
                "--format",
                help="Default: what --output ends with, else jsonl; with --json and no "
                "--output: json.",
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
    return form or _named(output) or Format.JSONL


def _named(output: Path | None) -> Format | None:
    """Give the form that the file's name ends with, as import reads it."""
    endings = {form.value: form for form in Format}
    return endings.get(output.suffix.removeprefix(".").lower()) if output else None
