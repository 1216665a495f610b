"""A command whose words, the flags of chat among them, pass through untouched."""

from typing import Any

from typer.core import TyperCommand

from adapters.terminal import arguments


class AsTyped(TyperCommand):
    """Reads its own options alone; what is left goes to the parser of chat."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Hand what is not the terminal's on behind a double dash."""
        ours, theirs = arguments.split_own(args)
        return super().parse_args(ctx, [*ours, "--", *theirs])
