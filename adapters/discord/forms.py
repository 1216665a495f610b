"""The forms, as Discord's modals: what they hold, and what was filled in.

A submitted form says in its `custom_id` what it is about; nothing about it is remembered.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import discord

from bot.chat.commands import Change, Command, Generate, Origin, SubmitBatch
from bot.chat.replies import BatchForm, EditForm, MoreForm, Reply
from bot.domain.record import RecordId
from bot.domain.sizes import NAMED
from bot.domain.text import encodable

LONGEST = 4000  # characters of a text input; components reference
_BATCH = "batch"
_ID = re.compile(r"(edit|more):([0-9a-z]{16}-[0-9]+)")


def form_of(reply: Reply, typed: str | None) -> discord.ui.Modal | None:
    """Give the form that *reply* opens, with the flags *typed* so far; None for none."""
    match reply:
        case EditForm():
            return edit_form(reply)
        case MoreForm():
            return more_form(reply)
        case BatchForm():
            return batch_form(typed or "")
        case _:
            return None


def edit_form(form: EditForm) -> discord.ui.Modal | None:
    """Give the form with prompt and flags; None when the prompt is too long for one."""
    if max(len(form.prompt), len(form.flags)) > LONGEST:
        return None
    modal = _modal("Edit and draw", f"edit:{form.record_id}")
    modal.add_item(
        _text("Prompt", "prompt", form.prompt, style=discord.TextStyle.paragraph)
    )
    return modal.add_item(_text("Flags", "flags", form.flags, is_required=False))


def more_form(form: MoreForm) -> discord.ui.Modal:
    """Give the form to pin, tag, delete and have in other sizes."""
    modal = _modal("More", f"more:{form.record_id}")
    modal.add_item(
        _text("Tags, separated by commas", "tags", form.tags, is_required=False)
    )
    formats: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id="formats",
        placeholder="instagram, 800x600, 1200x1200:contain:jpeg",
        required=False,
        max_length=500,
    )
    modal.add_item(
        discord.ui.Label(
            text="Sized copies, separated by commas",
            description=f"Sizes, or {', '.join(NAMED)}.",
            component=formats,
        )
    )
    modal.add_item(
        discord.ui.Label(
            text="Keep for ever",
            description="Pinned pictures are never swept away.",
            component=discord.ui.Checkbox(custom_id="pinned", default=form.is_pinned),
        )
    )
    if form.can_delete:
        modal.add_item(
            discord.ui.Label(
                text="Delete",
                description="Removes the record and the kept file.",
                component=discord.ui.Checkbox(custom_id="delete"),
            )
        )
    return modal


def batch_form(flags: str) -> discord.ui.Modal:
    """Give the form for the lines of a batch and *flags* for all of them."""
    modal = _modal("Batch", _BATCH)
    lines: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id="lines", style=discord.TextStyle.paragraph, max_length=LONGEST
    )
    modal.add_item(
        discord.ui.Label(
            text="One prompt a line, each with its own flags",
            description=f"At most {LONGEST:,} characters; attach a file for more: "
            "/batch file.",
            component=lines,
        )
    )
    return modal.add_item(
        _text("Flags for every line", "flags", flags[:LONGEST], is_required=False)
    )


def read_form(
    custom_id: str, components: list[dict[str, Any]], origin: Origin
) -> Command | None:
    """Give what a submitted form asks for; None when it is no form of this bot."""
    values = dict(_values(components))
    if custom_id == _BATCH:
        lines = encodable(values.get("lines") or "").encode()
        flags = values.get("flags") or ""
        return SubmitBatch(origin=origin, content=lines, flags=flags)
    found = _ID.fullmatch(custom_id)
    if found is None:
        return None
    if found[1] == "edit":
        text = f"{values.get('prompt', '')} {values.get('flags', '')}"
        return Generate(origin=origin, text=text.strip())
    return _change(RecordId(found[2]), values, origin)


def _change(record: RecordId, values: Mapping[str, Any], origin: Origin) -> Change:
    if values.get("delete"):
        return Change(origin=origin, target=record, is_deleted=True)
    return Change(
        origin=origin,
        target=record,
        is_pinned=bool(values.get("pinned")),
        tags=values.get("tags"),  # an emptied field clears them
        formats=values.get("formats") or "",
    )


def _values(components: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for part in components:
        inner = [*part.get("components", []), *filter(None, [part.get("component")])]
        yield from _values(inner)
        if "custom_id" in part:
            yield part["custom_id"], part.get("value")


def _modal(title: str, custom_id: str) -> discord.ui.Modal:
    modal = discord.ui.Modal(title=title, custom_id=custom_id, timeout=None)
    # The library would wait for this very form; a stopped one it does not keep.
    modal.stop()
    return modal


def _text(
    label: str,
    custom_id: str,
    value: str,
    *,
    style: discord.TextStyle = discord.TextStyle.short,
    is_required: bool = True,
) -> discord.ui.Label[Any]:
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=custom_id,
        style=style,
        default=value or None,
        required=is_required,
        max_length=LONGEST,
    )
    return discord.ui.Label(text=label, component=field)
