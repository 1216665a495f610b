"""Where the terminal's words go: results to standard output, the rest to standard error.

What strangers typed is shown as plain text: no markup, no control characters.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.text import Text

from adapters.terminal.operations import ShowProgress
from bot.chat.progress import Progress

_WIDE = 10_000  # off a terminal a line is as long as it needs to be


class Screen:
    """Standard output and standard error, each a terminal or not."""

    def __init__(self, *, out: TextIO, err: TextIO, into: TextIO | None = None) -> None:
        self._out = out
        self._into = into
        is_terminal = out.isatty()
        self._results = Console(
            file=out,
            force_terminal=is_terminal,
            width=None if is_terminal else _WIDE,
            markup=False,
            emoji=False,
            highlight=False,
        )
        self._notes = Console(
            file=err,
            force_terminal=err.isatty(),
            markup=False,
            emoji=False,
            highlight=False,
            soft_wrap=True,
        )

    @property
    def out(self) -> TextIO:
        """Give standard output itself, for what is streamed."""
        return self._out

    def show(self, *results: RenderableType) -> None:
        """Print results for people."""
        for result in results:
            self._results.print(result)

    def show_json(self, value: Any) -> None:
        """Print a result for programs."""
        self._out.write(f"{json.dumps(value, ensure_ascii=False, indent=2)}\n")

    def say(self, text: str) -> None:
        """Print a sentence beside the results."""
        self._notes.print(plain(text, keep="\n"))

    @property
    def is_live(self) -> bool:
        """Say whether a line beside the results can change."""
        return self._notes.is_terminal

    def read(self, most: int) -> bytes:
        """Give up to *most* bytes of standard input."""
        return self._into.buffer.read(most) if self._into else b""

    @property
    def can_ask(self) -> bool:
        """Say whether somebody sits there who can answer."""
        return self._into is not None and self._into.isatty()

    def ask(self, question: str) -> bool:
        """Ask a question beside the results; anything but yes is no."""
        self.say(f"{question} [y/N]")
        answer = self._into.readline() if self._into else ""
        return answer.strip().casefold() in {"y", "yes"}

    @contextmanager
    def progress(self) -> Iterator[ShowProgress]:
        """Give what shows progress: one living line on a terminal, else a line each."""
        if not self._notes.is_terminal:
            yield self._line_each()
            return
        with self._notes.status("Starting …") as status:
            yield lambda progress: status.update(Text(plain(progress.text)))

    def _line_each(self) -> ShowProgress:
        last = ""

        def show(progress: Progress) -> None:
            nonlocal last
            if progress.text != last:
                last = progress.text
                self.say(last)

        return show


def plain(text: str, *, keep: str = "") -> str:
    """Give *text* without what would steer a terminal."""
    return "".join(
        character if character.isprintable() or character in keep else " "
        for character in text
    )
