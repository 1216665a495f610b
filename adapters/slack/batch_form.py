"""The modal a batch is written in: lines, flags for all of them, or a file. Pure.

https://docs.slack.dev/reference/block-kit/block-elements/file-input-element: it needs the
scope files:read. Its `filetypes` are left out: what a file holds is checked here anyway.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.slack.blocks import Block, plain
from adapters.slack.forms import (
    MAX_INPUT,
    modal,
    read_field,
    read_text,
    short_error,
    text_input,
)
from adapters.slack.origins import write_metadata
from bot.chat.commands import Origin

BATCH = "batch"
_LINES, _FLAGS, _FILE = "lines", "flags", "file"
_NOTHING = "Write a prompt a line, or choose a file."
_BOTH = "Lines and a file: leave one of them out."


def batch_view(origin: Origin) -> Block:
    """Give the modal; its answer comes where it was asked for."""
    url = origin.return_address.get("response_url")
    file: Block = {"type": "file_input", "action_id": _FILE, "max_files": 1}
    return modal(
        BATCH,
        title="Draw a batch",
        submit="Check",
        metadata=write_metadata(origin.place, response_url=url),
        blocks=[
            text_input(
                _LINES,
                "Prompts",
                "",
                is_multiline=True,
                is_optional=True,
                hint=f"One a line, flags behind it; {MAX_INPUT} characters in all.",
            ),
            {
                "type": "input",
                "block_id": _FILE,
                "label": plain("Or a file"),
                "optional": True,
                "hint": plain("Text, CSV with a column prompt, or JSON Lines"),
                "element": file,
            },
            text_input(
                _FLAGS,
                "Flags for all lines",
                "",
                is_optional=True,
                hint="For example --ar 16:9 --campaign spring --delay 5s",
            ),
        ],
    )


def lines_of(view: Mapping[str, Any]) -> str:
    """Give the lines that were written."""
    return read_text(view, _LINES)


def flags_of(view: Mapping[str, Any]) -> str:
    """Give the flags for all lines."""
    return read_text(view, _FLAGS)


def files_of(view: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Give the files that were chosen, as Slack describes them."""
    return tuple(read_field(view, _FILE).get("files") or ())


def missing(view: Mapping[str, Any]) -> dict[str, str] | None:
    """Give the errors of a form that has no lines, or has them twice."""
    has_lines, has_file = bool(lines_of(view)), bool(files_of(view))
    if has_lines != has_file:
        return None
    return {_LINES: _BOTH if has_lines else _NOTHING}


def errors(view: Mapping[str, Any], text: str) -> tuple[dict[str, str], bool]:
    """Give the errors of the form and whether all of *text* is in them."""
    is_about_flags = flags_of(view) and not text.startswith("Line ")
    shown, is_whole = short_error(text)
    return {_FLAGS if is_about_flags else _LINES: shown}, is_whole
