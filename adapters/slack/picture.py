"""The message that shows a job's pictures: prompt, figures, buttons. Pure."""

from collections.abc import Sequence
from pathlib import PurePath

from adapters.slack.blocks import Block, context, picture_actions, section
from adapters.slack.origins import NAME
from adapters.slack.text import cut, escape, escape_within, without_markup
from bot.chat import copies
from bot.chat.actions import buttons
from bot.domain.job import Job
from bot.domain.record import Record
from bot.domain.request import style_word
from bot.ports.chat import Picture

_PROMPT = 1000  # characters shown; the record holds all of them
_TITLE = 120
_ALT_TEXT = 1000  # files.getUploadURLExternal: alt_txt
_CHANGES = 1000


def message_blocks(
    job: Job, pictures: Sequence[Picture], *, is_direct: bool
) -> list[Block]:
    """Give the blocks beside the files of *pictures*, those without a file only counted."""
    shown = [picture.record for picture in pictures if picture.file is not None]
    if job.resizes:
        return _copies_blocks(pictures)
    blocks = [section(escape_within(shown[0].prompt, _PROMPT))]
    blocks += [context(_figures(job, shown, is_direct=is_direct))]
    blocks += [context(line) for line in _remarks(job, pictures, shown)]
    for number, record in enumerate(shown, 1):
        if len(shown) > 1:
            blocks.append(context(f"*{number}*  seed {record.seed}"))
        blocks.append(picture_actions(buttons(record.id)))
    return blocks


def _copies_blocks(pictures: Sequence[Picture]) -> list[Block]:
    """Give the blocks of sized copies; the buttons are below the picture itself."""
    lines = [
        f"{escape(copies.describe(picture.copy))} · of `{escape(picture.record.id)}`"
        for picture in pictures
        if picture.copy
    ]
    return [context(line) for line in lines]


def _figures(job: Job, shown: Sequence[Record], *, is_direct: bool) -> str:
    first = shown[0]
    parts = [f"seed {first.seed}"] if len(shown) == 1 else []
    parts += [first.model, first.resolution]
    if job.request.style_type:
        parts.append(style_word(first.style_type))
    name = job.return_address.get(NAME)
    if name and not is_direct:
        parts.append(f"for {name}")
    return " · ".join(escape(part) for part in parts)


def _remarks(
    job: Job, pictures: Sequence[Picture], shown: Sequence[Record]
) -> list[str]:
    remarks = []
    if job.lineage:
        changes = ", ".join(job.lineage.changes)
        what = f"changed: {changes}" if changes else "drawn again"
        parent = escape(job.lineage.parent_id)
        remarks.append(f"{escape_within(what, _CHANGES)} · from `{parent}`")
    if withheld := len(pictures) - len(shown):
        verb = "was" if withheld == 1 else "were"
        remarks.append(f"{withheld} of {len(pictures)} {verb} withheld by Ideogram")
    return remarks


def file_name(picture: Picture) -> str:
    """Give the name people save the file under."""
    if picture.copy:
        return copies.file_name(picture.record, picture.copy)
    kind = PurePath(picture.file).suffix if picture.file else ""
    return f"{picture.record.id}{kind}"


def title(picture: Picture) -> str:
    """Give the line above a picture."""
    if picture.copy:
        return copies.describe(picture.copy)
    record = picture.record
    return cut(without_markup(record.prompt).replace("\n", " "), _TITLE)


def alt_text(record: Record) -> str:
    """Give what a screen reader says in a picture's place."""
    return cut(without_markup(f"Drawn by Ideogram: {record.prompt}"), _ALT_TEXT)
